"""By what a scan tells whether a clip is still the one that it read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tam_viz.scan.copies import copies
from tam_viz.scan.items import Item
from tam_viz.scan.remote import version
from tam_viz.scan.root import Root
from tam_viz.types import UserError
from tam_viz.video.clip import content_hash

Stamp = tuple[int, int | str]
"""Size in bytes, and the time of the last change in nanoseconds or a store's version."""


def content_of(root: Root, item: Item) -> str:
    """Hash of the bytes of a clip; of a generated one of what it is drawn from.

    Empty where the bytes cannot be read: the row will say why.
    """
    base = root.base
    if base is None:
        source = root.source(item)
        return hashlib.sha256(source.key.encode()).hexdigest()
    try:
        if isinstance(base, Path):
            return content_hash(base / item.path)
        with copies().of(base / item.path) as path:
            return content_hash(path)
    except (OSError, UserError):
        return ""


def stamp(root: Root, item: Item) -> Stamp | None:
    """What changes whenever the bytes of a clip do; None if that cannot be told."""
    base = root.base
    if base is None:
        return 0, 0
    try:
        if isinstance(base, Path):
            return _of_files(base / item.path)
        return version(base / item.path)
    except (OSError, UserError):
        return None


def _of_files(path: Path) -> Stamp:
    files = list(path.iterdir()) if path.is_dir() else [path]
    states = [file.stat() for file in files]
    return sum(s.st_size for s in states), max((s.st_mtime_ns for s in states), default=0)
