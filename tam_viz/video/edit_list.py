"""Edits of mp4 and mov that FFmpeg does not play as they are written.

An edit list says which parts of a track are shown, in which order and how fast. FFmpeg follows it,
with two exceptions: a pause between two parts, in whose place it plays the beginning, and a speed
other than 1. (ISO/IEC 14496-12, section 8.6.6.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_MOST = 4096
"""Boxes that are looked at within one; a film has a few dozen."""


class _Box(NamedTuple):
    kind: bytes
    begin: int
    end: int


class EditListEntry(NamedTuple):
    """One entry of an edit list.

    Attributes:
        duration: In ticks of the film; 0 for all that is left.
        begin: In ticks of the track; -1 for a pause.
        rate: Speed, 1 as it was filmed.
    """

    duration: int
    begin: int
    rate: float


def unplayed_edit(path: Path, track: int) -> str:
    """The edit of a track that FFmpeg does not play, in words; empty if there is none.

    Args:
        path: An mp4 or mov.
        track: Id of the track in it.
    """
    edits = _edits(path, track)
    parts = [at for at, edit in enumerate(edits) if edit.begin != -1]
    within = edits[parts[0] : parts[-1]] if parts else []
    if any(edit.begin == -1 and edit.duration for edit in within):
        return "a pause between two parts"
    rates = {edits[at].rate for at in parts}
    if any(rate != 1 and (rate or len(parts) > 1) for rate in rates):
        return "a part that is played at another speed"
    return ""


def _edits(path: Path, track: int) -> list[EditListEntry]:
    """The edit list of a track; empty if it has none, or a damaged one."""
    try:
        with path.open("rb") as file:
            whole = _Box(b"", 0, path.stat().st_size)
            for film in _inside(file, whole, b"moov"):
                for box in _inside(file, film, b"trak"):
                    if _track_id(file, box) == track:
                        return [*_of_track(file, box)]
    except (OSError, struct.error):
        return []
    return []


def _of_track(file: BinaryIO, track: _Box) -> Iterator[EditListEntry]:
    for outer in _inside(file, track, b"edts"):
        for box in _inside(file, outer, b"elst"):
            yield from _entries(file, box)


def _inside(file: BinaryIO, parent: _Box, kind: bytes) -> Iterator[_Box]:
    """The boxes of a kind in another one."""
    begin = parent.begin
    for _ in range(_MOST):
        if begin + 8 > parent.end:
            return
        file.seek(begin)
        size, name = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            head, size = 16, struct.unpack(">Q", file.read(8))[0]
        end = parent.end if size == 0 else min(parent.end, begin + size)
        if end < begin + head:
            return
        if name == kind:
            yield _Box(name, begin + head, end)
        begin = end


def _track_id(file: BinaryIO, track: _Box) -> int:
    header = next(_inside(file, track, b"tkhd"), None)
    if header is None:
        return 0
    file.seek(header.begin)
    version = file.read(1)[0] if header.end > header.begin else 0
    file.seek(header.begin + (20 if version == 1 else 12))
    number: int = struct.unpack(">I", file.read(4))[0]
    return number


def _entries(file: BinaryIO, box: _Box) -> Iterator[EditListEntry]:
    file.seek(box.begin)
    version, count = struct.unpack(">B3xI", file.read(8))
    form = ">QqI" if version == 1 else ">IiI"
    for _ in range(min(count, _MOST)):
        duration, begin, rate = struct.unpack(form, file.read(struct.calcsize(form)))
        yield EditListEntry(duration, begin, rate / 65536)
