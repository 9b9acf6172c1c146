"""The same frames in another order: which ones, at which times, under which name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tam_viz.types import Clip, InputSpec, UserError
from tam_viz.video.tempo import TEMPI, retimed

Make = Callable[..., Clip]
EIGHT = InputSpec(8, 32, 32)


def order(clip: Clip, name: str, chosen: int = 0) -> list[int]:
    """Which frames are shown, told by their pixels."""
    shown = retimed(clip, name, chosen)
    return [int(np.flatnonzero((clip.frames == f).all((1, 2, 3)))[0]) for f in shown.frames]


def test_what_is_shown(tiny_clip: Make) -> None:
    clip = tiny_clip(spec=EIGHT)
    assert order(clip, "reversed") == [7, 6, 5, 4, 3, 2, 1, 0]
    assert order(clip, "frozen", 3) == [3] * 8
    assert order(clip, "half") == [2, 2, 3, 3, 4, 4, 5, 5]
    assert order(clip, "double") == [0, 2, 4, 6, 7, 7, 7, 7]
    assert sorted(order(clip, "shuffled")) == list(range(8))


@pytest.mark.parametrize("frames", [1, 2, 3, 5, 8, 16, 25])
@pytest.mark.parametrize("name", TEMPI)
def test_any_length_keeps_its_length(name: str, frames: int) -> None:
    shown = TEMPI[name].order(frames, frames - 1)
    assert shown.shape == (frames,)
    assert set(shown.tolist()) <= set(range(frames))
    if name in ("reversed", "shuffled"):
        assert sorted(shown.tolist()) == list(range(frames))
        assert frames == 1 or shown.tolist() != list(range(frames))


def test_shuffling_is_the_same_every_time(tiny_clip: Make) -> None:
    clip = tiny_clip(spec=EIGHT)
    assert order(clip, "shuffled") == order(clip, "shuffled")


def test_backwards_twice_is_the_clip(tiny_clip: Make) -> None:
    clip = tiny_clip(spec=EIGHT)
    assert (retimed(retimed(clip, "reversed"), "reversed").frames == clip.frames).all()


@pytest.mark.parametrize("name", TEMPI)
def test_times_and_indices_go_with_their_frames(name: str, tiny_clip: Make) -> None:
    clip = tiny_clip(spec=EIGHT)
    shown = order(clip, name, 2)
    made = retimed(clip, name, 2)
    assert (made.frame_indices == clip.frame_indices[shown]).all()
    assert (made.times_s == clip.times_s[shown]).all()
    assert (made.truth, made.duration_s) == (clip.truth, clip.duration_s)
    assert made.source == f"clip 0, {TEMPI[name].says}"


def test_no_two_ways_are_called_alike(tiny_clip: Make) -> None:
    clip = tiny_clip(spec=EIGHT)
    made = [clip, *(retimed(clip, name) for name in TEMPI), retimed(clip, "frozen", 1)]
    assert len({one.id for one in made}) == len(made)
    assert len({one.source for one in made[:-1]}) == len(made) - 1


def test_the_clip_itself_is_left_alone(tiny_clip: Make) -> None:
    clip = tiny_clip(spec=EIGHT)
    before = clip.frames.copy()
    for name in TEMPI:
        retimed(clip, name)
    assert (clip.frames == before).all()


@pytest.mark.parametrize(
    ("name", "chosen", "said"),
    [
        ("sideways", 0, "choose one of reversed"),
        ("frozen", 8, "frames 1 to 8; there is no frame 9"),
        ("half", -1, "frames 1 to 8; there is no frame 0"),
    ],
)
def test_what_cannot_be_is_told(name: str, chosen: int, said: str, tiny_clip: Make) -> None:
    with pytest.raises(UserError, match=said):
        retimed(tiny_clip(spec=EIGHT), name, chosen)
