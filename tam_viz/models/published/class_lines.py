"""Class names in a text: alone on their lines, or beside their numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import NamedTuple

from tam_viz.models.published.class_marks import marked
from tam_viz.tables import DELIMITERS, Row, column_name, parse, without_directive
from tam_viz.types import UserError


class NumberedName(NamedTuple):
    """A class of a file: its number, its name, and where in the file both stand."""

    number: int
    name: str
    where: str


Numbered = list[NumberedName]

_NUMBER_HEADINGS = ("id", "index", "idx", "number", "no", "nr", "class_id", "class_index",
                    "label_id", "class_number", "classid", "labelid", "")  # fmt: skip
_NAME_HEADINGS = ("display_name", "class_name", "label_name", "classname", "name", "names", "class",
                  "classes", "label", "labels", "verb", "noun", "action", "key", "category",
                  "categories")  # fmt: skip
_FIRST = re.compile(r"(\d+)(?:\s*[:.)]\s+|\s+)(\S.*)")
_FILE = re.compile(r"\.(avi|mp4|mkv|webm|mov|jpe?g|png)$", re.IGNORECASE)
_NO_NAME = re.compile(r"[\W_]+|.*[{\[]")
_MARKUP = ("<!doctype", "<html", "<?xml")
_LAST = re.compile(r"(\S.*?)[\s:]+(\d+)")


def read_lines(text: str, name: str) -> list[str] | Numbered:
    """The names of a text, with their numbers where it numbers them.

    Whether it numbers them is decided by the whole file: `3 point shot` among lines without
    numbers is a name.

    Raises:
        UserError: Part of the file numbers its classes and part does not, or it is a list of
            something else.
    """
    text = _bared(without_directive(text)[0])
    rows = line_rows(text)
    pairs = [NumberedName(n, unquoted(text), _at(row, name)) for n, text, row in marked(rows) or ()]
    for row in [] if pairs else rows:
        if re.match(r"#|[-*]\s", row.cells[0]) or row.cells[0].lower().startswith(_MARKUP):
            raise UserError(
                f"{_at(row, name)} begins with '{row.cells[0][0]}'; expected nothing but names and "
                f"numbers of classes."
            )
    table = _with_header(text, rows, name) or _in_columns(text, name) or pairs
    names = table or _numbered(rows, name) or [unquoted(row.cells[0]) for row in rows]
    for row, entry in zip(rows[-len(names) :], names, strict=True):
        if isinstance(entry, NumberedName):
            label, where = entry.name, entry.where
        else:
            label, where = str(entry), _at(row, name)
        if label.isdecimal() or _FILE.search(label):
            raise UserError(
                f"{where} gives '{label[:60]}' as a class, which is a number or a file; expected "
                f"names of classes."
            )
        if "\t" in label or _NO_NAME.fullmatch(label):
            raise UserError(
                f"{where} gives '{label[:60]}' as a class, which is no name; expected one name a "
                f"line, alone or beside its number."
            )
    return names


def line_rows(text: str) -> list[Row]:
    """The lines of a text that are not empty, each as one cell."""
    lines = enumerate(io.StringIO(text, newline=None), start=1)
    return [Row(n, (line.strip(),)) for n, line in lines if line.strip()]


def _bared(text: str) -> str:
    """Lines as a program lists them, `('walk', 0),` or `"walk",`, without what ends each one."""
    rows = line_rows(text)
    for opening, closing in (("", ","), ("(", ")")):
        if all(row.cells[0].startswith(opening) and row.cells[0].endswith(closing) for row in rows):
            cells = {row.line: row.cells[0][len(opening) : -len(closing)] for row in rows}
            text = "\n".join(cells.get(line, "") for line in range(1, rows[-1].line + 1))
            rows = line_rows(text)
    return text


def unquoted(name: str) -> str:
    """A name without the quotes around the whole of it; quotes within it stay."""
    for quote in "\"'":
        inner = name[1:-1]
        if (
            len(name) > 2
            and name[0] == name[-1] == quote
            and quote not in inner.replace(2 * quote, "")
        ):
            return inner.replace(2 * quote, quote).strip()
    return name


def _with_header(text: str, rows: Sequence[Row], name: str) -> list[str] | Numbered | None:
    """The columns under a header that names them; None where there is no header."""
    for delimiter in DELIMITERS:
        try:
            header = [column_name(c) for c in parse(rows[0].cells[0], delimiter, name)[0].cells]
        except UserError:  # a name may hold quotes that no table has
            return None
        names = [header.index(heading) for heading in _NAME_HEADINGS if heading in header]
        numbers = [header.index(heading) for heading in _NUMBER_HEADINGS if heading in header]
        if not names or len(rows) < 2:
            continue
        if len(header) > 1 and not numbers and len(names) < 2:
            _require_no_table(rows, delimiter, len(header), name)
            continue
        body = parse(text, delimiter, name)[1:]
        if len(header) == 1:
            return [row.cells[0] for row in body]
        for number in (*numbers, *names):
            if all(_cell(row, number).isdecimal() for row in body):
                column = next((n for n in names if n != number), None)
                if column is not None:
                    return [_pair(row, number, column, name) for row in body]
        raise UserError(
            f"'{name}' has no column of whole numbers beside its names, as its first line "
            f"'{rows[0].cells[0][:80]}' promises."
        )
    return None


def _require_no_table(rows: Sequence[Row], delimiter: str, columns: int, name: str) -> None:
    """Raises a UserError if all rows have as many cells as a header that names no number."""
    if all(row.cells[0].count(delimiter) == columns - 1 for row in rows):
        raise UserError(
            f"{_at(rows[0], name)} is a header of {columns} columns and none of them numbers the "
            f"classes; expected names of classes, alone or beside their numbers."
        )


def _in_columns(text: str, name: str) -> Numbered | None:
    """Two columns without a header, one of them numbers; None where it is no such table."""
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        try:
            rows = parse(text, delimiter, name)
        except UserError:  # names may hold quotes that no table has
            continue
        rows = [Row(row.line, _filled(row.cells)) for row in rows]
        widths = {len(row.cells) for row in rows}
        if len(widths) == 1 and min(widths) > 2:
            columns = zip(*(row.cells for row in rows), strict=True)
            if delimiter in ";\t" or any(all(map(str.isdecimal, column)) for column in columns):
                raise UserError(
                    f"{_at(rows[0], name)} has {widths.pop()} columns, and no header says which "
                    f"of them are the numbers and the names of classes."
                )
        if widths != {2}:
            continue
        for number in (0, 1):
            if all(row.cells[number].isdecimal() for row in rows):
                return [_pair(row, number, 1 - number, name) for row in rows]
        if delimiter in ";\t":
            raise UserError(
                f"{_at(rows[0], name)} has two columns and neither holds whole numbers; expected "
                f"names of classes, alone or beside their numbers."
            )
    return None


def _filled(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Cells without the empty ones at the end."""
    last = max((at for at, cell in enumerate(cells) if cell), default=-1)
    return cells[: last + 1]


def _numbered(rows: Sequence[Row], name: str) -> Numbered | None:
    """Numbers and names with blanks between; None where the file does not number its lines."""
    words = [column_name(word) for word in rows[0].cells[0].split()]
    if len(words) == 2 and set(words) & set(_NUMBER_HEADINGS) and set(words) & set(_NAME_HEADINGS):
        rows = rows[1:]
    whole = []
    for pattern, number in ((_FIRST, 1), (_LAST, 2)):
        matches = [pattern.fullmatch(row.cells[0]) for row in rows]
        pairs = [
            NumberedName(int(m[number]), unquoted(m[3 - number]), _at(row, name))
            for m, row in zip(matches, rows, strict=True)
            if m is not None
        ]
        if number == 2 and len({pair.name for pair in pairs}) <= len(pairs) / 2:
            continue  # walk 1, walk 2, walk 3: the number is part of the name
        if len(pairs) == len(rows):
            whole.append(pairs)
        elif _almost(pairs, len(rows)):
            odd = next(row for row, m in zip(rows, matches, strict=True) if m is None)
            raise UserError(
                f"{_at(odd, name)} ('{odd.cells[0][:60]}') has no number and most lines have one; "
                f"number all classes or none."
            )
    if len(whole) == 2:
        whole = [pairs for pairs in whole if is_sequence([pair.number for pair in pairs])] or whole
        if len(whole) == 2 and [a.number for a in whole[0]] != [b.number for b in whole[1]]:
            raise UserError(
                f"{_at(rows[0], name)} has a number before and after the name; leave the one that "
                f"is the number of the class."
            )
    return whole[0] if whole else None


def _almost(pairs: Numbered, count: int) -> bool:
    """Whether most of so many lines are numbered as classes are: no number twice, none too high."""
    numbers = [pair.number for pair in pairs]
    return (
        len(pairs) > max(1, count / 2)
        and len(set(numbers)) == len(numbers)
        and max(numbers) <= count
    )


def is_sequence(numbers: Sequence[int]) -> bool:
    """Whether numbers run from 0 or from 1 without a gap, in any order."""
    return sorted(numbers) in ([*range(len(numbers))], [*range(1, len(numbers) + 1)])


def _pair(row: Row, number: int, column: int, name: str) -> NumberedName:
    if not row.cells[column:] or not row.cells[column]:
        raise UserError(f"{_at(row, name)} has a number and no name.")
    return NumberedName(int(row.cells[number]), unquoted(row.cells[column]), _at(row, name))


def _cell(row: Row, column: int) -> str:
    return row.cells[column] if column < len(row.cells) else ""


def _at(row: Row, name: str) -> str:
    return f"Line {row.line} of '{name}'"
