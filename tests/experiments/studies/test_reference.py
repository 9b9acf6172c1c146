"""References are over clips of the network's own kind, and say over what."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tam_viz.capture.run import run
from tam_viz.experiments.studies import kinds
from tam_viz.experiments.studies.reference import fit_untrained, mean_over, untrained
from tam_viz.models import cards
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.types import Card, InputSpec, Metric, TAMTrace, UserError
from tam_viz.video.library import VideoFile


@pytest.fixture
def foreign(tiny_model) -> Callable[[], Card]:
    """The card of a network that knows other things than MotionPairs."""
    return lambda: dataclasses.replace(tiny_model().card, classes=("abseiling", "arm wrestling"))


def last(steps):
    *_, (_, _, found) = steps
    return found


def departure(trace: TAMTrace) -> float:
    """Root mean square of V about the mean of each channel over time."""
    values = [b.importance - b.importance.mean(1, keepdims=True) for b in trace.blocks]
    return float(np.sqrt(np.mean(np.concatenate([v.ravel() for v in values]) ** 2)))


def test_what_a_network_was_trained_on_is_what_its_card_holds(foreign) -> None:
    assert kinds.trained_on(cards.read_card(cards.find("tanet-motionpairs"))) == "MotionPairs"
    stated = Metric("published_top1", 0.76, "Kinetics-400, as stated by MCG-NJU: one view")
    published = dataclasses.replace(foreign(), id="motionpairs", metrics=(stated,))
    assert kinds.trained_on(published) == "Kinetics-400"  # whatever it is called
    assert "2 classes" in kinds.trained_on(foreign())


def test_a_network_that_knows_motionpairs_is_held_against_motionpairs(
    tiny_model, videos: Path
) -> None:
    mine = [VideoFile(f"{i}.mp4", videos / "recedes_1.mp4") for i in range(20)]
    basis = kinds.basis_of(tiny_model().card, [DrawnClip(2, 3)], mine)
    assert basis.over(basis.count) == "64 MotionPairs clips"
    expected = [draw_clip(tiny_model().card.input, 0, i, "train") for i in range(64)]
    assert list(basis.clips()) == expected


def test_any_other_network_is_held_against_the_visitors_own_videos(foreign, videos: Path) -> None:
    mine = [VideoFile(f"{i}.mp4", videos / "recedes_1.mp4") for i in range(20)]
    basis = kinds.basis_of(foreign(), [DrawnClip(2, 3)], mine)
    assert basis.over(basis.count) == "16 videos of yours"
    assert len({clip.source for clip in basis.clips()}) == 16
    other = kinds.basis_of(foreign(), [DrawnClip(2, 3)], mine[4:])
    assert other.key != basis.key


def test_with_few_videos_it_is_held_against_views_of_what_is_looked_at(
    foreign, videos: Path
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
    foreign, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(*_: object) -> None:
        raise AssertionError("a MotionPairs clip")

    monkeypatch.setattr(kinds, "draw_clip", drawn)
    basis = kinds.basis_of(foreign(), [VideoFile("a.mp4", videos / "recedes_1.mp4")], [])
    assert list(basis.clips())


def test_a_video_that_cannot_be_read_is_left_out_and_not_counted(
    tiny_model, foreign, videos: Path, tmp_path: Path
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


def test_the_mean_is_the_mean_of_the_traces(tiny_model) -> None:
    loaded = tiny_model()
    basis = kinds.motionpairs(loaded.card.input, 3)
    traces = [run(loaded, clip).trace for clip in basis.clips()]
    found = last(mean_over(loaded, basis))
    assert found.over == "3 MotionPairs clips"
    for block in found.trace.blocks:
        expected = sum(t[block.name].importance for t in traces) / 3
        np.testing.assert_allclose(block.importance, expected, atol=1e-6)
        expected = sum(t[block.name].kernel for t in traces) / 3
        np.testing.assert_allclose(block.kernel, expected, atol=1e-6)


def test_batch_norms_of_the_right_kind_keep_the_untrained_network_from_saturating(
    tiny_model, videos: Path
) -> None:
    """Fitted to what is looked at V departs little; fitted to another kind of clip it saturates."""
    loaded = tiny_model(spec=InputSpec(frames=8, resize=64, size=64))
    spec = loaded.card.input
    source = VideoFile("holiday.mp4", videos / "recedes_1.mp4")
    clip = source.read(spec)
    still = dataclasses.replace(clip, frames=np.repeat(clip.frames[:1], 8, axis=0))
    flat = kinds.Basis("flat", "still frames", 8, lambda: iter([still] * 8))
    own = departure(run(untrained(loaded, kinds.of_views([source], spec)), clip).trace)
    strange = departure(run(untrained(loaded, flat), clip).trace)
    assert own < 0.15
    assert strange > 1.5 * own
