"""The clips of a folder of class folders, on a disk or in a store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tam_viz.scan.items import Item
from tam_viz.scan.remote import asked
from tam_viz.scan.store import Address
from tam_viz.types import UserError
from tam_viz.video.containers import is_named_video
from tam_viz.video.image_sequence import IMAGES


@dataclass(frozen=True)
class FolderEntry:
    """What lies in a folder."""

    name: str
    is_folder: bool


def entries(folder: Address) -> Iterator[FolderEntry]:
    """What lies in a folder, hidden things left out, in any order; links are followed.

    Raises:
        UserError: It cannot be read.
    """
    if isinstance(folder, Path):
        try:
            with os.scandir(folder) as there:
                for entry in there:
                    if not entry.name.startswith("."):
                        yield FolderEntry(entry.name, _is_folder(entry))
        except OSError as error:
            raise UserError(
                f"The folder '{folder}' cannot be read ({error.strerror or error})."
            ) from error
        return
    for info in asked(lambda: folder.fs.ls(folder.path, detail=True), folder):
        name = PurePosixPath(info["name"]).name
        if not name.startswith(".") and PurePosixPath(info["name"]) != PurePosixPath(folder.path):
            yield FolderEntry(name, info["type"] == "directory")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def in_folder(folder: Address, notices: list[str]) -> Iterator[Item]:
    """Clips of class folders, or of the folder itself where it has none; labels are the folders.

    Args:
        folder: The folder.
        notices: What a person should know is added here when all are listed.
    """
    passed: list[str] = []
    for entry in entries(folder):
        if not entry.is_folder:
            if is_named_video(entry.name):
                yield Item(entry.name, "")
        elif holds_images(folder / entry.name):
            yield Item(entry.name, "")
        else:
            yield from _in_class(folder / entry.name, entry.name, passed)
    if passed:
        notices.append(
            f"{len(passed):,} folders inside class folders hold no images and are passed over, "
            f"such as '{min(passed)}'."
        )


def _in_class(folder: Address, label: str, passed: list[str]) -> Iterator[Item]:
    for entry in entries(folder):
        path = f"{label}/{entry.name}"
        is_clip = holds_images if entry.is_folder else _is_video
        if is_clip(folder / entry.name):
            yield Item(path, label)
        elif entry.is_folder:
            passed.append(path)


def _is_video(file: Address) -> bool:
    return is_named_video(file.name)


def holds_images(folder: Address) -> bool:
    """Whether a folder is one of frames."""
    return any(PurePosixPath(entry.name).suffix.lower() in IMAGES for entry in entries(folder))
