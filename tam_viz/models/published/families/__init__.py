"""Families of published weights, one file each: matches, read, build, single_view, published_test.

A new family is a file here with an object called `FAMILY`, and a row in `ROWS`. The rows are
read without torch: the command line and the pages name the families before it is loaded.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tam_viz.models.published.families.family import Family

ROWS = (
    ("torchvision", ("torchvision's video networks",)),
    ("i3d", ("I3D", "SlowOnly")),
    ("tanet", ("TANet",)),
    ("tsm", ("TSM",)),
    ("tsn", ("TSN",)),
    ("project", ()),
)
"""Files and what texts call their networks; the first that matches reads a file of weights."""


def names() -> str:
    """The families in words: 'TANet, TSM, … and torchvision's video networks'."""
    first, *rest = [name for _, called in ROWS for name in called]
    return f"{', '.join(sorted(rest, key=_by_fame))} and {first}"


def _by_fame(name: str) -> int:
    """TAM's own network comes first, its baselines follow."""
    known = ("TANet", "TSM", "TSN", "I3D", "SlowOnly")
    return known.index(name) if name in known else len(known)


@cache
def families() -> tuple[Family, ...]:
    """All families, in the order in which they are asked."""
    return tuple(import_module(f"{__name__}.{file}").FAMILY for file, _ in ROWS)


def family_of(temporal: str) -> Family:
    """The family of a network, by what its card calls it."""
    return next(family for family in families() if family.covers(temporal))
