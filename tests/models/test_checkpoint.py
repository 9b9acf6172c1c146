"""Checkpoints: written whole, read back the same, refused with a sentence when damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from tam_viz.capture.run import run_tensor
from tam_viz.files import sha256_of
from tam_viz.models import cards, checkpoint
from tam_viz.models.engine import LoadedModel, load, pick_device
from tam_viz.types import UserError
from tests.support.there import there


@pytest.fixture
def saved(tmp_path: Path, tiny_model: Callable[..., LoadedModel]) -> tuple[Path, LoadedModel]:
    loaded = tiny_model()
    folder = tmp_path / "tiny-tam"
    checkpoint.save(folder, loaded.card, loaded.net)
    return folder, loaded


def test_there_and_back(saved: tuple[Path, LoadedModel]) -> None:
    folder, before = saved
    after = load(folder, "cpu")
    assert after.card.input == before.card.input
    assert after.card.classes == before.card.classes
    assert after.block_names == ("layer1.0", "layer2.0", "layer3.0", "layer4.0")
    x = torch.randn(1, 3, 4, 32, 32)
    torch.testing.assert_close(after.net(x), before.net(x), rtol=0.02, atol=0.02)  # half precision
    assert not after.net.training
    assert {p.dtype for p in after.net.parameters()} == {torch.float32}


def test_options_of_the_module_come_back(
    tmp_path: Path, tiny_model: Callable[..., LoadedModel]
) -> None:
    before = tiny_model(options={"taps": 5, "alpha": 3, "beta": 2})
    checkpoint.save(tmp_path / "five", before.card, before.net)
    after = load(tmp_path / "five", "cpu")
    done = run_tensor(after, torch.randn(4, 3, 32, 32))
    assert done.tam["layer3.0"].kernel.shape == (32, 5)
    assert after.net.get_submodule("layer1.0.temporal.G.0").weight.shape == (12, 4)
    assert after.net.get_submodule("layer1.0.temporal.L.0").weight.shape == (4, 8, 3)


def test_one_bad_card_does_not_hide_the_others(
    saved: tuple[Path, LoadedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = saved[0].parent / "bad"
    bad.mkdir()
    (bad / cards.CARD).write_text("{}")
    monkeypatch.setenv("TAM_VIZ_CHECKPOINTS", str(saved[0].parent))
    found, problems = cards.read_all()
    assert "tiny-tam" in found
    assert "bad" not in found
    assert len(problems) == 1


def test_the_name_of_the_folder_is_the_id(saved: tuple[Path, LoadedModel]) -> None:
    folder = saved[0].rename(saved[0].with_name("another"))
    assert load(folder, "cpu").card.id == "another"


def test_further_folders_from_the_environment(
    saved: tuple[Path, LoadedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAM_VIZ_CHECKPOINTS", str(saved[0].parent))
    assert cards.available()["tiny-tam"] == saved[0]
    assert load("tiny-tam", "cpu").card.temporal == "tam"


def test_an_unknown_id_is_told_which_there_are() -> None:
    with pytest.raises(UserError, match=r"no checkpoint 'nothing'.*tanet-motionpairs"):
        load("nothing", "cpu")


def test_changed_weights_are_refused(saved: tuple[Path, LoadedModel]) -> None:
    path = saved[0] / checkpoint.WEIGHTS
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="SHA-256 differs"):
        load(saved[0], "cpu")


def test_missing_weights(saved: tuple[Path, LoadedModel]) -> None:
    (saved[0] / checkpoint.WEIGHTS).unlink()
    with pytest.raises(UserError, match=r"no model\.safetensors"):
        load(saved[0], "cpu")


def _with_hash(folder: Path) -> None:
    """Makes the card agree with whatever the weights are now."""
    card = json.loads((folder / cards.CARD).read_text())
    card["sha256"] = sha256_of(folder / checkpoint.WEIGHTS)
    (folder / cards.CARD).write_text(json.dumps(card))


def test_weights_that_do_not_fit_are_named(saved: tuple[Path, LoadedModel]) -> None:
    path = saved[0] / checkpoint.WEIGHTS
    state = load_file(path)
    state.pop("fc.bias")
    state["spare"] = torch.zeros(1)
    save_file(state, path)
    _with_hash(saved[0])
    with pytest.raises(UserError, match=r"missing fc\.bias; unexpected spare\."):
        load(saved[0], "cpu")


def test_what_half_precision_does_not_hold_is_kept_all_the_same(
    tmp_path: Path, tiny_model: Callable[..., LoadedModel]
) -> None:
    before = tiny_model()
    norm = before.net.get_submodule("layer2.0.bn2")
    assert isinstance(norm, nn.BatchNorm2d)
    norm.running_var = torch.full_like(there(norm.running_var), 3e5)
    norm.weight.data.fill_(500.0)
    checkpoint.save(tmp_path / "large", before.card, before.net)
    state = load_file(tmp_path / "large" / checkpoint.WEIGHTS)
    assert {n for n, t in state.items() if t.dtype == torch.float32} == {"layer2.0.bn2.running_var"}
    after = load(tmp_path / "large", "cpu")
    x = torch.randn(1, 3, 4, 32, 32)
    torch.testing.assert_close(after.net(x), before.net(x), rtol=0.02, atol=0.02)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_weights_that_are_not_finite_are_named(
    saved: tuple[Path, LoadedModel], value: float
) -> None:
    path = saved[0] / checkpoint.WEIGHTS
    state = load_file(path)
    state["layer2.0.bn2.running_var"][3] = value
    save_file(state, path)
    _with_hash(saved[0])
    with pytest.raises(UserError, match=r"running_var has values that are not finite.*model\.saf"):
        load(saved[0], "cpu")


def test_a_pickle_is_not_opened(saved: tuple[Path, LoadedModel], tmp_path: Path) -> None:
    trap = tmp_path / "sprung"

    class Gadget:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return (Path.touch, (trap,))

    torch.save({"state_dict": Gadget()}, saved[0] / checkpoint.WEIGHTS)
    _with_hash(saved[0])
    with pytest.raises(UserError, match="not a safetensors file"):
        load(saved[0], "cpu")
    assert not trap.exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"layers": [1, 2]}', "\x00"])
def test_a_card_that_is_none(saved: tuple[Path, LoadedModel], content: str) -> None:
    (saved[0] / cards.CARD).write_text(content)
    with pytest.raises(UserError, match="is not the card of a checkpoint"):
        load(saved[0], "cpu")


def test_a_card_with_a_wrong_value_names_it(saved: tuple[Path, LoadedModel]) -> None:
    path = saved[0] / cards.CARD
    card = json.loads(path.read_text())
    for field, value in (("width", "wide"), ("layers", [1, 2, 3]), ("classes", 16)):
        path.write_text(json.dumps({**card, field: value}))
        with pytest.raises(UserError, match=rf"is not the card of a checkpoint \({field}"):
            load(saved[0], "cpu")
    path.write_text(json.dumps({**card, "input": {**card["input"], "sampling": "sideways"}}))
    with pytest.raises(UserError, match=r"\(input.sampling: Input should be 'uniform'"):
        load(saved[0], "cpu")


def test_devices() -> None:
    assert pick_device("cpu").type == "cpu"
    assert pick_device("auto").type in ("cpu", "cuda", "mps")
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="no cuda device"):
            pick_device("cuda")
