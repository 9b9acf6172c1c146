"""What a dataset holds: clips by name, with the class that each is said to have."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tam_viz.motionpairs.motions import CLASSES
from tam_viz.motionpairs.scene import Split
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.types import Source, Truth, UserError
from tam_viz.video.library import VideoFile


@dataclass(frozen=True)
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
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Root:
    """Where the clips of a dataset are: a folder, or a generated set.

    Attributes:
        folder: Absolute path; None for a generated set.
        split: Of the generated set.
        seed: Of the generated set.
    """

    folder: Path | None = None
    split: Split = "test"
    seed: int = 0

    def source(self, item: Item) -> Source:
        """The clip, ready to be read."""
        if self.folder is None:
            return DrawnClip(self.seed, int(item.path.rsplit("/", 1)[-1]), self.split)
        truth = Truth(item.label) if item.label else None
        return VideoFile(item.path, self.folder / item.path, truth)


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

    @property
    def key(self) -> str:
        """Hash of the paths and labels: tells one dataset from another."""
        digest = hashlib.sha256()
        for item in self.items:
            digest.update(json.dumps([item.path, item.label]).encode())
        return digest.hexdigest()[:32]

    @property
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
    items = [
        Item(f"{split}/{seed}/{index:06d}", CLASSES[index % len(CLASSES)]) for index in range(count)
    ]
    return made(f"MotionPairs {split} {seed}", Root(split=split, seed=seed), items)


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
