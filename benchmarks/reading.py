"""The cost of reading eight frames of a short clip, a long one and a two-hour film.

    python benchmarks/reading.py [--turns 7]

The videos are made first, the longer ones by repeating seconds of encoded packets. For each, eight
frames spread over it and eight of a dense window are read by `read_video` (in the process, as the
decoding process does it), by `read_clip` (in the decoding process that stays alive), and by decord
where it is installed, and compared with a bare sequential decode of the whole file, which converts
nothing.
The sides take turns. What is counted is processor time, of all threads and of the decoding process,
which depends little on what else runs on the machine; a ratio of the table is that of two medians,
and the last column is their difference where the reader decodes all. A sequential decode of the
film takes long: it is done once.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import sides
from benchmarks.films import TEN_SECONDS, Source, make
from tam_viz.types import InputSpec
from tam_viz.video.clip import read_clip
from tam_viz.video.crops import resized
from tam_viz.video.pool import POOL
from tam_viz.video.readers import read_video
from tam_viz.video.sampling import sample

TURNS = sides.turns_asked()
SHORT_TURNS = 3 * TURNS
SHORT = 1_000_000
"""A file with fewer bytes is read in more turns."""

SHORT_CLIP, LONG_CLIP = "10 s of 340×256", "60 s of 1280×720"
FILM = "2 h of 640×360"
VIDEOS = {
    SHORT_CLIP: TEN_SECONDS,
    LONG_CLIP: Source(1280, 720, 30, 15, times=4),
    FILM: Source(640, 360, 24, 16, times=450, groups=48),
}
SPECS = {
    "8 uniform": InputSpec(8, 256, 224),
    "8 dense": InputSpec(8, 256, 224, sampling="dense"),
}


def bare(path: Path) -> None:
    """Decodes every frame with as many threads as the reader, and does nothing with it."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stream.thread_count = min(4, os.cpu_count() or 1)
        for _ in container.decode(stream):
            pass


def readings(path: Path, spec: InputSpec) -> dict[str, Callable[[], object]]:
    """The ways to read, by name."""

    def by_decord() -> object:
        import decord  # noqa: PLC0415  # not on every platform

        video = decord.VideoReader(str(path))
        return video.get_batch(np.unique(sample(len(video), spec)[0])).asnumpy()

    def in_process() -> object:
        return read_video(
            path, path.name, lambda n: sample(n, spec)[0], lambda image: resized(image, spec)
        )

    readers: dict[str, Callable[[], object]] = {
        "reader": in_process,
        "read_clip": lambda: read_clip(path, spec),
    }
    return {**readers, "decord": by_decord} if find_spec("decord") else readers


def seconds(action: Callable[[], object]) -> float:
    """Processor time of one run, with the processes that it started."""
    before = _used()
    action()
    return _used() - before


def _used() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    alive = sum(_of_process(pid) for pid in POOL.waiting())
    return alive + sum(usage.ru_utime + usage.ru_stime for usage in spent)


def _of_process(pid: int) -> float:
    """Processor time of a process that has not ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(path: Path, *, once: bool) -> list[dict[str, object]]:
    """One row for each way to choose frames."""
    sides.progress(path.name)
    rows: list[dict[str, object]] = []
    whole = seconds(lambda: bare(path)) if once else 0.0
    turns = SHORT_TURNS if path.stat().st_size < SHORT else TURNS
    for which, spec in SPECS.items():
        taken: dict[str, list[float]] = {}
        for _ in range(turns):
            decode = whole if once else seconds(lambda: bare(path))
            taken.setdefault(DECODE, []).append(decode)
            for name, action in readings(path, spec).items():
                taken.setdefault(name, []).append(seconds(action))
        medians = {name: statistics.median(times) for name, times in taken.items()}
        rows.append({"video": path.stem, "frames": which, "seconds": medians})
        sides.progress(str(table_row(rows[-1])))
    return rows


def table_row(row: dict[str, object]) -> tuple[object, ...]:
    """A line of the table."""
    taken = row["seconds"]
    assert isinstance(taken, dict)
    decode = taken[DECODE]
    cells = [f"{taken[name] / decode:.3g}" if name in taken else "–" for name in READERS]
    beyond = 1000 * (taken["read_clip"] - decode)
    return (
        row["video"],
        row["frames"],
        f"{decode:.3g} s",
        *cells,
        f"{beyond:.0f} ms" if beyond > 0 else "–",
    )


DECODE = "bare decode"
READERS = ("reader", "read_clip", "decord")
COLUMNS = ("video", "frames", DECODE, *READERS, "read_clip beyond the decode")


def main() -> None:
    """Writes `results/reading.json`."""
    with tempfile.TemporaryDirectory() as name:
        rows = []
        for called, source in VIDEOS.items():
            sides.progress(f"making {called}")
            path = make(Path(name), called, source)
            rows += measure(path, once=called == FILM)
            path.unlink()
    sides.write("reading", (COLUMNS, [table_row(row) for row in rows]))


if __name__ == "__main__":
    main()
