"""Labels follow the flips, seen from the pixels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tam_viz.motionpairs.augment import FLIPPED, REVERSED, TRANSPOSED, UPSIDE_DOWN, augment
from tam_viz.motionpairs.dataset import middle_moments
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.motionpairs.render import render
from tam_viz.motionpairs.scene import draw_scene

TABLES = {"flip": FLIPPED, "turn": UPSIDE_DOWN, "swap": TRANSPOSED, "reverse": REVERSED}
MOVES = ("moves left", "moves right", "moves up", "moves down")


def apply(name: str, frames: np.ndarray) -> np.ndarray:
    turned = {
        "flip": frames[:, :, ::-1],
        "turn": frames[:, ::-1],
        "swap": frames.transpose(0, 2, 1, 3),
        "reverse": frames[::-1],
    }
    return turned[name]


def seen_move(frames: np.ndarray) -> str:
    """The move of the only thing that moves, from where the first and the last frame differ."""
    first, last = frames[0].astype(float), frames[-1].astype(float)
    middle = np.median(frames, axis=0)
    places = []
    for frame in (first, last):
        weight = np.abs(frame - middle).sum(-1)
        rows, columns = np.indices(weight.shape)
        places.append(
            ((weight * columns).sum() / weight.sum(), (weight * rows).sum() / weight.sum())
        )
    (x0, y0), (x1, y1) = places
    if abs(x1 - x0) > abs(y1 - y0):
        return "moves right" if x1 > x0 else "moves left"
    return "moves down" if y1 > y0 else "moves up"


@pytest.mark.parametrize("name", TABLES)
def test_doing_it_twice_changes_nothing(name: str) -> None:
    table = TABLES[name]
    assert (table[table] == np.arange(len(CLASSES))).all()


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("label", MOVES)
def test_a_move_becomes_what_the_table_says(name: str, label: str) -> None:
    number = CLASSES.index(label)
    scene = draw_scene(8, 1, number, "test")
    calm = dataclasses.replace(
        scene, pan=(0.0, 0.0), jitter=0.0, noise=0.0, flicker=0.0, contrast=0.0
    )
    moving = [(t, s) for t, s in zip(scene.tracks, scene.sprites, strict=True) if len(t.poses) == 2]
    kept = [(t, s) for t, s in moving if not t.drifts]
    calm = dataclasses.replace(
        calm, tracks=tuple(t for t, _ in kept), sprites=tuple(s for _, s in kept)
    )
    frames = render(calm, middle_moments(8), 48)
    assert seen_move(frames) == label
    assert seen_move(apply(name, frames)) == CLASSES[TABLES[name][number]]


def test_mirrors_turn_the_other_way_and_swapping_axes_too() -> None:
    clockwise, counter = (CLASSES.index(f"turns {way}clockwise") for way in ("", "counter-"))
    for table in TABLES.values():
        assert table[clockwise] == counter
    for name in ("approaches", "hides", "passes behind", "speeds up", "come together"):
        number = CLASSES.index(name)
        assert all(TABLES[n][number] == number for n in ("flip", "turn", "swap"))


def test_augmenting_keeps_pixels_and_follows_its_generator() -> None:
    clip = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    seen = set()
    for seed in range(40):
        frames, label = augment(clip, 0, np.random.default_rng(seed))
        again, other = augment(clip, 0, np.random.default_rng(seed))
        assert (frames == again).all()
        assert label == other
        assert frames.shape == clip.shape
        assert np.sort(frames, axis=None).tolist() == np.sort(clip, axis=None).tolist()
        seen.add(CLASSES[label])
    assert seen == set(MOVES)
