"""Datasets as people have them: folders of class folders, lists, tables, Something-Something."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tam_viz.models.published.labels import read_labels
from tam_viz.motionpairs.scene import Split
from tam_viz.scan.dataset import OURS, Dataset, Item, Root, made, motionpairs
from tam_viz.tables import Table, read_table, read_text
from tam_viz.types import UserError
from tam_viz.video.containers import is_named_video
from tam_viz.video.image_sequence import IMAGES
from tam_viz.video.library import GALLERY, LABELS

_PATHS = ("path", "file", "video", "filename", "file_name", "video_path", "clip", "name", "id")
_LABELS = ("label", "class", "class_name", "action", "target", "category", "class_index")
_BYTES, _WHAT = 1 << 30, "a list of clips"
_GALLERY = "gallery"
_GENERATED = re.compile(r"motionpairs:(train|validation|test|shift):(\d+):(\d+)")
EXPECTED = (
    "a folder of class folders, a list (.txt: 'path label' or 'path frames label'), a table (.csv "
    "with a header), Something-Something's .json, motionpairs:SPLIT:SEED:COUNT, or gallery for the "
    "clips that come along"
)


def open_dataset(
    data: str | Path, *, root: Path | None = None, classes: Path | None = None
) -> Dataset:
    """Opens a dataset, whatever form it has.

    Args:
        data: A folder (of class folders, or with a `labels.csv`), a list, a table, a JSON file, or
            `motionpairs:SPLIT:SEED:COUNT`, or `gallery`.
        root: The folder that paths in a list are below; by default that of the list.
        classes: A file of class names by number, for lists that number their classes.

    Raises:
        UserError: There is no such thing, it is not understood, or it holds no clips.
    """
    generated = _GENERATED.fullmatch(str(data))
    if generated:
        split: Split = generated[1]  # type: ignore[assignment]  # the pattern has just these
        return motionpairs(split, int(generated[2]), int(generated[3]))
    path = Path(data)
    if str(data) == _GALLERY and not path.exists():
        return made("gallery", Root(gallery=True), _table(GALLERY / LABELS, GALLERY))
    if not path.exists():
        raise UserError(f"There is no '{path}'; expected {EXPECTED}.")
    names = () if classes is None else read_labels(classes)
    if path.is_dir():
        whole = path.absolute()
        items = _table(path / LABELS, whole) if (path / LABELS).exists() else list(_folder(path))
        return made(whole.name, Root(whole), items, names=names)
    below = (root or path.parent).absolute()
    if not below.is_dir():
        raise UserError(f"There is no folder '{below}' of clips; name it with --root.")
    items = _read(path, below)
    return made(path.name, Root(below), items, names=names)


def _read(path: Path, root: Path) -> list[Item]:
    ending = path.suffix.lower()
    if ending in {".csv", ".tsv"}:
        return _table(path, root)
    if ending == ".json":
        return _something(path, root)
    if ending in {".txt", ".list", ".lst"}:
        return [_line(path, number, line, root) for number, line in _lines(path)]
    raise UserError(f"'{path.name}' is not a dataset that is known here; expected {EXPECTED}.")


def _folder(folder: Path) -> Iterator[Item]:
    """Clips of class folders, or of the folder itself where it has none; labels are the folders."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if is_clip(path):
            yield Item(path.name, "")
        elif path.is_dir():
            for clip in sorted(path.iterdir()):
                if not clip.name.startswith(".") and is_clip(clip):
                    yield Item(f"{path.name}/{clip.name}", path.name)


def is_clip(path: Path) -> bool:
    """True for a file that is named like a video and for a folder that holds images."""
    if path.is_dir():
        return any(file.suffix.lower() in IMAGES for file in path.iterdir())
    return is_named_video(path.name)


def _table(path: Path, root: Path) -> list[Item]:
    """The rows of a table with a header; the columns but path, label and frames are kept."""
    table = read_table(read_text(path, _BYTES, _WHAT), path.name, _PATHS, _LABELS)
    first, label = _column(table, _PATHS), _column(table, _LABELS)
    others = {
        i: _own(name) for i, name in enumerate(table.columns) if name and i not in (first, label)
    }
    return [
        Item(
            inside(row.cells[first], root, f"line {row.line} of '{path.name}'"),
            row.cells[label],
            {name: row.cells[i] for i, name in others.items()},
        )
        for row in table.rows
    ]


def _own(name: str) -> str:
    """A column of a dataset's table by a name that no column of a scan has."""
    plain = name.replace(".", "_")
    return f"{plain}_of_table" if plain in OURS else plain


def _column(table: Table, names: tuple[str, ...]) -> int:
    return next(table.columns.index(name) for name in names if name in table.columns)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a list that are not empty, with their numbers from 1."""
    text = read_text(path, _BYTES, _WHAT)
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, line.strip()


def _line(path: Path, number: int, line: str, root: Path) -> Item:
    """`path label` (mmaction2's videos) or `path frames label` (frames, mmaction2's and TSM's)."""
    parts = line.replace(",", " ").split() if "," in line and " " not in line else line.split()
    if len(parts) < 2 or not parts[-1].isdecimal():
        raise UserError(
            f"Line {number} of '{path.name}' is not understood: '{line[:80]}'. Expected "
            f"'path label' or 'path frames label', the label a number."
        )
    label = str(int(parts[-1]))
    counted = len(parts) > 2 and parts[-2].isdecimal()
    whole = line.rsplit(maxsplit=1)[0]
    if counted and not (root / whole).exists():
        whole = line.rsplit(maxsplit=2)[0]
    return Item(inside(whole, root, f"line {number} of '{path.name}'"), label)


def inside(name: str, root: Path, where: str) -> str:
    """A path of a list as a name below the root.

    Args:
        name: As the list has it: relative or absolute, with either kind of slash.
        root: Absolute path of the folder of the clips.
        where: Where it stands, for the sentence.

    Raises:
        UserError: It is empty or leads out of the folder.
    """
    plain = name.strip().replace("\\", "/")
    full = Path(os.path.normpath(root / plain))  # by its letters: links in a data set are meant
    if not plain or full == root or not full.is_relative_to(root):
        raise UserError(
            f"'{name[:80]}' ({where}) is not below '{root}'; name the folder of the clips "
            f"with --root."
        )
    return full.relative_to(root).as_posix()


def _something(path: Path, root: Path) -> list[Item]:
    """Something-Something's lists: `id` and `template`, whose brackets are no part of the name."""
    try:
        rows = json.loads(read_text(path, _BYTES, _WHAT))
        found = [(str(row["id"]), str(row.get("template") or row["label"])) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"'{path.name}' is not understood ({type(error).__name__}: {error}); expected a list "
            f"of objects with 'id' and 'template', as Something-Something has."
        ) from error
    endings = _endings(root, [name for name, _ in found])
    return [
        Item(
            inside(f"{name}{endings.get(name, '.webm')}", root, f"'{path.name}'"),
            template.replace("[", "").replace("]", ""),
        )
        for name, template in found
    ]


def _endings(root: Path, names: Sequence[str]) -> dict[str, str]:
    """The ending of each clip, told by what lies in the folder; nothing for a folder of frames."""
    wanted = set(names)
    return {
        path.stem if path.is_file() else path.name: path.suffix if path.is_file() else ""
        for path in sorted(root.iterdir())
        if (path.stem if path.is_file() else path.name) in wanted
    }
