"""Members of a zip file from a stranger: told by name, bounded in size, never unpacked to disk."""

from __future__ import annotations

import io
import math
import re
import struct
import zipfile
import zlib
from tokenize import TokenError
from typing import Any

import numpy as np

from tam_viz.findings.record_json import MalformedError

START = b"PK\x03\x04"
"""How a zip file begins."""

_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DIRECTORY_BYTES = 4 << 20
_RATIO = 200
_HEADER_BYTES = 1024
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, OSError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError, IndexError, KeyError),
)

_ARRAY_ERRORS = (
    *(ValueError, TypeError, SyntaxError, TokenError, EOFError, RecursionError, MemoryError),
)


def open_zip(data: bytes, names: re.Pattern[str], most: int, limit: int) -> zipfile.ZipFile:
    """A zip file whose list of members is in order; none of them has been opened yet.

    Args:
        data: The file.
        names: What members may be called.
        most: How many there may be.
        limit: Bytes that all of them may claim to unpack to.

    Raises:
        MalformedError: It is none, or its list is not in order.
    """
    _check_directory(data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _ZIP_ERRORS as error:
        raise MalformedError("it is no zip file, or is damaged or cut short") from error
    members = archive.infolist()
    listed = [entry.filename for entry in members]
    if len(members) > most or len(set(listed)) < len(listed):
        raise MalformedError("it has too many members, or two of one name")
    for entry in members:
        if not names.fullmatch(entry.filename) or entry.orig_filename != entry.filename:
            raise MalformedError(f"it has a member {entry.filename[:80]!r}, which no finding has")
        if entry.flag_bits & 1 or entry.compress_type not in _PACKED:
            raise MalformedError(f"{entry.filename} is encrypted or packed in an unknown way")
    claimed = sum(entry.file_size for entry in members)
    if claimed > limit or claimed > _RATIO * len(data):
        raise MalformedError(f"it claims to unpack to {claimed:,} bytes")
    return archive


def _check_directory(data: bytes) -> None:
    """Refuses a list of members that is too long to be read at all."""
    offset = data.rfind(b"PK\x05\x06", -(1 << 16) - 22)
    if not data.startswith(START) or offset < 0:
        raise MalformedError("it is no zip file, or is cut short")
    size = int.from_bytes(data[offset + 12 : offset + 16], "little")
    if size > _DIRECTORY_BYTES or data[max(offset - 20, 0) : offset].startswith(b"PK\x06\x07"):
        raise MalformedError("its list of members is too long")


def member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """The bytes of a member, no more than `limit`.

    Raises:
        MalformedError: There is none, it is damaged, or larger.
    """
    try:
        with archive.open(name) as packed:
            data = packed.read(limit + 1)
    except KeyError as error:
        raise MalformedError(f"it has no {name}") from error
    except _ZIP_ERRORS as error:
        raise MalformedError(f"{name} in it is damaged") from error
    if len(data) > limit:
        raise MalformedError(f"{name} in it is larger than {limit >> 20} MB")
    return data


def array(
    arrays: zipfile.ZipFile, name: str, shape: tuple[int, ...], dtype: type[np.generic]
) -> np.ndarray:
    """An array of exactly this shape and type; nothing is allocated for another one.

    Raises:
        MalformedError: There is none, it is another one, or has values that are not finite.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    data = member(arrays, f"{name}.npy", size + _HEADER_BYTES)
    stream = io.BytesIO(data)
    try:
        header = _header(stream)
        if header != (shape, False, np.dtype(dtype)) or len(data) - stream.tell() != size:
            header = None
        stream.seek(0)
        values = None if header is None else np.load(stream, allow_pickle=False)
    except _ARRAY_ERRORS as error:
        raise MalformedError(f"{name} is no array") from error
    if values is None:
        raise MalformedError(f"{name} is not of shape {shape} and type {np.dtype(dtype)}")
    if np.dtype(dtype).kind == "f" and not np.isfinite(values).all():
        raise MalformedError(f"{name} has values that are not finite")
    return values


def _header(stream: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]] | None:
    """Shape, whether in Fortran's order, and type; None for another version than numpy writes."""
    if np.lib.format.read_magic(stream) != (1, 0):
        return None
    header: tuple[tuple[int, ...], bool, np.dtype[Any]]
    header = np.lib.format.read_array_header_1_0(stream)
    return header
