"""What a dataset holds: clips by name, with the class that each is said to have."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.motionpairs.scene import Split, draw_scene, shift_of
from tam_viz.scan.items import Item, Items
from tam_viz.scan.root import Root
from tam_viz.types import UserError

OURS = ("path", "label", "error", "frames", "length_s", "decoder")
"""Columns of the table of all clips that are not the dataset's own."""
UNLABELLED = "-1"
"""What lists that number their classes have where a clip has none."""
_NUMBER = re.compile(r"\d{1,9}(\.0+)?")
"""Of a class; a spreadsheet makes `3.0` of it where a cell of the column is empty."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """A labelled set of clips.

    Attributes:
        name: What to call it.
        root: Where its clips are.
        items: The clips, in the order of their paths.
        classes: The labels that occur, in their order; of a numbered dataset, that of the numbers.
        numbered: True if the labels are numbers for which no names are known.
        notices: What a person should know of how it was read.
    """

    name: str
    root: Root
    items: Items
    classes: tuple[str, ...]
    numbered: bool = False
    notices: tuple[str, ...] = ()

    @cached_property
    def key(self) -> str:
        """Hash of the paths and labels: tells one dataset from another."""
        digest = hashlib.sha256()
        for item in self.items:
            digest.update(json.dumps([item.path, item.label]).encode())
        return digest.hexdigest()[:32]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the further columns of its table."""
        return self.items.columns


def made(
    name: str,
    root: Root,
    items: Iterable[Item],
    *,
    names: Sequence[str] = (),
    notices: Sequence[str] = (),
) -> Dataset:
    """A dataset of clips in any order.

    Args:
        name: What to call it.
        root: Where its clips are.
        items: The clips, which are gone through once and not held.
        names: Class names by number, where labels are numbers.
        notices: What a person should know; looked at when all clips are read.

    Raises:
        UserError: It holds no clips, a path occurs twice, or a number has no name.
    """
    listing = Items(items)
    if not len(listing):
        raise UserError(f"'{name}' holds no clips; name a folder of videos or a list of them.")
    path, times = listing.listed_twice()
    if times:
        raise UserError(
            f"'{name}' lists '{path}' more than once{_others(times - 1)}; each clip may stand in "
            f"it once."
        )
    labels = set(listing.counts) - {UNLABELLED}
    numbered = bool(labels) and all(map(_NUMBER.fullmatch, labels))
    if numbered:
        plain = {label: label.split(".")[0] for label in labels}
        listing.rename({UNLABELLED: "", **plain})
    if numbered and names:
        listing.rename(_named(name, listing, names))
        numbered = False
    classes = _classes(listing.counts, numbered=numbered)
    return Dataset(name, root, listing, classes, numbered, tuple(notices))


def motionpairs(split: Split, seed: int, count: int) -> Dataset:
    """The first `count` clips of a MotionPairs set.

    Raises:
        UserError: No clips are asked for.
    """
    items = (_drawn(split, seed, index) for index in range(count))
    return made(f"MotionPairs {split} {seed}", Root(split=split, seed=seed), items)


def _drawn(split: Split, seed: int, index: int) -> Item:
    """A clip with what its scene was drawn from."""
    label = index % len(CLASSES)
    truth = draw_scene(seed, index, label, split).truth
    more = {"pair": MOTIONS[label // 2].family}
    if (generation := truth.generation) is not None:
        more |= {
            "speed": f"{generation.speed:.4f}",
            "camera": f"{math.hypot(*generation.camera):.4f}",
            "difficulty": f"{generation.difficulty:.4f}",
        }
    if split == "shift":
        more["shift"] = shift_of(index)
    return Item(f"{split}/{seed}/{index:06d}", CLASSES[label], more)


def _others(count: int) -> str:
    return f", and {count:,} other {'clip' if count == 1 else 'clips'}" if count else ""


def _classes(labels: Iterable[str], *, numbered: bool) -> tuple[str, ...]:
    ordered = sorted(labels)
    return tuple(sorted(ordered, key=int) if numbered else ordered)


def _named(name: str, items: Items, names: Sequence[str]) -> dict[str, str]:
    """For the number of each class its name."""
    for label in sorted(items.counts, key=int):
        if int(label) >= len(names):
            raise UserError(
                f"'{name}' has class number {label} ('{items.labelled(label).path}') and "
                f"{len(names)} names were given, numbered from 0; give the names of all classes."
            )
    return {label: names[int(label)] for label in items.counts}
