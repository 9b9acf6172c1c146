"""What a dataset holds: clips by name, with the class that each is said to have."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.motionpairs.scene import Split, draw_scene, shift_of
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.types import Source, Truth, UserError
from tam_viz.video.library import GALLERY, VideoFile

_NO_MORE: Mapping[str, str] = MappingProxyType({})
OURS = ("path", "label", "error", "frames", "length_s", "decoder")
"""Columns of the table of all clips that are not the dataset's own."""


@dataclass(frozen=True, slots=True)
class Item:
    """One clip of a dataset.

    Attributes:
        path: Its name: where it is below the root, with `/` between folders. No two are alike.
        label: The class that the dataset gives it, in the dataset's words; empty where it gives
            none.
        more: Further columns of the dataset's table, by their names.
    """

    path: str
    label: str
    more: Mapping[str, str] = field(default_factory=lambda: _NO_MORE)


@dataclass(frozen=True)
class Root:
    """Where the clips of a dataset are: a folder, the gallery, or nowhere since they are drawn.

    Attributes:
        folder: Absolute path; None for the gallery and for drawn clips.
        split: Of drawn clips.
        seed: Of drawn clips.
        gallery: Whether they are the clips that come along, wherever this package is.
    """

    folder: Path | None = None
    split: Split = "test"
    seed: int = 0
    gallery: bool = False

    @property
    def base(self) -> Path | None:
        """The folder of the clips; None where they are drawn."""
        return GALLERY if self.gallery else self.folder

    @property
    def drawn(self) -> bool:
        """Whether the clips are drawn, and so have one view."""
        return self.base is None

    def source(self, item: Item) -> Source:
        """The clip, ready to be read."""
        base = self.base
        if base is None:
            return DrawnClip(self.seed, int(item.path.rsplit("/", 1)[-1]), self.split)
        truth = Truth(item.label) if item.label else None
        return VideoFile(item.path, base / item.path, truth)


@dataclass(frozen=True)
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
    items: tuple[Item, ...]
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

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the further columns of its table."""
        return tuple(dict.fromkeys(name for item in self.items for name in item.more))


def made(
    name: str,
    root: Root,
    items: Sequence[Item],
    *,
    names: Sequence[str] = (),
    notices: Sequence[str] = (),
) -> Dataset:
    """A dataset of clips in any order.

    Args:
        name: What to call it.
        root: Where its clips are.
        items: The clips.
        names: Class names by number, where labels are numbers.
        notices: What a person should know.

    Raises:
        UserError: It holds no clips, a path occurs twice, or a number has no name.
    """
    if not items:
        raise UserError(f"'{name}' holds no clips; name a folder of videos or a list of them.")
    twice = [path for path, n in Counter(item.path for item in items).items() if n > 1]
    if twice:
        raise UserError(
            f"'{name}' lists '{twice[0]}' more than once ({len(twice)} such clips); "
            f"each clip may stand in it once."
        )
    labels = {item.label for item in items if item.label}
    numbered = bool(labels) and all(label.isdecimal() for label in labels)
    if numbered and names:
        items, numbered = _named(name, items, names), False
    ordered = sorted(items, key=lambda item: item.path)
    classes = _classes(ordered, numbered=numbered)
    return Dataset(name, root, tuple(ordered), classes, numbered, tuple(notices))


def motionpairs(split: Split, seed: int, count: int) -> Dataset:
    """The first `count` clips of a MotionPairs set.

    Raises:
        UserError: No clips are asked for.
    """
    items = [_drawn(split, seed, index) for index in range(count)]
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


def _classes(items: Sequence[Item], *, numbered: bool) -> tuple[str, ...]:
    labels = {item.label for item in items if item.label}
    return tuple(sorted(labels, key=int) if numbered else sorted(labels))


def _named(name: str, items: Sequence[Item], names: Sequence[str]) -> list[Item]:
    """The clips with names in place of the numbers of their classes."""
    named = []
    for item in items:
        if item.label and int(item.label) >= len(names):
            raise UserError(
                f"'{name}' has class number {item.label} ('{item.path}') and {len(names)} names "
                f"were given, numbered from 0; give the names of all classes."
            )
        label = names[int(item.label)] if item.label else ""
        named.append(Item(item.path, label, item.more))
    return named
