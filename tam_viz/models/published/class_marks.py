"""Numbers of classes that a mark or a code joins to their names: `0: walk`, `[3] walk`, `A7. walk`.

Files number their classes in many ways. One is believed if it is that of every line of a file, and
if the numbers are about as many as the lines; other lines are left to whoever asks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tam_viz.tables import Row

_BEFORE = re.compile(
    r"(?P<code>[^\W\d_]{0,10}\s?)(?P<open>[\[(#]?)(?P<number>\d+)"
    r"(?P<mark>\s*[\])]?\s*(?:->|=>|[:=.)_|-])?\s*)(?P<name>\S.*)"
)
_AFTER = re.compile(
    r"(?P<name>\S.*?)(?P<mark>\s*(?:->|=>|[=:(\[#|-])\s*)(?P<number>\d+)(?P<close>\s*[\])]?)"
)
_FARTHEST = 10
"""Numbers up to so many times the lines are those of classes, with gaps."""


class Marked(NamedTuple):
    """The number of a class, its name, and the row that has both."""

    number: int
    name: str
    row: Row


def marked(rows: Sequence[Row]) -> list[Marked] | None:
    """Classes with their numbers; None where the lines do not join them in one way."""
    return _joined(rows, _BEFORE, ("code", "open", "mark")) or _joined(
        rows, _AFTER, ("mark", "close")
    )


def _joined(
    rows: Sequence[Row], pattern: re.Pattern[str], shared: tuple[str, ...]
) -> list[Marked] | None:
    matches = [pattern.fullmatch(row.cells[0]) for row in rows]
    whole = [match for match in matches if match is not None]
    if len(whole) < max(2, len(rows)):
        return None
    ways = {tuple(match[part].strip() for part in shared) for match in whole}
    if len(ways) > 1 or not any(ways.pop()) or not all(match["mark"] for match in whole):
        return None
    numbers = [int(match["number"]) for match in whole]
    names = {match["name"] for match in whole}
    if not all(any(letter.isalpha() for letter in name) for name in names):
        return None
    if len(names) <= len(whole) / 2 or max(numbers) > _FARTHEST * len(numbers):
        return None  # walk-1, walk-2, walk-3: the number is part of the name
    return [
        Marked(number, match["name"], row)
        for number, match, row in zip(numbers, whole, rows, strict=True)
    ]
