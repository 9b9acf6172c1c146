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


class Place(Enum):
    """Where in a bottleneck a temporal module sits."""

    BEFORE_CONV1 = "before conv1"
    AFTER_CONV1 = "after conv1, its batch norm and its ReLU"


@dataclass(frozen=True)
class Entry:
    """One temporal module.

    Attributes:
        name: Short name, as in `card.json` and on the command line.
        network: What a ResNet with this module is called.
        place: Where it sits.
        paper: arXiv identifier of the source.
        make: Called as `make(channels, frames, **options)`; the module maps `(n, c, t, h, w)` to
            the same shape.
    """

    name: str
    network: str
    place: Place
    paper: str
    make: Callable[..., nn.Module]


_ENTRIES: dict[str, Entry] = {}
_Module = TypeVar("_Module", bound=type[nn.Module])


def register(name: str, *, network: str, place: Place, paper: str) -> Callable[[_Module], _Module]:
    """Class decorator that enters a temporal module under `name`.

    Raises:
        ValueError: The name is taken.
    """

    def enter(module: _Module) -> _Module:
        if name in _ENTRIES:
            raise ValueError(f"two temporal modules are called {name!r}")
        _ENTRIES[name] = Entry(name, network, place, paper, module)
        return module

    return enter


@cache
def entries() -> dict[str, Entry]:
    """All temporal modules by name, in alphabetical order."""
    package = importlib.import_module("tam_viz.models.temporal")
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{found.name}")
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
