"""Tables that people bring: lists of clips, class names, data sets.

Spreadsheets and editors write the same table in several forms. The forms that are read: cells
parted by comma, semicolon, tab or bar, in quotes or not; any ends of lines. Every row keeps its
line number, so that whoever refuses a row can name it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, repeat

from tam_viz.types import UserError

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Row:
    """One row: the line of the file on which it begins, from 1, and its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of equal length under a header.

    Attributes:
        columns: Names of the columns in lower case, words joined by underscores.
        rows: Those that hold something.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, *names: str) -> int | None:
        """Index of the first of these columns that is there; None if none is."""
        return next((self.columns.index(name) for name in names if name in self.columns), None)


@dataclass(frozen=True)
class TableStream:
    """A table that is read row by row, whatever its size.

    Attributes:
        columns: As in `Table`.
        rows: Those that hold something, once; reading on raises what `read_table` does.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]


def read_table(text: str, name: str, *needed: tuple[str, ...]) -> Table:
    """A table with a header, its delimiter told by the header.

    Args:
        text: The file, decoded.
        name: What to call the file in a sentence.
        needed: Columns that must be there, each with the names that it may have.

    Raises:
        UserError: The header lacks a column, has one twice, or a row has another length.
    """
    stream = stream_table(io.StringIO(text, newline=None), name, *needed)
    return Table(stream.columns, tuple(stream.rows))


def stream_table(lines: Iterable[str], name: str, *needed: tuple[str, ...]) -> TableStream:
    """Like `read_table`, of the lines of a text; only the header is read at once."""
    source = iter(lines)
    passed, first, given = 0, next(source, ""), ""
    while first and (directive := _directive(first, passed)) is not None:
        passed, given = passed + 1, given or directive
        first = next(source, "")
    body = chain(repeat("\n", passed), [first], source)
    for delimiter in given or DELIMITERS:
        header = parse(first, delimiter, name)
        columns = tuple(column_name(cell) for cell in header[0].cells) if header else ()
        if all(any(column in columns for column in names) for names in needed):
            return _checked(columns, _rows(body, delimiter, name), name)
    wanted = " and ".join(f"'{names[0]}'" for names in needed)
    raise UserError(
        f"'{name}' needs the columns {wanted} in its first line, separated by commas, semicolons "
        f"or tabs; its first line is '{first.strip()[:80]}'."
    )


def _directive(line: str, number: int) -> str | None:
    """Of a line before the header the delimiter that it names, or nothing; None of the header."""
    given = re.fullmatch(r"sep=(.)\r?\n?", line) if number == 0 else None
    if given:
        return given[1]
    return None if line.strip() else ""


def parse(text: str, delimiter: str, name: str) -> list[Row]:
    """The rows of a text that are not empty.

    Raises:
        UserError: A quoted cell does not end, or goes on after its closing quote.
    """
    return list(_rows(io.StringIO(text, newline=None), delimiter, name))  # ends of any system


def _rows(lines: Iterable[str], delimiter: str, name: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for cells in reader:
            kept = tuple(cell.strip() for cell in cells)
            if any(kept):
                yield Row(line, kept)
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(f"Line {line} of '{name}' cannot be read as a row ({error}).") from error


def column_name(cell: str) -> str:
    """A heading as it is compared: `Class Name`, `class-name` and `class_name` are one."""
    return re.sub(r"[\s_\-]+", "_", cell.strip().casefold()).strip("_")


def _checked(columns: tuple[str, ...], rows: Iterator[Row], name: str) -> TableStream:
    """The rows below the header, each with a cell for every column."""
    twice = next((c for c in columns if c and columns.count(c) > 1), None)
    if twice is not None:
        raise UserError(f"'{name}' has the column '{twice}' twice; rename or remove one.")
    width = len(columns)

    def below() -> Iterator[Row]:
        for row in islice(rows, 1, None):
            if any(row.cells[width:]):
                raise UserError(
                    f"Line {row.line} of '{name}' has {len(row.cells)} cells and the header has "
                    f"{width}; put a cell that holds the delimiter in double quotes."
                )
            yield Row(row.line, (row.cells + ("",) * width)[:width])

    return TableStream(columns, below())


def without_directive(text: str) -> tuple[str, str]:
    """A text without Excel's first line `sep=;`, and the delimiter that the line names.

    The line is left empty, so that the others keep their numbers.
    """
    first, _, rest = text.partition("\n")
    given = re.fullmatch(r"sep=(.)\r?", first)
    return ("\n" + rest, given[1]) if given else (text, "")
