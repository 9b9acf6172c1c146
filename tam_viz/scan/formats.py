"""Datasets as people have them: folders of class folders, lists, tables, Something-Something."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from tam_viz.models.published.labels import read_labels
from tam_viz.motionpairs.scene import Split
from tam_viz.scan.copies import copies
from tam_viz.scan.dataset import Dataset, made, motionpairs
from tam_viz.scan.items import Item
from tam_viz.scan.listing import in_folder
from tam_viz.scan.lists import in_json, in_table, in_text
from tam_viz.scan.remote import asked
from tam_viz.scan.root import Root
from tam_viz.scan.store import Address, address
from tam_viz.types import UserError
from tam_viz.video.library import GALLERY, LABELS

_GALLERY = "gallery"
_GENERATED = re.compile(r"motionpairs:(train|validation|test|shift):(\d+):(\d+)")
_READERS: dict[str, Callable[[Path, str, Address], Iterator[Item]]] = {
    ".csv": in_table,
    ".tsv": in_table,
    ".json": in_json,
    ".txt": in_text,
    ".list": in_text,
    ".lst": in_text,
}
EXPECTED = (
    "a folder of class folders, a list (.txt: 'path label' or 'path frames label'), a table (.csv "
    "with a header), Something-Something's .json, motionpairs:SPLIT:SEED:COUNT, or gallery for the "
    "clips that come along"
)


def open_dataset(
    data: str | Path, *, root: str | Path | None = None, classes: str | Path | None = None
) -> Dataset:
    """Opens a dataset, whatever form it has.

    Args:
        data: A folder (of class folders, or with a `labels.csv`), a list, a table, a JSON file, or
            `motionpairs:SPLIT:SEED:COUNT`, or `gallery`. Folders and files may be at any address
            that fsspec opens.
        root: The folder or address that paths in a list are below; by default that of the list.
        classes: A file of class names by number, for lists that number their classes.

    Raises:
        UserError: There is no such thing, it is not understood, or it holds no clips.
    """
    generated = _GENERATED.fullmatch(str(data))
    if generated:
        split: Split = generated[1]  # type: ignore[assignment]  # the pattern has just these
        return motionpairs(split, int(generated[2]), int(generated[3]))
    if str(data) == _GALLERY and not Path(data).exists():
        return made("gallery", Root(gallery=True), in_table(GALLERY / LABELS, LABELS, GALLERY))
    there, names = address(data), _names(classes)
    if not str(data).strip() or not _ask(there, there.exists):
        raise UserError(f"There is no '{data}'; expected {EXPECTED}.")
    if _ask(there, there.is_dir):
        return _folder(there, names)
    reader = _READERS.get(PurePosixPath(there.name).suffix.lower())
    if reader is None:
        raise UserError(f"'{there.name}' is not a dataset that is known here; expected {EXPECTED}.")
    below = there.parent if root is None else address(root)
    if not _ask(below, below.is_dir):
        raise UserError(f"There is no folder '{below}' of clips; name it with --root.")
    with _here(there) as file:
        return made(there.name, Root(below), reader(file, there.name, below), names=names)


def _folder(folder: Address, names: Sequence[str]) -> Dataset:
    """A folder of clips: those that its list names, else those of its class folders."""
    listed, notices = folder / LABELS, list[str]()
    with contextlib.ExitStack() as stack:
        if _ask(listed, listed.exists):
            items = in_table(stack.enter_context(_here(listed)), LABELS, folder)
        else:
            items = in_folder(folder, notices)
        return made(folder.name or str(folder), Root(folder), items, names=names, notices=notices)


def _names(classes: str | Path | None) -> Sequence[str]:
    if classes is None:
        return ()
    with _here(address(classes)) as file:
        return read_labels(file)


def _ask(there: Address, question: Callable[[], bool]) -> bool:
    return question() if isinstance(there, Path) else asked(question, there)


@contextmanager
def _here(there: Address) -> Iterator[Path]:
    """A file of this machine; of one in a store a copy."""
    if isinstance(there, Path):
        yield there
    else:
        with copies().of(there) as copy:
            yield copy
