"""The clips of a dataset in the order of their paths, of which few are in memory at a time."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType

from tam_viz.literal import visible
from tam_viz.types import UserError

_NO_MORE: Mapping[str, str] = MappingProxyType({})
_TOGETHER = 512
_CACHE_KIB = 8192


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


class Items:
    """Clips in the order of the bytes of their paths, sorted by a temporary database of SQLite.

    A small dataset stays in memory; of a large one SQLite keeps what exceeds its cache in a file
    without a name, which is gone when the process ends, however it ends.

    Attributes:
        counts: Clips by label, those without one left out.
        columns: Names of the further columns of the dataset's table.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self.counts: Counter[str] = Counter()
        self._names: Mapping[str, str] = {}
        self._database = sqlite3.connect("", check_same_thread=False)  # read by other threads
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._database.execute(
            "CREATE TABLE items (path TEXT PRIMARY KEY, label TEXT, more TEXT, times INT) "
            "WITHOUT ROWID"
        )
        columns: dict[str, None] = {}
        source = iter(items)
        while rows := [self._row(item, columns) for item in islice(source, _TOGETHER)]:
            self._database.executemany(
                "INSERT INTO items VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
                rows,
            )
        self.columns = tuple(columns)

    def _row(self, item: Item, columns: dict[str, None]) -> tuple[str, str, str]:
        """An item as it is stored; its label and its columns are noted."""
        try:
            item.path.encode()
        except UnicodeEncodeError as error:
            raise UserError(
                f"The name of the file '{visible(item.path)}' is not UTF-8; rename it."
            ) from error
        if item.label:
            self.counts[item.label] += 1
        columns.update(dict.fromkeys(item.more))
        return item.path, item.label, json.dumps(dict(item.more)) if item.more else ""

    def __len__(self) -> int:
        count: int = self._ask("SELECT count(*) FROM items").fetchone()[0]
        return count

    def __iter__(self) -> Iterator[Item]:
        return map(self._item, self._ask("SELECT path, label, more FROM items ORDER BY path"))

    def __getitem__(self, index: int) -> Item:
        """The clip with a number from 0."""
        row = self._ask(
            "SELECT path, label, more FROM items ORDER BY path LIMIT 1 OFFSET ?", index
        ).fetchone()
        if row is None:
            raise IndexError(index)
        return self._item(row)

    def listed_twice(self) -> tuple[str, int]:
        """The first path that was given more than once, and how many such paths there are."""
        row = self._ask("SELECT min(path), count(*) FROM items WHERE times > 1").fetchone()
        return row[0] or "", row[1]

    def labelled(self, label: str) -> Item:
        """The first clip with a label."""
        return next(item for item in self if item.label == label)

    def rename(self, names: Mapping[str, str]) -> None:
        """Gives labels other words, or none; from here on the clips have those."""
        counts: Counter[str] = Counter()
        for label, count in self.counts.items():
            counts[names.get(label, label)] += count
        del counts[""]
        self.counts = counts
        self._names = {
            **{label: names.get(name, name) for label, name in self._names.items()},
            **{label: name for label, name in names.items() if label not in self._names},
        }

    def _item(self, row: tuple[str, str, str]) -> Item:
        path, label, more = row
        name = self._names.get(label, label)
        return Item(path, name, json.loads(more)) if more else Item(path, name)

    def _ask(self, sql: str, *values: object) -> sqlite3.Cursor:
        return self._database.execute(sql, values)
