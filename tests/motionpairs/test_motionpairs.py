"""MotionPairs: deterministic, mirrored in time, balanced, and true to what it says of itself."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections import Counter
from typing import get_args

import numpy as np
import pytest

from tam_viz.motionpairs import textures
from tam_viz.motionpairs.dataset import batch, clip, middle_moments, truths, video
from tam_viz.motionpairs.motions import CLASSES, MOTIONS, Track, reversed_label
from tam_viz.motionpairs.render import render
from tam_viz.motionpairs.scene import FPS, Scene, Split, draw_scene, level_of, shift_of
from tam_viz.types import InputSpec, UserError
from tests.support.there import there

every_class = pytest.mark.parametrize("label", range(len(CLASSES)), ids=CLASSES)
U = middle_moments(8)
SMALLEST = (0.125, 0.125, 0.085, 0.24, 0.1, 0.1, 0.11, 0.125)
"""Smallest half size of what moves in training, by pair of classes."""
SPLITS: tuple[Split, ...] = get_args(Split)


def moving(scene: Scene) -> np.ndarray:
    """Poses (8, 4) of what moves through the whole event, as it is shown; camera left out."""
    track = max((t for t in scene.tracks if not t.drifts), key=lambda t: len(t.poses))
    phase = np.linspace(0, 1, 8)
    return track.at(1 - phase if scene.backwards else phase)


def test_sixteen_classes_in_eight_pairs() -> None:
    assert len(CLASSES) == len(set(CLASSES)) == 16
    assert len(MOTIONS) == 8


def test_the_same_seed_gives_the_same_pixels() -> None:
    clips, labels = batch(2, 0, 32, split="test")
    again, _ = batch(2, 0, 32, split="test")
    assert (clips == again).all()
    assert (labels == np.arange(32) % 16).all()
    other, _ = batch(3, 0, 32, split="test")
    assert (clips != other).any()


def test_the_test_scenes_are_pinned() -> None:
    """Numbers in the cards and in the README are of these scenes and no others."""
    scenes = [draw_scene(2, i, i % 16, "test") for i in range(64)]
    assert fingerprint(scenes) == "316df0a0da3f5d52"


def fingerprint(scenes: list[Scene]) -> str:
    said = ";".join(
        f"{s.truth.label},{there(s.truth.generation).speed:.9f},{s.event[0]:.9f},{s.pan[0]:.9f}"
        for s in scenes
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def test_splits_share_no_scene_and_no_texture() -> None:
    scenes = [draw_scene(0, 0, 0, split) for split in SPLITS]
    assert len({scene.event for scene in scenes}) == 4
    assert len({scene.pool for scene in scenes}) == 4
    sprites = [textures.sprite(scene.pool, 0).tobytes() for scene in scenes]
    assert len(set(sprites)) == 4


@every_class
def test_a_class_played_backwards_is_what_it_says(label: int) -> None:
    """Frame for frame, the reversal of a scene is the same scene told the other way round."""
    scene = draw_scene(1, label, label, "test")
    still = dataclasses.replace(scene, flicker=0.0, noise=0.0)
    told_otherwise = dataclasses.replace(still, backwards=not still.backwards)
    forwards, backwards = render(still, U, 48), render(told_otherwise, U, 48)
    assert (forwards == backwards[::-1]).all()


def test_reversal_of_labels() -> None:
    assert reversed_label("moves left") == "moves right"
    assert reversed_label("passes behind") == "passes behind"
    for name in CLASSES:
        assert reversed_label(reversed_label(name)) == name
    with pytest.raises(KeyError):
        reversed_label("jumps")


@pytest.mark.parametrize("index", range(5))
@every_class
def test_what_moves_does_what_the_class_says(label: int, index: int) -> None:
    scene = draw_scene(4, 16 * index + label, label, "train")
    x, y, half, angle = moving(scene).T
    dx, dy = x[-1] - x[0], y[-1] - y[0]
    name = CLASSES[label]
    if name in ("moves left", "moves right"):
        assert math.copysign(1, dx) == (-1 if name == "moves left" else 1)
        assert abs(dx) > 4 * abs(dy)
    elif name in ("moves up", "moves down"):
        assert math.copysign(1, dy) == (-1 if name == "moves up" else 1)
        assert abs(dy) > 4 * abs(dx)
    elif name in ("approaches", "recedes"):
        assert (half[-1] > 1.5 * half[0]) == (name == "approaches")
    elif name.startswith("turns "):
        clockwise = angle[-1] > angle[0]
        if "behind" not in name:
            assert clockwise == (name == "turns clockwise")
    if name in ("hides", "comes out", "passes behind", "turns back behind"):
        boxes = [t for t in scene.tracks if t.what == "occluder"]
        box = max(boxes, key=lambda t: t.poses[0, 2])
        bx, by, size, _ = box.poses[0]
        away = np.hypot(x - bx, y - by) > size
        assert away.any()
        assert not away.all()
        if name == "hides":
            assert away[0]
            assert not away[-1]
        if name == "comes out":
            assert away[-1]
            assert not away[0]
        if name in ("passes behind", "turns back behind"):
            side = (x[0] - bx) * (x[-1] - bx) + (y[0] - by) * (y[-1] - by)
            assert (side < 0) == (name == "passes behind")
    if name in ("come together", "move apart"):
        first, second = (t for t in scene.tracks if len(t.poses) == 2 and not t.drifts)
        gaps = [_gap(first, second, phase) for phase in (0.0, 1.0)]
        assert gaps[1] < gaps[0]
        assert scene.backwards == (name == "move apart")
    if name in ("speeds up", "slows down"):
        steps = np.hypot(np.diff(x), np.diff(y))
        assert (steps[-4:].sum() > steps[:4].sum()) == (name == "speeds up")


def _gap(first: Track, second: Track, phase: float) -> float:
    a, b = first.at(np.array([phase]))[0], second.at(np.array([phase]))[0]
    return float(np.hypot(*(a - b)[:2]))


@every_class
def test_truth_fits_the_clip(label: int) -> None:
    for index in range(20):
        frames, truth = video(5, index, CLASSES[label], size=32)
        seconds = len(frames) / FPS
        start, end = there(truth.event_s)
        made = there(truth.generation)
        assert 0 <= start < end <= seconds + 1e-9
        assert 0.5 <= made.speed <= 2
        assert 32 <= len(frames) <= 48
        assert 0 <= made.difficulty <= 1
        assert truth.label == CLASSES[label]


def test_nothing_moves_outside_the_event() -> None:
    """The event window is where the pixels change, when nothing else does."""
    scene = draw_scene(6, 0, CLASSES.index("moves right"), "test")
    calm = dataclasses.replace(scene, pan=(0.0, 0.0), jitter=0.0, flicker=0.0, noise=0.0)
    u = (np.arange(64) + 0.5) / 64
    frames = render(calm, u, 48).astype(int)
    changed = np.abs(np.diff(frames, axis=0)).max(axis=(1, 2, 3)) > 0
    seconds = scene.video_frames / FPS
    start, end = (time / seconds for time in there(scene.truth.event_s))
    between = (u[1:] > start) & (u[:-1] < end)
    assert not changed[~between].any()
    assert changed[between].mean() > 0.7


def test_sizes_show_the_same_scene() -> None:
    scene = draw_scene(0, 3, 4, "test")
    small, large = render(scene, U, 32), render(scene, U, 128)
    shrunk = large.reshape(8, 32, 4, 32, 4, 3).mean(axis=(2, 4))
    assert np.abs(shrunk - small).mean() < 8


def test_an_unknown_class_is_named() -> None:
    with pytest.raises(UserError, match="no class 'jumps'"):
        batch(0, 0, 1, split="train", classes=["jumps"])


def test_the_shift_set_leaves_the_ranges_of_training_one_at_a_time() -> None:
    seen = []
    for index in range(16 * 20 * 5):
        scene = draw_scene(2, index, index % 16, "shift")
        kind, pan = shift_of(index), math.hypot(*scene.pan)
        speed = there(scene.truth.generation).speed
        assert (2 <= speed <= 3) == (kind == "faster")
        assert (1 / 3 <= speed <= 1 / 2) == (kind == "slower")
        assert (0.27 <= pan <= 0.36) == (kind == "camera")
        boxes = sum(track.what == "occluder" and len(track.poses) == 1 for track in scene.tracks)
        moving = [t for t in scene.tracks if t.what == "object" and not t.drifts]
        drifting = sum(track.drifts for track in scene.tracks)
        hidden = index % 16 // 2 in (4, 5)
        assert (drifting == 4 and boxes == 3 + hidden) == (kind == "crowded")
        smallest = min(t.poses[:, 2].min() for t in moving)
        assert (smallest < SMALLEST[index % 16 // 2]) == (kind == "smaller")
        seen.append((kind, index % 16))
    assert set(Counter(seen).values()) == {20}


def test_the_shift_scenes_are_pinned() -> None:
    scenes = [draw_scene(2, i, i % 16, "shift") for i in range(64)]
    assert fingerprint(scenes) == "df4618407cb544c9"


def test_levels_are_thirds_of_the_difficulty() -> None:
    assert [level_of(d) for d in (0.0, 0.33, 0.34, 0.66, 0.67, 1.0)] == [
        "calm",
        "calm",
        "busy",
        "busy",
        "hard",
        "hard",
    ]


def test_truths_are_those_of_the_scenes() -> None:
    known = truths(2, 20, split="shift", classes=CLASSES[:4])
    assert [t.label for t in known[:5]] == [*CLASSES[:4], CLASSES[0]]
    for index in range(20):
        assert known[index] == draw_scene(2, index, index % 4, "shift", 4).truth
    with pytest.raises(UserError, match="no class 'jumps'"):
        truths(0, 1, split="test", classes=["jumps"])


def test_a_clip_is_what_a_batch_holds() -> None:
    frames, _ = batch(2, 5, 1, split="test", frames=4, size=32)
    made = clip(InputSpec(4, 32, 32), 2, 5, "test")
    assert (made.frames == frames[0]).all()
    assert made.label == CLASSES[5]
    assert (np.diff(made.times_s) > 0).all()
    assert 0 < made.times_s[0] < made.times_s[-1] < made.duration_s


def test_what_drifts_goes_by_the_clock_of_the_clip() -> None:
    scene = draw_scene(6, 0, 1, "test")
    drifter = Track("object", np.array([[0.0, 0.5, 0.1, 0.0], [1.0, 0.5, 0.1, 0.0]]), drifts=True)
    poses = scene.poses(drifter, U)
    assert poses[:, 0] == pytest.approx(U)
