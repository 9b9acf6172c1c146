"""The temporal modules by name.

A module is one file in `temporal/` that registers one class; looking a name up finds them all.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TypeVar

from torch import nn

from tam_viz.types import UserError


class Insertion(Enum):
    """The position of a temporal module in a bottleneck, or a network of its own."""

    BEFORE_BLOCK = "before the block, its shortcut included"
    BEFORE_CONV1 = "before conv1"
    AS_CONV1 = "in place of conv1"
    AFTER_CONV1 = "after conv1, its batch norm and its ReLU"
    AS_CONV2 = "in place of conv2"
    AFTER_BLOCK = "after the block"
    NETWORK = "a network of its own"


@dataclass(frozen=True)
class Entry:
    """One temporal module.

    Attributes:
        name: Short name, as in `card.json` and on the command line.
        network: What a ResNet with this module is called.
        insertion: Where it sits.
        paper: arXiv identifier of the source.
        reach: The earliest and the latest frame, relative to its own, that a frame of the output
            depends on in evaluation mode; None if it depends on the whole clip.
        make: Called as `make(channels, frames, **options)`; the module maps `(n, c, t, h, w)` to
            the same shape. One that replaces `conv1` is also given `out_channels`, one that
            replaces `conv2` a `stride`, and a network of its own is made as `VideoNet`s are.
        stages: The stages, 1 to 4, that have the module.
        every: Every `every`-th bottleneck of these stages has it (the last of each group).
        slug: The name of its checkpoints, where that is not its own.
        branch: The part of it that makes the kernels of each clip; none if they are fixed.
    """

    name: str
    network: str
    insertion: Insertion
    paper: str
    reach: tuple[int, int] | None
    make: Callable[..., nn.Module]
    stages: tuple[int, ...] = (1, 2, 3, 4)
    every: int = 1
    slug: str = ""
    branch: str = ""

    @property
    def checkpoint(self) -> str:
        """Id of the checkpoint that comes with the project."""
        return f"{self.slug or self.name.replace('_', '-')}-motionpairs"

    def sits(self, stage: int, block: int) -> bool:
        """True if bottleneck number `block`, from 0, of a stage, from 1, has the module."""
        return stage in self.stages and block % self.every == self.every - 1


_ENTRIES: dict[str, Entry] = {}
_Module = TypeVar("_Module", bound=type[nn.Module])


def register(
    name: str,
    *,
    network: str,
    insertion: Insertion,
    paper: str,
    reach: tuple[int, int] | None,
    stages: tuple[int, ...] = (1, 2, 3, 4),
    every: int = 1,
    slug: str = "",
    branch: str = "",
) -> Callable[[_Module], _Module]:
    """Class decorator that enters a temporal module under `name`; see `Entry`.

    Raises:
        ValueError: The name is taken.
    """

    def enter(module: _Module) -> _Module:
        if name in _ENTRIES:
            raise ValueError(f"two temporal modules are called {name!r}")
        _ENTRIES[name] = Entry(
            name, network, insertion, paper, reach, module, stages, every, slug, branch
        )
        return module

    return enter


@cache
def entries() -> dict[str, Entry]:
    """All temporal modules by name, in alphabetical order."""
    package = importlib.import_module("tam_viz.models.temporal")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_ENTRIES.items()))


def entry(name: str) -> Entry:
    """The temporal module called `name`.

    Raises:
        UserError: There is none.
    """
    known = entries()
    if name not in known:
        raise UserError(f"There is no temporal module '{name}'; choose one of {', '.join(known)}.")
    return known[name]
