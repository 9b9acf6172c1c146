"""From a file to a checkpoint: whole or not at all, with names of classes, and what to feed it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from tam_viz.experiments.bench.recipe import Recipe
from tam_viz.experiments.bench.train import train
from tam_viz.experiments.import_options import ImportOptions
from tam_viz.experiments.importing import import_weights
from tam_viz.models import cards, checkpoint
from tam_viz.models.engine import LoadedModel, load
from tam_viz.models.net import video_net
from tam_viz.models.published.from_torchvision import TorchvisionNet
from tam_viz.models.published.labels import default_labels, read_labels
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.types import UserError
from tests.published import names
from tests.support.steps import leave


@pytest.fixture
def weights(tmp_path: Path, tiny_model: Callable[..., LoadedModel]) -> Path:
    state = names.under(names.parallel(names.authors_tanet), tiny_model().net.state_dict())
    path = tmp_path / "ckpt.best.pth.tar"
    torch.save({"epoch": 100, "arch": "resnet50", "state_dict": state, "best_prec1": 76.1}, path)
    return path


def lines(path: Path, count: int = 16, *, backwards: bool = False) -> Path:
    rows = [f"doing thing {i:02}" for i in range(count)]
    path.write_text("\n".join(rows[::-1] if backwards else rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.audits
def test_a_checkpoint_is_made_and_used(weights: Path, tmp_path: Path) -> None:
    card, notices = import_weights(weights, "mine", tmp_path / "made")
    assert {p.name for p in (tmp_path / "made").iterdir()} == {"mine"}
    assert {p.name for p in (tmp_path / "made" / "mine").iterdir()} == {
        "audit.json",
        "card.json",
        "model.safetensors",
    }
    again = load(tmp_path / "made" / "mine", "cpu")
    assert again.card == card
    assert card.classes[:2] == ("class 00", "class 01")
    assert any("numbered" in notice for notice in notices)
    assert (card.input.resize, card.input.size, card.input.frames) == (256, 224, 4)
    assert "authors' code" in card.origin
    assert "ckpt.best.pth.tar" in card.origin


def test_what_it_was_trained_to_be_given(
    tmp_path: Path, tiny_model: Callable[..., LoadedModel]
) -> None:
    """FACTS of the code bases: means of mmaction2 in 0 to 255, one value its TANet has alone."""
    for temporal, naming, blue in (
        ("tam", names.mmaction2_tanet, 103.5),
        ("tsm", names.mmaction2_tsm, 103.53),
    ):
        torch.save(names.under(naming, tiny_model(temporal).net.state_dict()), tmp_path / "a.pth")
        card, _ = import_weights(tmp_path / "a.pth", temporal, tmp_path, ImportOptions(frames=4))
        assert card.input.mean == pytest.approx((123.675 / 255, 116.28 / 255, blue / 255))
        assert card.input.std == pytest.approx((58.395 / 255, 57.12 / 255, 57.375 / 255))
        assert card.input.sampling == "uniform"


def test_frames_are_read_from_settings_beside_the_weights(
    tmp_path: Path, tiny_model: Callable[..., LoadedModel]
) -> None:
    state = names.under(names.mmaction2_tsm, tiny_model("tsm").net.state_dict())
    settings = "model = dict(backbone=dict(num_segments = 16, shift_div=8))"
    torch.save({"meta": {"cfg": settings}, "state_dict": state}, tmp_path / "a.pth")
    card, notices = import_weights(tmp_path / "a.pth", "tsm16", tmp_path)
    assert card.input.frames == 16
    assert not any("assumed" in notice for notice in notices)
    card, _ = import_weights(tmp_path / "a.pth", "tsm4", tmp_path, ImportOptions(frames=4))
    assert card.input.frames == 4


@pytest.mark.parametrize(
    "beside",
    [
        {"meta": {"cfg": "model = dict(backbone=dict(shift_div=4, num_segments=8))"}},
        {"meta": {"config": "{'shift_div': 4}"}},
        {"args": {"shift_div": 4}},
        {"hyper_parameters": {"shift_div": 4, "num_segments": 8}},
    ],
)
@pytest.mark.parametrize("block", [False, True])
def test_another_share_of_shifted_channels_is_refused(
    beside: dict[str, Any], block: bool, tmp_path: Path, tiny_model: Callable[..., LoadedModel]
) -> None:
    naming = names.authors_tsn if block else names.authors_tsm
    state = names.under(naming, tiny_model("none" if block else "tsm").net.state_dict())
    if block:
        state = {re.sub(r"(layer\d\.\d\.)", r"\1net.", key): t for key, t in state.items()}
    torch.save({**beside, "state_dict": state}, tmp_path / "a.pth")
    with pytest.raises(UserError, match="shift_div=4"):
        import_weights(tmp_path / "a.pth", "tsm", tmp_path)


@pytest.mark.parametrize("name", ["", "..", "a/b", "../up", ".hidden", "a" * 200, "a\nb"])
def test_a_name_that_is_no_folder_is_refused(weights: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="cannot be the id"):
        import_weights(weights, name, tmp_path / "made")


def test_a_name_that_is_taken_is_refused(weights: Path, tmp_path: Path) -> None:
    import_weights(weights, "mine", tmp_path)
    for name in ("mine", "tanet-motionpairs"):
        with pytest.raises(UserError, match="already"):
            import_weights(weights, name, tmp_path)


def test_two_imports_of_one_name_at_a_time_make_one_checkpoint(
    weights: Path, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(4) as pool:
        root = tmp_path / "made"
        tried = [pool.submit(import_weights, weights, "mine", root) for _ in range(4)]
    failures = [one.exception() for one in tried if one.exception() is not None]
    assert len(failures) == 3
    assert all(isinstance(f, UserError) and "already" in str(f) for f in failures)
    assert [p.name for p in root.iterdir()] == ["mine"]


def test_an_order_of_names_that_are_not_given_is_refused(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="give both"):
        import_weights(weights, "mine", tmp_path / "made", ImportOptions(order="sorted"))


def test_what_mmengine_normalises_with_is_what_the_network_is_given(
    tmp_path: Path, tiny_model: Callable[..., LoadedModel]
) -> None:
    state = names.under(names.mmaction2_tsm, tiny_model("tsm").net.state_dict())
    means = torch.tensor([100.0, 110.0, 120.0]).view(3, 1, 1)
    state["data_preprocessor.mean"] = means
    state["data_preprocessor.std"] = means / 2
    torch.save({"meta": {}, "state_dict": state}, tmp_path / "a.pth")
    card, notices = import_weights(tmp_path / "a.pth", "it", tmp_path, ImportOptions(frames=4))
    assert card.input.mean == pytest.approx((100 / 255, 110 / 255, 120 / 255))
    assert card.input.std == pytest.approx((50 / 255, 55 / 255, 60 / 255))
    assert any("data_preprocessor" in notice for notice in notices)


@pytest.mark.parametrize("option", [{"frames": 4}, {"part": "net"}, {"sampling": "dense"}])
def test_a_run_of_our_own_takes_no_wishes(option: dict[str, Any], tmp_path: Path) -> None:
    recipe = {"depth": 26, "width": 8, "size": 32}
    torch.save(
        {"net": {"a": torch.ones(1)}, "recipe": recipe, "temporal": "tam"}, tmp_path / "t.pt"
    )
    with pytest.raises(UserError, match="give only a name"):
        import_weights(tmp_path / "t.pt", "mine", tmp_path / "made", ImportOptions(**option))


def test_sampling_of_a_network_of_torchvision_is_honoured(tmp_path: Path) -> None:
    torch.save(TorchvisionNet("r3d_18", 16, 3).net.state_dict(), tmp_path / "a.pth")
    card, _ = import_weights(tmp_path / "a.pth", "a", tmp_path, ImportOptions(frames=8))
    assert (card.input.frames, card.input.sampling, card.published) == (8, "interval", None)
    card, _ = import_weights(tmp_path / "a.pth", "b", tmp_path, ImportOptions(sampling="uniform"))
    assert (card.input.frames, card.input.sampling, card.published) == (16, "uniform", None)
    card, _ = import_weights(tmp_path / "a.pth", "c", tmp_path)
    assert card.published is not None


def test_nothing_is_left_of_a_file_that_is_refused(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "made"
    with pytest.raises(UserError, match="names 3 classes and the network has 16"):
        import_weights(weights, "mine", root, ImportOptions(labels=lines(tmp_path / "l.txt", 3)))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(UserError, match="No space left"):
        import_weights(weights, "mine", root)
    assert not root.exists() or not list(root.iterdir())


def test_a_run_of_our_own_training_is_imported(tmp_path: Path) -> None:
    recipe = Recipe(clips=16, batch=8, width=8, size=32)
    run = train("tsm", tmp_path / "run", recipe, device=torch.device("cpu"), save_every=1)
    next(run, None)
    leave(run)
    state = tmp_path / "run" / "training.pt"
    if not state.exists():  # it was finished in one go
        pytest.fail("the run saved no state")
    card, _ = import_weights(state, "half", tmp_path)
    assert card.temporal == "tsm"
    assert card.classes == CLASSES
    assert load(tmp_path / "half", "cpu").card.training["clips"] == 16


def test_labels_one_a_line(tmp_path: Path) -> None:
    path = lines(tmp_path / "labels.csv", 3, backwards=True)
    assert read_labels(path) == ("doing thing 02", "doing thing 01", "doing thing 00")
    assert read_labels(path, "sorted") == ("doing thing 00", "doing thing 01", "doing thing 02")


def test_labels_by_number(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps({"b": "0", "a": "1", "c": 2}))
    assert read_labels(path) == ("b", "a", "c")
    path.write_text(json.dumps(["x", "y"]))
    assert read_labels(path) == ("x", "y")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"one\none\n",
        b'{"a": 1, "b": 3}',
        b'{"a": 0, "b": 0}',
        b'{"a": "x"}',
        b'{"a":',
        b"\xff\xfe\x00ba",
    ],
)
def test_what_is_no_list_of_names_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"labels\.json"):
        read_labels(path)


def test_kinetics_has_its_names() -> None:
    names_, where = default_labels(400)
    assert len(names_) == 400
    assert names_[0] == "abseiling"
    assert names_[-1] == "zumba"
    assert "Kinetics" in where


def test_the_cards_of_the_project_are_not_touched(weights: Path, tmp_path: Path) -> None:
    before = sorted(cards.available())
    import_weights(weights, "elsewhere", tmp_path)
    assert sorted(cards.available()) == before


PROTOCOLS: dict[str, tuple[names.Naming, str, int, dict[str, Any], tuple[Any, ...] | None]] = {
    "authors' TANet, Kinetics": (
        names.authors_tanet,
        "tam",
        400,
        {},
        (10, 3, 256, "dense", "pil", "logits"),
    ),
    "authors' TANet, V2": (
        names.authors_tanet,
        "tam",
        174,
        {},
        (2, 3, 256, "uniform", "pil", "logits"),
    ),
    "authors' TANet, V1": (
        names.authors_tanet,
        "tam",
        174,
        {"data": "Something-Something V1"},
        None,
    ),
    "authors' TSM, dense": (
        names.authors_tsm,
        "tsm",
        400,
        {"sampling": "dense"},
        (10, 1, 224, "dense", "pil", "logits"),
    ),
    "authors' TSM, uniform": (names.authors_tsm, "tsm", 400, {}, None),
    "mmaction2 TANet, Kinetics": (
        names.mmaction2_tanet,
        "tam",
        400,
        {},
        (10, 3, 256, "dense", "opencv", "probabilities"),
    ),
    "mmaction2 TANet, V1": (
        names.mmaction2_tanet,
        "tam",
        174,
        {},
        (2, 3, 256, "twice", "opencv", "probabilities"),
    ),
    "mmaction2 TSM, Kinetics": (
        names.mmaction2_tsm,
        "tsm",
        400,
        {},
        (1, 10, 224, "uniform", "opencv", "probabilities"),
    ),
    "mmaction2 TSM, dense": (
        names.mmaction2_tsm,
        "tsm",
        400,
        {"sampling": "dense"},
        (10, 10, 224, "dense", "opencv", "probabilities"),
    ),
    "mmaction2 TSM, V2": (
        names.mmaction2_tsm,
        "tsm",
        174,
        {},
        (2, 3, 256, "twice", "opencv", "probabilities"),
    ),
    "mmaction2 TSN": (
        names.mmaction2_tsn,
        "none",
        400,
        {},
        (1, 10, 224, "uniform", "opencv", "probabilities"),
    ),
    "ours": (str, "tam", 16, {}, None),
}


@pytest.mark.parametrize("case", PROTOCOLS)
def test_published_protocols(case: str, tmp_path: Path) -> None:
    naming, temporal, classes, options, expected = PROTOCOLS[case]
    net = video_net(temporal, frames=8, classes=classes, layers=(1, 1, 1, 1), width=8)
    torch.save(names.under(naming, net.state_dict()), tmp_path / "a.pth")
    card, _ = import_weights(tmp_path / "a.pth", "it", tmp_path, ImportOptions(frames=8, **options))
    assert cards.read_card(tmp_path / "it").published == card.published
    if expected is None:
        assert card.published is None
        return
    spec = card.published
    assert spec is not None
    found = (spec.views, spec.crops, spec.size, spec.sampling, spec.toolkit, spec.average)
    assert found == expected
    assert (spec.mean, spec.std) == (card.input.mean, card.input.std)
    assert spec.frames == (25 if case == "mmaction2 TSN" else 8)
