"""Edit lists of mp4 and mov: followed where FFmpeg follows them, refused where it does not."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tam_viz.types import UserError
from tam_viz.video.edit_list import unplayed_edit
from tam_viz.video.readers import read_video
from tests.video.numbered import film, number

TICKS, LATE = 512, 1024
"""Of a frame in the film that `film` writes, and of its first one, behind two B-frames."""

Edits = list[tuple[int, int, float]]
"""Milliseconds, first frame or -1 for a pause, and speed."""


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    while data:
        size, kind = struct.unpack(">I4s", data[:8])
        yield kind, data[8:size]
        data = data[size:]


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def edited(data: bytes, edits: Edits, *, wide: bool = False) -> bytes:
    """A film with another edit list; in numbers of 64 bits if `wide`."""
    form = ">QqI" if wide else ">IiI"
    entries = [
        struct.pack(form, length, LATE + TICKS * first if first >= 0 else -1, round(rate * 65536))
        for length, first, rate in edits
    ]
    edit_list = box(b"elst", struct.pack(">B3xI", wide, len(edits)) + b"".join(entries))
    parts = []
    for kind, body in boxes(data):
        if kind in (b"moov", b"trak"):
            parts.append(box(kind, edited(body, edits, wide=wide)))
        else:
            parts.append(box(kind, edit_list if kind == b"edts" else body))
    return b"".join(parts)


def written(path: Path, edits: Edits, *, wide: bool = False) -> Path:
    path.write_bytes(edited(film(path).read_bytes(), edits, wide=wide))
    return path


FOLLOWED: dict[str, tuple[Edits, list[int]]] = {
    "two parts": ([(500, 20, 1), (300, 5, 1)], [*range(20, 35), *range(5, 14)]),
    "one part twice": ([(500, 12, 1), (500, 12, 1)], [*range(12, 27)] * 2),
    "off a key frame": ([(600, 14, 1)], [*range(14, 32)]),
    "a pause before": ([(2000, -1, 1), (500, 3, 1)], [*range(3, 18)]),
}


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("edits", "numbers"), FOLLOWED.values(), ids=FOLLOWED)
def test_edits_are_followed(edits: Edits, numbers: list[int], wide: bool, tmp_path: Path) -> None:
    frames = read_video(written(tmp_path / "film.mp4", edits, wide=wide), "film", np.arange)
    assert [number(image) for image in frames.images] == numbers
    # Where two parts meet, FFmpeg may give both frames the same time.
    assert frames.times_s == pytest.approx(np.arange(len(numbers)) / 30, abs=0.034)
    assert frames.notices == ()


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([(400, 0, 1), (1000, -1, 1), (400, 12, 1)], "a pause between two parts"),
        ([(1000, 0, 0.5)], "another speed"),
        ([(400, 0, 1), (400, 12, 0)], "another speed"),
    ],
)
def test_what_ffmpeg_would_play_wrong_is_refused(edits: Edits, said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"'film' is edited .* {said}"):
        read_video(written(tmp_path / "film.mp4", edits), "film", np.arange)


def test_damaged_boxes_are_no_edits(tmp_path: Path) -> None:
    whole = written(tmp_path / "film.mp4", [(400, 0, 1), (9, -1, 1), (400, 12, 1)]).read_bytes()
    assert unplayed_edit(tmp_path / "film.mp4", 1)
    assert not unplayed_edit(tmp_path / "film.mp4", 2)
    rng = np.random.default_rng(0)
    for _ in range(200):
        broken = bytearray(whole)
        start = len(whole) - 1200
        for place in rng.integers(start, len(whole), 30):
            broken[place] = int(rng.choice([0, 1, 255]))
        (tmp_path / "broken.mp4").write_bytes(broken[: int(rng.integers(start, len(whole)))])
        assert isinstance(unplayed_edit(tmp_path / "broken.mp4", 1), str)
