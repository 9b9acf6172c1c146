"""Files of weights from strangers: their tensors come out, and nothing of them runs."""

from __future__ import annotations

import argparse
import builtins
import collections
import datetime
import importlib
import io
import os
import pickle
import random
import subprocess
import sys
import tarfile
import types
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tam_viz.models import untrusted
from tam_viz.models.states import WeightsFile, check
from tam_viz.models.untrusted import read_tensors
from tam_viz.types import UserError

WEIGHTS = {"fc.weight": torch.arange(6.0).reshape(2, 3), "fc.bias": torch.tensor([0.5, -1.0])}
FORMATS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])


class Gadget:
    """Pickles as the call of a function."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


def saved(path: Path, data: object, *, zipped: bool = True) -> Path:
    torch.save(data, path, _use_new_zipfile_serialization=zipped)
    return path


def assert_weights(found: WeightsFile) -> None:
    (state,) = [state for state in found.states.values() if set(state) == set(WEIGHTS)]
    for name, tensor in WEIGHTS.items():
        assert torch.equal(state[name], tensor)


@pytest.fixture
def foreign_package() -> Iterator[types.ModuleType]:
    """A package of somebody else, gone when the file is read."""
    module = types.ModuleType("somebodys_training")
    for name, base in (("History", object), ("Settings", dict)):
        made = type(name, (base,), {"__module__": module.__name__})
        setattr(module, name, made)
    sys.modules[module.__name__] = module
    yield module
    sys.modules.pop(module.__name__, None)


@FORMATS
@pytest.mark.parametrize("key", [None, "state_dict", "model", "net"])
def test_weights_come_out(tmp_path: Path, key: str | None, zipped: bool) -> None:
    data = WEIGHTS if key is None else {"epoch": 3, key: collections.OrderedDict(WEIGHTS)}
    found = read_tensors(saved(tmp_path / "a.pth", data, zipped=zipped))
    assert_weights(found)
    assert found.beside == ({} if key is None else {"epoch": 3})


def test_safetensors_come_out(tmp_path: Path) -> None:
    save_file(WEIGHTS, tmp_path / "any name")
    assert_weights(read_tensors(tmp_path / "any name"))


@FORMATS
def test_what_training_leaves_beside_the_weights_is_no_hindrance(
    tmp_path: Path, zipped: bool
) -> None:
    data = {
        "state_dict": WEIGHTS,
        "best_prec1": torch.tensor(45.1),
        "best": np.float64(45.1),
        "curve": np.arange(5.0),
        "args": argparse.Namespace(lr=0.01, gpus=[0, 1]),
        "when": datetime.datetime(2020, 5, 1, tzinfo=datetime.UTC),
        "where": Path("somewhere"),
        "seen": {1, 2},
        "counts": collections.defaultdict(list, {"a": [1]}),
        "optimizer": {"state": {0: {"momentum_buffer": torch.ones(2)}}, "param_groups": [{}]},
    }
    assert_weights(read_tensors(saved(tmp_path / "a.pth.tar", data, zipped=zipped)))


@FORMATS
def test_objects_of_packages_that_are_not_here_are_no_hindrance(
    tmp_path: Path, foreign_package: Any, zipped: bool
) -> None:
    history = foreign_package.History()
    history.log, history.best = np.zeros(3), getattr
    path = saved(tmp_path / "a.pth", {"state_dict": WEIGHTS, "hub": history}, zipped=zipped)
    settings = foreign_package.Settings(model="tsm", clip=foreign_package.Settings(t=8))
    other = saved(tmp_path / "b.pth", {"state_dict": WEIGHTS, "cfg": settings}, zipped=zipped)
    sys.modules.pop(foreign_package.__name__)
    assert_weights(read_tensors(path))
    assert_weights(read_tensors(other))


GADGETS: dict[str, Callable[[Path], Gadget]] = {
    "os.system": lambda mark: Gadget(os.system, f"touch {mark}"),
    "eval": lambda mark: Gadget(eval, f"open({str(mark)!r}, 'w')"),
    "exec": lambda mark: Gadget(exec, f"open({str(mark)!r}, 'w')"),
    "open": lambda mark: Gadget(open, str(mark), "w"),
    "subprocess": lambda mark: Gadget(subprocess.check_call, ["touch", str(mark)]),
    "import": lambda _: Gadget(builtins.__import__, "antigravity"),
    "torch.load": lambda mark: Gadget(torch.load, str(mark)),
    "importlib": lambda _: Gadget(importlib.import_module, "antigravity"),
}
PLACES: dict[str, Callable[[Gadget], object]] = {
    "alone": lambda gadget: gadget,
    "beside": lambda gadget: {"state_dict": WEIGHTS, "arch": gadget},
    "optimizer": lambda gadget: {
        "state_dict": WEIGHTS,
        "optimizer": {"state": {0: {"step": [gadget]}}, "param_groups": [{"lr": gadget}]},
    },
    "as a weight": lambda gadget: {**WEIGHTS, "fc.extra": gadget},
}


@FORMATS
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("gadget", GADGETS)
def test_a_file_made_to_run_code_runs_nothing(
    tmp_path: Path, gadget: str, place: str, zipped: bool
) -> None:
    mark = tmp_path / "it ran"
    path = saved(tmp_path / "a.pth", PLACES[place](GADGETS[gadget](mark)), zipped=zipped)
    with pytest.raises(UserError, match=r"made to run code .* nothing of it has been run"):
        read_tensors(path)
    assert not mark.exists()
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_newer_pickles_run_nothing_either(tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "it ran"
    torch.save(
        {"state_dict": WEIGHTS, "arch": GADGETS["os.system"](mark)},
        tmp_path / "a.pth",
        pickle_protocol=protocol,
    )
    with pytest.raises(UserError, match=r"run code|hides what it names"):
        read_tensors(tmp_path / "a.pth")
    assert not mark.exists()


def test_a_bare_pickle_runs_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "it ran"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        path = tmp_path / f"{protocol}.pth"
        path.write_bytes(pickle.dumps(GADGETS["eval"](mark), protocol=protocol))
        with pytest.raises(UserError):
            read_tensors(path)
    assert not mark.exists()


def test_the_oldest_format_is_refused(tmp_path: Path) -> None:
    """torch.save once wrote tar files; nothing reads those without obeying them."""
    mark = tmp_path / "it ran"
    with tarfile.open(tmp_path / "a.pth.tar", "w") as archive:
        for name in ("sys_info", "pickle", "storages", "tensors"):
            data = pickle.dumps(GADGETS["os.system"](mark), protocol=2)
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    with pytest.raises(UserError, match="not a file of weights"):
        read_tensors(tmp_path / "a.pth.tar")
    assert not mark.exists()


def test_a_second_pickle_in_the_archive_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pth", WEIGHTS)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other/data.pkl", pickle.dumps(Gadget(os.system, "true"), protocol=2))
    with pytest.raises(UserError, match=r"expected one data\.pkl"):
        read_tensors(path)


@FORMATS
def test_a_file_cut_short_is_told(tmp_path: Path, zipped: bool) -> None:
    whole = saved(tmp_path / "a.pth", WEIGHTS, zipped=zipped).read_bytes()
    for share in (0.02, 0.2, 0.5, 0.8, 0.99):
        path = tmp_path / "cut.pth"
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(UserError, match=r"cut\.pth"):
            read_tensors(path)


def test_flipped_bits_are_told_by_the_checksum(tmp_path: Path) -> None:
    weights = {"fc.weight": torch.zeros(1000, 100)}
    whole = bytearray(saved(tmp_path / "a.pth", weights).read_bytes())
    whole[len(whole) // 2] ^= 1
    (tmp_path / "flipped.pth").write_bytes(whole)
    with pytest.raises(UserError, match="checksum"):
        read_tensors(tmp_path / "flipped.pth")


@FORMATS
def test_random_damage_never_gets_further_than_a_sentence(tmp_path: Path, zipped: bool) -> None:
    """Weights or a sentence, never another error; a flip in the old format may go unseen."""
    whole = saved(tmp_path / "a.pth", {"state_dict": WEIGHTS}, zipped=zipped).read_bytes()
    rng = random.Random(0)
    refused = 0
    for trial in range(150):
        damaged = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path = tmp_path / f"{trial}.pth"
        path.write_bytes(damaged)
        try:
            read_tensors(path)
        except UserError:
            refused += 1
    assert refused > 30


@pytest.mark.parametrize("content", [b"", b"x", b"weights, honestly", b"\x89PNG\r\n\x1a\n" * 9])
def test_what_is_no_file_of_weights_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(content)
    with pytest.raises(UserError, match="not a file of weights"):
        read_tensors(path)


def test_a_folder_and_nothing_are_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.pth"):
        with pytest.raises(UserError, match="cannot be read"):
            read_tensors(path)


def test_a_compressed_archive_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", pickle.dumps({}, protocol=2))
        archive.writestr("bomb/data/0", bytes(50_000_000))
    assert path.stat().st_size < 100_000
    with pytest.raises(UserError, match="compressed archive"):
        read_tensors(path)


def _storage_call(numel: int) -> bytes:
    """A legacy file whose one tensor claims `numel` values and has none."""
    main = (
        b"\x80\x02}X\x02\x00\x00\x00fcctorch._utils\n_rebuild_tensor_v2\n(("
        b"X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
        + pickle.LONG1
        + bytes([8])
        + numel.to_bytes(8, "little")
        + b"NtQK\x00"
        + pickle.LONG1
        + bytes([8])
        + numel.to_bytes(8, "little")
        + b"\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtRs."
    )
    magic = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
    facts = pickle.dumps({"protocol_version": 1001, "little_endian": True}, protocol=2)
    return magic + pickle.dumps(1001, protocol=2) + facts + main + pickle.dumps(["0"], protocol=2)


def test_a_tensor_that_claims_too_much_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.pth"
    path.write_bytes(_storage_call(2**40))
    with pytest.raises(UserError, match="claims to hold"):
        read_tensors(path)


def test_a_tensor_larger_than_its_storage_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pth", {"fc.weight": torch.zeros(1).expand(10**6, 10**6)})
    with pytest.raises(UserError, match="more than is stored"):
        check(read_tensors(path).states[""])


@pytest.mark.parametrize(
    "odd",
    [
        torch.eye(3).to_sparse(),
        torch.zeros(2, dtype=torch.complex64),
        torch.tensor([1.0, float("nan")]),
        torch.tensor([float("inf")]),
    ],
)
@pytest.mark.filterwarnings("ignore:.*sparse.*")
def test_tensors_that_are_no_weights_are_named(tmp_path: Path, odd: torch.Tensor) -> None:
    with pytest.raises(UserError, match=r"fc\.odd|cannot be opened"):
        check(read_tensors(saved(tmp_path / "a.pth", {**WEIGHTS, "fc.odd": odd})).states[""])


@pytest.mark.parametrize("data", [{}, [], 3, {"epoch": 1}, {"state_dict": {"a": 1}}, "text"])
def test_a_file_without_weights_is_told(tmp_path: Path, data: object) -> None:
    with pytest.raises(UserError, match="holds no weights by name"):
        read_tensors(saved(tmp_path / "a.pth", data))


def test_a_whole_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no weights|cannot be opened"):
        read_tensors(saved(tmp_path / "a.pth", torch.nn.Linear(2, 2)))


def test_a_file_that_is_too_large_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untrusted, "LIMIT_BYTES", 100)
    with pytest.raises(UserError, match="GiB"):
        read_tensors(saved(tmp_path / "a.pth", WEIGHTS))
