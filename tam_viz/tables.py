"""Tables and texts that people bring: lists of clips, class names, data sets.

Spreadsheets and editors write the same table in several forms. The forms that are read: UTF-8
with or without a byte order mark, UTF-16 and UTF-32 with one; cells parted by comma, semicolon,
tab or bar, in quotes or not; any ends of lines. Every row keeps its line number, so that whoever
refuses a row can name it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from tam_viz.types import UserError

DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Of these a text needs none; some of them would turn round what is shown beside a name."""


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


def read_text(path: Path, limit_bytes: int, what: str) -> str:
    """The text of a file.

    Args:
        path: The file.
        limit_bytes: Largest size that is read.
        what: What the file should be, for the sentence.

    Raises:
        UserError: It is too large, cannot be read, or is no text in an encoding of Unicode.
    """
    try:
        if path.stat().st_size > limit_bytes:
            raise UserError(f"'{path.name}' is too large for {what}.")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"'{path.name}' cannot be read ({error.strerror or error}).") from error
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UserError(
            f"Line {line} of '{path.name}' is not {encoding.removesuffix('-sig').upper()}; save "
            f"the file as UTF-8 (in Excel: 'CSV UTF-8')."
        ) from error
    if odd := _CONTROL.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise UserError(
            f"Line {line} of '{path.name}' holds the control character U+{ord(odd[0]):04X}; "
            f"expected {what}, as plain text."
        )
    return text


def read_table(text: str, name: str, *needed: tuple[str, ...]) -> Table:
    """A table with a header, its delimiter told by the header.

    Args:
        text: The file, decoded.
        name: What to call the file in a sentence.
        needed: Columns that must be there, each with the names that it may have.

    Raises:
        UserError: The header lacks a column, has one twice, or a row has another length.
    """
    body, given = without_directive(text)
    first = next((line for line in io.StringIO(body, newline=None) if line.strip()), "")
    for delimiter in given or DELIMITERS:
        header = parse(first, delimiter, name)
        columns = tuple(column_name(cell) for cell in header[0].cells) if header else ()
        if all(any(column in columns for column in names) for names in needed):
            return _checked(columns, parse(body, delimiter, name)[1:], name)
    wanted = " and ".join(f"'{names[0]}'" for names in needed)
    raise UserError(
        f"'{name}' needs the columns {wanted} in its first line, separated by commas, semicolons "
        f"or tabs; its first line is '{first.strip()[:80]}'."
    )


def parse(text: str, delimiter: str, name: str) -> list[Row]:
    """The rows of a text that are not empty.

    Raises:
        UserError: A quoted cell does not end, or goes on after its closing quote.
    """
    source = io.StringIO(text, newline=None)  # ends of lines of any system
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=True, strict=True)
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            kept = tuple(cell.strip() for cell in cells)
            if any(kept):
                rows.append(Row(line, kept))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(f"Line {line} of '{name}' cannot be read as a row ({error}).") from error
    return rows


def column_name(cell: str) -> str:
    """A heading as it is compared: `Class Name`, `class-name` and `class_name` are one."""
    return re.sub(r"[\s_\-]+", "_", cell.strip().casefold()).strip("_")


def _checked(columns: tuple[str, ...], rows: list[Row], name: str) -> Table:
    twice = next((c for c in columns if c and columns.count(c) > 1), None)
    if twice is not None:
        raise UserError(f"'{name}' has the column '{twice}' twice; rename or remove one.")
    for row in rows:
        if any(row.cells[len(columns) :]):
            raise UserError(
                f"Line {row.line} of '{name}' has {len(row.cells)} cells and the header has "
                f"{len(columns)}; put a cell that holds the delimiter in double quotes."
            )
    width = len(columns)
    filled = (Row(row.line, (row.cells + ("",) * width)[:width]) for row in rows)
    return Table(columns, tuple(filled))


def without_directive(text: str) -> tuple[str, str]:
    """A text without Excel's first line `sep=;`, and the delimiter that the line names.

    The line is left empty, so that the others keep their numbers.
    """
    first, _, rest = text.partition("\n")
    given = re.fullmatch(r"sep=(.)\r?", first)
    return ("\n" + rest, given[1]) if given else (text, "")
