"""References are over clips of the network's own kind, and say over what."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tam_viz.capture.run import run
from tam_viz.experiments import kinds
from tam_viz.experiments.studies import kept, reference
from tam_viz.experiments.studies import untrained as studied
from tam_viz.experiments.studies.reference import mean_over, traces_over
from tam_viz.experiments.studies.untrained import fit_untrained, untrained
from tam_viz.models import cards
from tam_viz.models.engine import LoadedModel, load
from tam_viz.models.net import VideoNet
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.types import Card, Clip, InputSpec, Metric, TAMTrace, UserError
from tam_viz.video.library import VideoFile
from tests.support.steps import last


@pytest.fixture
def foreign(tiny_model: Callable[..., LoadedModel]) -> Callable[[], Card]:
    """The card of a network that knows other things than MotionPairs."""
    return lambda: dataclasses.replace(tiny_model().card, classes=("abseiling", "arm wrestling"))


def departure(trace: TAMTrace) -> float:
    """Root mean square of V about the mean of each channel over time."""
    values = [b.importance - b.importance.mean(1, keepdims=True) for b in trace.blocks]
    return float(np.sqrt(np.mean(np.concatenate([v.ravel() for v in values]) ** 2)))


def test_what_a_network_was_trained_on_is_what_its_card_holds(foreign: Callable[[], Card]) -> None:
    assert kinds.trained_on(cards.read_card(cards.find("tanet-motionpairs"))) == "MotionPairs"
    stated = Metric("published_top1", 0.76, "Kinetics-400, as stated by MCG-NJU: one view")
    published = dataclasses.replace(foreign(), id="motionpairs", metrics=(stated,))
    assert kinds.trained_on(published) == "Kinetics-400"  # whatever it is called
    assert "2 classes" in kinds.trained_on(foreign())


def test_a_network_that_knows_motionpairs_is_held_against_motionpairs(
    tiny_model: Callable[..., LoadedModel], videos: Path
) -> None:
    mine = [VideoFile(f"{i}.mp4", videos / "recedes_1.mp4") for i in range(20)]
    basis = kinds.basis_of(tiny_model().card, [DrawnClip(2, 3)], mine)
    assert basis.over(basis.count) == "64 MotionPairs clips"
    expected = [draw_clip(tiny_model().card.input, 0, i, "train") for i in range(64)]
    assert list(basis.clips()) == expected


def test_any_other_network_is_held_against_the_visitors_own_videos(
    foreign: Callable[[], Card], videos: Path
) -> None:
    mine = [VideoFile(f"{i}.mp4", videos / "recedes_1.mp4") for i in range(20)]
    basis = kinds.basis_of(foreign(), [DrawnClip(2, 3)], mine)
    assert basis.over(basis.count) == "16 videos of yours"
    assert len({clip.source for clip in basis.clips()}) == 16
    other = kinds.basis_of(foreign(), [DrawnClip(2, 3)], mine[4:])
    assert other.key != basis.key


def test_with_few_videos_it_is_held_against_views_of_what_is_looked_at(
    foreign: Callable[[], Card], videos: Path
) -> None:
    wide = InputSpec(frames=4, resize=48, size=32)
    card = dataclasses.replace(foreign(), input=wide)
    looked_at = VideoFile("holiday.mp4", videos / "recedes_1.mp4")
    basis = kinds.basis_of(card, [looked_at], [looked_at])
    assert basis.over(basis.count) == "9 views of holiday.mp4"
    clips = list(basis.clips())
    assert len(clips) == 9
    assert len({clip.frames.tobytes() for clip in clips}) > 3
    two = kinds.basis_of(card, [looked_at, VideoFile("b.mp4", looked_at.path)], [])
    assert two.over(two.count) == "18 views of holiday.mp4 and b.mp4"
    assert len(list(two.clips())) == 18


def test_no_motionpairs_clip_is_drawn_for_a_network_of_another_kind(
    foreign: Callable[[], Card], videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(*_: object) -> None:
        raise AssertionError("a MotionPairs clip")

    monkeypatch.setattr(kinds, "draw_clip", drawn)
    basis = kinds.basis_of(foreign(), [VideoFile("a.mp4", videos / "recedes_1.mp4")], [])
    assert list(basis.clips())


def test_a_video_that_cannot_be_read_is_left_out_and_not_counted(
    tiny_model: Callable[..., LoadedModel],
    foreign: Callable[[], Card],
    videos: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    good = [VideoFile(f"{i}.mp4", videos / "recedes_1.mp4") for i in range(9)]
    basis = kinds.of_videos(
        [*good, VideoFile("broken.mp4", tmp_path / "broken.mp4")], foreign().input
    )
    assert last(mean_over(tiny_model(), basis)).over == "9 videos of yours"
    assert last(fit_untrained(tiny_model(), basis)).over == "9 videos of yours"
    none = kinds.of_videos([VideoFile("broken.mp4", tmp_path / "broken.mp4")], foreign().input)
    for steps in (mean_over, fit_untrained):
        with pytest.raises(UserError, match="can be read"):
            list(steps(tiny_model(), none))


def test_the_mean_is_the_mean_of_the_traces(tiny_model: Callable[..., LoadedModel]) -> None:
    loaded = tiny_model()
    basis = kinds.motionpairs(loaded.card.input, 3)
    traces = [run(loaded, clip).tam for clip in basis.clips()]
    found = last(mean_over(loaded, basis))
    assert found.over == "3 MotionPairs clips"
    for block in found.trace.blocks:
        expected = np.mean([t[block.name].importance for t in traces], axis=0)
        np.testing.assert_allclose(block.importance, expected, atol=1e-6)
        expected = np.mean([t[block.name].kernel for t in traces], axis=0)
        np.testing.assert_allclose(block.kernel, expected, atol=1e-6)


def test_batch_norms_of_the_right_kind_keep_the_untrained_network_from_saturating(
    tiny_model: Callable[..., LoadedModel], videos: Path
) -> None:
    """Fitted to what is looked at V departs little; fitted to another kind of clip it saturates."""
    loaded = tiny_model(spec=InputSpec(frames=8, resize=64, size=64))
    spec = loaded.card.input
    source = VideoFile("holiday.mp4", videos / "recedes_1.mp4")
    clip = source.read(spec)
    still = dataclasses.replace(clip, frames=np.repeat(clip.frames[:1], 8, axis=0))
    flat = kinds.Basis("flat", "still frames", 8, lambda: iter([still] * 8))
    own = departure(run(untrained(loaded, kinds.of_views([source], spec)), clip).tam)
    strange = departure(run(untrained(loaded, flat), clip).tam)
    assert own < 0.15
    assert strange > 1.5 * own


def counted(clips: Sequence[Clip], *, drawn: bool = False) -> tuple[kinds.Basis, list[int]]:
    read: list[int] = []

    def start() -> Iterator[Clip]:
        for number, clip in enumerate(clips):
            read.append(number)
            yield clip

    return kinds.Basis("some", "clips", len(clips), start, drawn), read


@pytest.fixture(autouse=True)
def cache_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAM_VIZ_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept" / "references"


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Clips that batch norms were shown."""
    seen: list[int] = []
    ordinary = studied._small

    def small(net: VideoNet, x: Tensor) -> Tensor:
        seen.append(len(x))
        return ordinary(net, x)

    monkeypatch.setattr(studied, "_small", small)
    return seen


def test_batch_norms_are_fitted_once_to_the_same_clips(
    tiny_model: Callable[..., LoadedModel],
    tiny_clip: Callable[..., Clip],
    cache_files: Path,
    passes: list[int],
) -> None:
    loaded, probe = tiny_model(), tiny_clip(9)
    basis, _ = counted([tiny_clip(i) for i in range(5)])
    first = run(untrained(loaded, basis), probe)
    assert passes == [5]
    assert len(list(cache_files.glob("*.safetensors"))) == 1
    second = run(untrained(loaded, dataclasses.replace(basis, key="of another name")), probe)
    assert passes == [5]
    assert (first.prediction.logits == second.prediction.logits).all()
    other, _ = counted([tiny_clip(i) for i in range(1, 6)])
    assert last(fit_untrained(loaded, dataclasses.replace(other, says="others"))).over == "5 others"
    untrained(tiny_model("tam", options={"taps": 5}), basis)
    assert passes == [5, 5, 5]


def test_what_is_kept_and_damaged_is_made_anew(
    tiny_model: Callable[..., LoadedModel],
    tiny_clip: Callable[..., Clip],
    cache_files: Path,
    passes: list[int],
) -> None:
    loaded = tiny_model()
    basis, _ = counted([tiny_clip(i) for i in range(3)])
    first = run(untrained(loaded, basis), tiny_clip(9)).prediction.logits
    (file,) = cache_files.glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:100])
    second = run(untrained(loaded, basis), tiny_clip(9)).prediction.logits
    assert passes == [3, 3]
    assert (first == second).all()


def test_a_folder_that_cannot_be_written_to_keeps_nothing(
    tiny_model: Callable[..., LoadedModel],
    tiny_clip: Callable[..., Clip],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TAM_VIZ_CACHE", str(tmp_path / "file"))
    basis, _ = counted([tiny_clip(i) for i in range(3)])
    assert last(fit_untrained(tiny_model(), basis)).over == "3 clips"


def test_the_longest_unused_go_first(cache_files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 9000)
    for name in ("a", "b"):
        kept.keep(name, {"x": torch.zeros(1000)})
    assert kept.recall("a") is not None  # now b is the longest unused
    kept.keep("c", {"x": torch.zeros(1000)})
    assert sorted(path.stem for path in cache_files.glob("*.safetensors")) == ["a", "c"]


def test_the_untrained_network_has_no_batch_norm_left_and_says_the_same(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    loaded = tiny_model()
    net = untrained(loaded).net
    assert not any(isinstance(m, nn.BatchNorm2d | nn.BatchNorm1d) for m in net.modules())


def test_large_frames_are_halved_for_networks_that_take_any_size(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    x = torch.randn(1, 3, 4, 224, 224)
    small = studied._small(tiny_model().net, x)
    assert small.shape == (1, 3, 4, 112, 112)
    assert small[0, 0, 0, 0, 0] == pytest.approx(float(x[0, 0, 0, :2, :2].mean()), abs=1e-6)
    assert studied._small(tiny_model().net, x[..., :64, :64]).shape[-1] == 64
    assert studied._small(tiny_model("slowfast").net, x).shape[-1] == 224


def test_the_mean_over_clips_is_kept_by_the_weights_and_what_the_clips_show(
    tiny_model: Callable[..., LoadedModel],
    tiny_clip: Callable[..., Clip],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = tiny_model()
    loaded = dataclasses.replace(loaded, card=dataclasses.replace(loaded.card, sha256="of these"))
    basis, _ = counted([tiny_clip(i) for i in range(5)])
    first = last(traces_over(loaded, basis))
    for i, trace in enumerate(first.traces):
        alone = run(loaded, tiny_clip(i)).tam
        for block in alone.blocks:
            np.testing.assert_allclose(trace[block.name].importance, block.importance, atol=1e-5)
            np.testing.assert_allclose(trace[block.name].kernel, block.kernel, atol=1e-5)
    monkeypatch.setattr(reference, "run_many", lambda *_: pytest.fail("it is kept"))
    second = last(traces_over(loaded, basis))
    assert (second.labels, second.over) == (first.labels, first.over)
    for one, other in zip(first.traces, second.traces, strict=True):
        for a, b in zip(one.blocks, other.blocks, strict=True):
            assert (a.importance == b.importance).all()
            assert (a.kernel == b.kernel).all()
    monkeypatch.undo()


def test_drawn_clips_are_not_drawn_again_for_what_is_kept(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> None:
    loaded = tiny_model()
    loaded = dataclasses.replace(loaded, card=dataclasses.replace(loaded.card, sha256="of these"))
    basis, read = counted([tiny_clip(i) for i in range(5)], drawn=True)
    both: tuple[Callable[..., Iterable[Any]], ...] = (traces_over, fit_untrained)
    for steps in both:
        read.clear()
        first = last(steps(loaded, basis))
        assert read == [0, *range(5)]
        read.clear()
        second = last(steps(loaded, basis))
        assert read == [0]  # that the generator draws what it drew
        assert first.over == second.over == "5 clips"


def test_networks_with_the_same_weights_that_do_other_things_keep_other_norms(
    tiny_model: Callable[..., LoadedModel],
    tiny_clip: Callable[..., Clip],
    passes: list[int],
) -> None:
    basis, _ = counted([tiny_clip(i) for i in range(4)])
    for temporal in ("none", "tsm", "pool"):  # none of them adds weights
        loaded = tiny_model(temporal)
        assert last(fit_untrained(loaded, basis)).network.card.temporal == temporal
    assert passes == [4, 4, 4]


def test_what_is_shipped_is_what_would_be_computed(
    cache_files: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded = load("tanet-motionpairs", "cpu")
    with_it = run(untrained(loaded), draw_clip(loaded.card.input, 5, 0, "test"))
    assert not list(cache_files.glob("*"))  # nothing was computed
    monkeypatch.setattr(kept, "SHIPPED", tmp_path / "none")
    without = run(untrained(loaded), draw_clip(loaded.card.input, 5, 0, "test"))
    assert len(list(cache_files.glob("*.safetensors"))) == 1
    np.testing.assert_allclose(
        with_it.prediction.logits, without.prediction.logits, rtol=1e-3, atol=1e-4
    )
