"""Files: hashing one, writing one whole or not at all, and what is wrong with one."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError


def sha256_of(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, data: bytes | str) -> None:
    """Writes a file whole or not at all; text as UTF-8.

    Raises:
        OSError: It cannot be written; what was there before is still there.
    """
    with replacing(path) as partial, partial.open("wb") as file:
        file.write(data.encode() if isinstance(data, str) else data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside a file that takes its place when all went well; else nothing of it is left.

    Every thread has a name of its own, so two that write the same file do not meet.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


def what_is_wrong(error: Exception) -> str:
    """Why a file could not be read as what it should be, in one line for a sentence."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return f"{where}: {first['msg']}" if where else first["msg"]
    return f"{type(error).__name__}: {error}"
