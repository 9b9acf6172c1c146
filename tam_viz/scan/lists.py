"""Lists of clips as people have them, read line by line: texts, tables, Something-Something's."""

from __future__ import annotations

import json
import os
import posixpath
import sqlite3
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tam_viz.scan.dataset import OURS, UNLABELLED
from tam_viz.scan.items import Item
from tam_viz.scan.listing import entries
from tam_viz.scan.remote import asked
from tam_viz.scan.store import Address
from tam_viz.tables import TableStream, stream_table
from tam_viz.texts import text_lines, text_parts
from tam_viz.types import UserError

_PATHS = ("path", "file", "video", "filename", "file_name", "video_path", "clip", "name", "id")
_LABELS = ("label", "class", "class_name", "action", "target", "category", "class_index")
_WHAT, _LONGEST = "a list of clips", 1 << 20


def in_table(file: Path, name: str, root: Address) -> Iterator[Item]:
    """The rows of a table with a header; the columns but path and label are kept.

    Args:
        file: The table, on this machine.
        name: What to call it.
        root: The folder that its paths are below.

    Raises:
        UserError: It is not such a table, or a path leads out of the folder.
    """
    table = stream_table(text_lines(file, _WHAT), name, _PATHS, _LABELS)
    first, label = _column(table, _PATHS), _column(table, _LABELS)
    others = {
        i: _own(column)
        for i, column in enumerate(table.columns)
        if column and i not in (first, label)
    }
    for row in table.rows:
        yield Item(
            inside(row.cells[first], root, f"line {row.line} of '{name}'"),
            row.cells[label],
            {column: row.cells[i] for i, column in others.items()},
        )


def _own(name: str) -> str:
    """A column of a dataset's table by a name that no column of a scan has."""
    plain = name.replace(".", "_")
    return f"{plain}_of_table" if plain in OURS else plain


def _column(table: TableStream, names: tuple[str, ...]) -> int:
    return next(table.columns.index(name) for name in names if name in table.columns)


def in_text(file: Path, name: str, root: Address) -> Iterator[Item]:
    """The lines of a text: `path label` (mmaction2's videos) or `path frames label` (its frames).

    Raises:
        UserError: A line is neither, or its path leads out of the folder.
    """
    counts = _Counts(root)
    for number, line in enumerate(text_lines(file, _WHAT), start=1):
        if line.strip():
            yield _item(line.strip(), root, f"line {number} of '{name}'", counts)


class _Counts:
    """Whether lines hold numbers of frames: `a 7 3` may also be the path `a 7`."""

    def __init__(self, root: Address) -> None:
        self._root = root
        self._known: bool | None = None

    def hold(self, path: str) -> bool:
        """Whether a path that ends in a number is one and a number of frames.

        On a disk each path is looked up; in a store the first one decides for all.
        """
        if isinstance(self._root, Path):
            return not os.path.exists(os.path.join(self._root, path))  # noqa: PTH110, PTH118
        if self._known is None:
            there = self._root / path
            self._known = not asked(there.exists, there)
        return self._known


def _item(line: str, root: Address, where: str, counts: _Counts) -> Item:
    last = line.rsplit(maxsplit=1)[-1]
    mark = None if last.isdecimal() or last == UNLABELLED else ","
    parts = [part.strip(" \t,") for part in line.rsplit(mark, 2)]
    if len(parts) < 2 or not (_is_number(parts[-1]) or parts[-1] == UNLABELLED):
        raise UserError(
            f"{where.capitalize()} is not understood: '{line[:80]}'. Expected 'path label' or "
            f"'path frames label', the label a number."
        )
    label = "" if parts[-1] == UNLABELLED else str(int(parts[-1]))
    path = line.rsplit(mark, 1)[0].strip(" \t,")
    if len(parts) > 2 and _is_number(parts[-2]) and counts.hold(path):
        path = parts[0]
    return Item(inside(path, root, where), label)


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def inside(name: str, root: Address, where: str) -> str:
    """A path of a list as a name below the root.

    Args:
        name: As the list has it: relative or absolute, with either kind of slash.
        root: The folder of the clips, as an absolute path or an address.
        where: Where it stands, for the sentence.

    Raises:
        UserError: It is empty or leads out of the folder.
    """
    plain = name.strip().replace("\\", "/")
    below = _below_folder(plain, root) if isinstance(root, Path) else _below(plain, root)
    if not below or below.split("/", 1)[0] in ("", ".", ".."):
        raise UserError(
            f"'{name[:80]}' ({where}) is not below '{root}'; name the folder of the clips "
            f"with --root."
        )
    return below


def _below_folder(name: str, root: Path) -> str:
    start = os.path.join(root, "")  # noqa: PTH118  # `Path` keeps a part of every name in memory
    full = os.path.normpath(start + name if not os.path.isabs(name) else name)  # noqa: PTH117
    return full[len(start) :].replace(os.sep, "/") if full.startswith(start) else ""


def _below(name: str, root: Address) -> str:
    for start in (f"{root}".rstrip("/"), root.path.rstrip("/")):  # type: ignore[union-attr]
        if start and name.startswith(f"{start}/"):
            name = name[len(start) + 1 :]
    return "" if "://" in name or name.startswith("/") else posixpath.normpath(name)


def in_json(file: Path, name: str, root: Address) -> Iterator[Item]:
    """Something-Something's lists: `id` and `template`, whose brackets are no part of the name.

    Raises:
        UserError: It is no list of such objects.
    """
    endings = _endings(root)
    for row in _objects(file, name):
        clip, template = _clip_and_template(row)
        if not clip or not template:
            raise _not_understood(name, f"it holds {json.dumps(row)[:80]}")
        ending = endings.execute("SELECT ending FROM endings WHERE stem = ?", [clip]).fetchone()
        path = f"{clip}{'.webm' if ending is None else ending[0]}"
        yield Item(inside(path, root, f"'{name}'"), template.replace("[", "").replace("]", ""))


def _clip_and_template(row: object) -> tuple[str, str]:
    """What an object says of a clip; empty where it says nothing that is a name."""
    given = row if isinstance(row, dict) else {}
    clip, template = given.get("id"), given.get("template") or given.get("label")
    named = isinstance(clip, int | str) and not isinstance(clip, bool)
    return str(clip) if named else "", template if isinstance(template, str) else ""


def _endings(root: Address) -> sqlite3.Connection:
    """The ending of each clip, told by what lies in the folder; none for a folder of frames."""
    database = sqlite3.connect("")  # of its own, on the disk as far as it is large
    database.execute("CREATE TABLE endings (stem TEXT PRIMARY KEY, ending TEXT) WITHOUT ROWID")
    for entry in entries(root):
        path = PurePosixPath(entry.name)
        row = (entry.name, "") if entry.is_folder else (path.stem, path.suffix)
        database.execute(
            "INSERT INTO endings VALUES (?, ?) ON CONFLICT DO UPDATE "
            "SET ending = max(ending, excluded.ending)",
            row,
        )
    return database


def _objects(file: Path, name: str) -> Iterator[object]:
    """The elements of a JSON list, one at a time."""
    decoder, rest, begun = json.JSONDecoder(), "", False
    for part in text_parts(file, _WHAT):
        rest += part
        if not begun:
            rest = rest.lstrip()
            if rest[:1] not in ("[", ""):
                raise _not_understood(name, "it is no list")
            begun, rest = bool(rest), rest[1:]
        while rest := rest.lstrip(" \t\r\n,"):
            if rest[0] == "]":
                return
            try:
                row, end = decoder.raw_decode(rest)
            except ValueError as error:
                if len(rest) > _LONGEST:
                    raise _not_understood(name, str(error)) from error
                break  # it goes on in the next part
            yield row
            rest = rest[end:]
    raise _not_understood(name, "it ends before its list does")


def _not_understood(name: str, why: str) -> UserError:
    return UserError(
        f"'{name}' is not understood ({why}); expected a list of objects with 'id' and 'template', "
        f"as Something-Something has."
    )
