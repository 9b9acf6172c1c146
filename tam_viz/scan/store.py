"""Where a scan is kept: a folder of this machine, or any address that fsspec opens.

A file is written whole or not at all. In a folder it is written under another name, synced and
renamed; object stores keep nothing of an upload that did not end, so there it is one upload.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from tam_viz import files
from tam_viz.types import UserError

Address = Path | UPath
"""A folder or file: a `Path` of this machine, or a `UPath` of any store."""


def address(text: str | Path | UPath) -> Address:
    """The folder or file with an address such as `runs/a`, `file:///runs/a` or `s3://bucket/a`.

    Raises:
        UserError: The store is of a kind that is not known, or its library is not installed.
    """
    if isinstance(text, UPath) or (isinstance(text, str) and "://" in text):
        try:
            there = UPath(text, use_listings_cache=False)  # others write there as well
            there.fs  # noqa: B018  # loads the library of the store
        except (ImportError, ValueError) as error:
            raise UserError(
                f"'{text}' cannot be opened: {error}. Expected a folder, or an address that "
                f"fsspec knows and whose library is installed."
            ) from error
        return Path(there.path).absolute() if there.protocol in ("", "file", "local") else there
    return Path(text).absolute()


def is_local(address: Address) -> bool:
    """Whether it is on a disk of this machine, or one that is mounted."""
    return isinstance(address, Path)


@contextmanager
def writable(folder: Address) -> Iterator[None]:
    """Turns what a disk or a store refuses into a sentence.

    Raises:
        UserError: Something could not be written; nothing that was there is lost.
    """
    try:
        yield
    except OSError as error:
        raise UserError(
            f"'{folder}' cannot be written to ({error.strerror or error}). What was done is kept; "
            f"make room, or make the folder writable, and run the same command again."
        ) from error


def write_whole(path: Address, data: bytes) -> None:
    """Writes a file whole or not at all.

    Raises:
        UserError: It cannot be written; nothing that was there is lost.
    """
    with writable(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(path, Path):
            path.write_bytes(data)
            return
        files.write_whole(path, data)


@contextmanager
def made_beside(path: Address) -> Iterator[Path]:
    """A local file to be written, which then becomes the one with this address.

    Raises:
        UserError: It cannot be written; nothing that was there is lost.
    """
    with writable(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(path, Path):
            with files.replacing(path) as partial:
                yield partial
                with partial.open("rb") as file:
                    os.fsync(file.fileno())
            return
        with tempfile.TemporaryDirectory() as folder:
            partial = Path(folder) / path.name
            yield partial
            with partial.open("rb") as source, path.open("wb") as sink:
                shutil.copyfileobj(source, sink)


def write_table(path: Address, table: pa.Table, *, rows: int, compression: str = "zstd") -> None:
    """Writes a Parquet file whole or not at all.

    Args:
        path: The file.
        table: What it holds.
        rows: In a row group.
        compression: Of its pages.

    Raises:
        UserError: It cannot be written; nothing that was there is lost.
    """
    whole = io.BytesIO()
    pq.write_table(table, whole, compression=compression, row_group_size=rows)
    write_whole(path, whole.getvalue())


def read_table(path: Address, columns: Sequence[str] | None = None) -> pa.Table:
    """A Parquet file."""
    with path.open("rb") as file:
        return pq.read_table(file, columns=None if columns is None else list(columns))


def names_in(folder: Address, ending: str = "") -> list[str]:
    """Names of what is in a folder, in their order; none if there is no such folder."""
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return []
    return sorted(name for name in names if name.endswith(ending) and not name.startswith("."))
