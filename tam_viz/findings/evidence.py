"""The evidence of a finding: pictures as words and numbers, with their maps.

Kept are the words of a picture, its table, and the maps and losses of attributions as arrays, so
that they can be drawn and computed again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from tam_viz.types import Attribution, Deletion

ROWS, COLUMNS, LETTERS = 5000, 200, 200
"""The longest and the widest table that is kept, and the longest text in it."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """One picture that was looked at.

    Attributes:
        page: Title of the page that showed it.
        title: Its heading.
        see: How to read it.
        says: What it shows, with numbers.
        table: Its numbers, as `flat` leaves them.
        maps: The attributions drawn in it.
        losses: What taking frames out did.
        kind: What it is drawn again by, from its table; empty for what cannot be drawn so.
        classes: The class that it speaks of and, if there is one, the class against it.
    """

    page: str
    title: str
    see: str
    says: str
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    maps: tuple[Attribution, ...] = ()
    losses: tuple[Deletion, ...] = ()
    kind: str = ""
    classes: tuple[str, ...] = ()


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """A table of plain columns: levels of an index become columns, values numbers or texts.

    Cut at `ROWS` and `COLUMNS`.
    """
    plain = table.reset_index() if _named(table.index) else table
    names = [_joined(name) for name in plain.columns]
    unique = [
        f"{name} ({names[:i].count(name) + 1})" if name in names[:i] else name
        for i, name in enumerate(names)
    ]
    cut = plain.iloc[:ROWS, :COLUMNS].copy()
    cut.columns = pd.Index(unique[: cut.shape[1]])
    return cut.reset_index(drop=True)


def _named(index: pd.Index) -> bool:
    return index.nlevels > 1 or index.name is not None or index.dtype == object


def _joined(name: object) -> str:
    parts = name if isinstance(name, tuple) else (name,)
    return " · ".join(str(part) for part in parts if str(part))[:LETTERS]
