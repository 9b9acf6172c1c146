"""By what a scan tells whether a clip is still the one that it read."""

from __future__ import annotations

import hashlib

from tam_viz.scan.dataset import Item, Root
from tam_viz.video.clip import content_hash


def content_of(root: Root, item: Item) -> str:
    """Hash of the bytes of a clip; of a generated one of what it is drawn from.

    Empty where the bytes cannot be read: the row will say why.
    """
    base = root.base
    if base is None:
        source = root.source(item)
        return hashlib.sha256(source.key.encode()).hexdigest()
    try:
        return content_hash(base / item.path)
    except OSError:
        return ""


def stamp(root: Root, item: Item) -> tuple[int, int]:
    """Size in bytes and time of the last change in nanoseconds; (0, 0) if it cannot be told."""
    base = root.base
    if base is None:
        return 0, 0
    path = base / item.path
    try:
        files = list(path.iterdir()) if path.is_dir() else [path]
        states = [file.stat() for file in files]
    except OSError:
        return 0, 0
    return sum(s.st_size for s in states), max((s.st_mtime_ns for s in states), default=0)
