"""Copies of what lies in a store, since a decoder needs a file.

Those of a process take a bounded room: the ones not asked for longest are removed for new ones.
What a killed process left is removed by the next one.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout
from upath import UPath

from tam_viz.scan.remote import asked, version
from tam_viz.types import UserError
from tam_viz.video.image_rate import RATE_FILE
from tam_viz.video.image_sequence import IMAGES

ROOM_BYTES = 2 << 30
"""Most that the copies of a process take, and the largest clip that is copied."""
_PREFIX, _LOCK, _PART, _YOUNG_S = "tam-viz-copies-", ".lock", 1 << 20, 60.0
_SMALL_PART = 16
"""What is smaller than this part of the room may be fetched beside others."""
_GUARD = threading.Lock()


@dataclass(eq=False)
class _Copy:
    """A file or folder, its size, and how many are reading it."""

    path: Path
    size: int
    readers: int = 1

    def remove(self) -> None:
        if self.path.is_dir():
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            self.path.unlink(missing_ok=True)


class Copies:
    """The copies of a process.

    Attributes:
        room: Bytes that they may take.
        folder: Where they are.
    """

    def __init__(self, room: int = ROOM_BYTES) -> None:
        self.room = room
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = FileLock(self.folder / _LOCK)
        self._lock.acquire()
        self._copies: dict[str, _Copy] = {}
        self._numbers = itertools.count()
        self._guard, self._large = threading.Lock(), threading.Lock()
        atexit.register(self.remove)

    @contextmanager
    def of(self, there: UPath) -> Iterator[Path]:
        """A file, or a folder of images, as one of this machine; its name is no part of the path.

        Raises:
            UserError: It is not there, or larger than there is room for.
            UnreachableError: The store does not answer.
        """
        number, known = next(self._numbers), version(there)
        key = f"{there} {known or number}"  # one of which no version is known is used once
        copy = self._known(key)
        if copy is None:
            target = self.folder / f"{number}{_ending(there.name)}"
            large = known is None or known[0] > self.room // _SMALL_PART
            with self._large if large else contextlib.nullcontext():  # one of them at a time
                size = asked(lambda: self._fetch(there, target), there)
            copy = self._kept(key, _Copy(target, size))
        try:
            yield copy.path
        finally:
            with self._guard:
                copy.readers -= 1
                self._make_room()

    def remove(self) -> None:
        """Removes all of them."""
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _known(self, key: str) -> _Copy | None:
        with self._guard:
            copy = self._copies.pop(key, None)
            if copy is not None:
                copy.readers += 1
                self._copies[key] = copy  # at the end: it is removed last
            return copy

    def _kept(self, key: str, copy: _Copy) -> _Copy:
        """Notes a new copy; one that another thread made meanwhile is used instead."""
        with self._guard:
            if key in self._copies:
                copy.remove()
                copy = self._copies[key]
                copy.readers += 1
            self._copies[key] = copy
            self._make_room()
        return copy

    def _make_room(self) -> None:
        taken = sum(copy.size for copy in self._copies.values())
        for key, copy in list(self._copies.items()):
            if taken > self.room and not copy.readers:
                copy.remove()
                taken -= self._copies.pop(key).size

    def _fetch(self, there: UPath, target: Path) -> int:
        """Copies a file, or the images of a folder; the bytes that they take."""
        if there.fs.info(there.path)["type"] != "directory":
            return self._fetch_file(there, target, self.room)
        target.mkdir(exist_ok=True)
        size = 0
        for entry in there.fs.ls(there.path, detail=True):
            name = PurePosixPath(entry["name"]).name
            if name == RATE_FILE or (_ending(name) in IMAGES and not name.startswith(".")):
                size += self._fetch_file(there / name, target / _plain(name), self.room - size)
        return size

    def _fetch_file(self, there: UPath, target: Path, room: int) -> int:
        size = 0
        with there.open("rb") as source, target.open("wb") as sink:
            while part := source.read(_PART):
                size += len(part)
                if size > room:
                    break
                sink.write(part)
        if size > room:
            target.unlink()
            raise UserError(
                f"'{there.name}' is larger than the {self.room / 2**30:.1f} GiB that copies of a "
                f"store may take; copy it to a folder of this machine."
            )
        return size


def copies() -> Copies:
    """Those of this process."""
    with _GUARD:  # several threads may be the first
        return _made()


@cache
def _made() -> Copies:
    remove_left_behind()
    return Copies()


def remove_copies() -> None:
    """Removes those of this process; processes of `multiprocessing` call no exit handlers."""
    with _GUARD:
        if _made.cache_info().currsize:
            _made().remove()
            _made.cache_clear()


def remove_left_behind() -> None:
    """Removes the copies of processes that are gone, told by their locks."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(Timeout, OSError):
            if time.time() < folder.stat().st_mtime + _YOUNG_S:
                continue  # it may not have its lock yet
            with FileLock(folder / _LOCK, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)


def _ending(name: str) -> str:
    """The ending of a name in small letters, if it is a plain one."""
    ending = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
    return ending[0].lower() if ending else ""


def _plain(name: str) -> str:
    """A name of letters, digits and the like, in which the numbers of frames stay."""
    return re.sub(r"[^\w. ()-]", "_", name)
