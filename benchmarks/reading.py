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
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import sides
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


@dataclass(frozen=True)
class Source:
    """A video of the benchmark: `seconds` of new pictures, again and again.

    `groups` is the distance of its key frames; x264 decides for 0.
    """

    width: int
    height: int
    fps: int
    seconds: int
    times: int = 1
    groups: int = 0


SHORT_CLIP, LONG_CLIP = "10 s of 340×256", "60 s of 1280×720"
FILM = "2 h of 640×360"
VIDEOS = {
    SHORT_CLIP: Source(340, 256, 30, 10),
    LONG_CLIP: Source(1280, 720, 30, 15, times=4),
    FILM: Source(640, 360, 24, 16, times=450, groups=48),
}
SPECS = {
    "8 uniform": InputSpec(8, 256, 224),
    "8 dense": InputSpec(8, 256, 224, sampling="dense"),
}


def make(folder: Path, name: str, source: Source) -> Path:
    """A moving texture as H.264 in an mp4."""
    path, part = folder / f"{name}.mp4", folder / "part.mp4"
    encode(part, source)
    if source.times == 1:
        return part.rename(path)
    repeat(part, path, source.times)
    return path


def encode(path: Path, source: Source) -> None:
    """Writes the pictures of a source once."""
    width, height = source.width, source.height
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (height // 8 + 2, width // 8 + 66, 3), dtype=np.uint8)
    texture = coarse.repeat(8, axis=0).repeat(8, axis=1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=source.fps, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if source.groups:
            stream.codec_context.gop_size = source.groups
        for i in range(source.fps * source.seconds):
            across = 2 * i % 512
            pixels = np.ascontiguousarray(texture[:height, across : across + width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


def repeat(source: Path, path: Path, times: int) -> None:
    """Writes the packets of a video again and again, each time later."""
    with av.open(str(source)) as read, av.open(str(path), "w") as written:
        stream = read.streams.video[0]
        out = written.add_stream_from_template(stream)
        packets = [
            (bytes(p), p.pts or 0, p.dts or 0, p.duration, p.is_keyframe)
            for p in read.demux(stream)
            if p.size
        ]
        length = len(packets) * (packets[0][3] or 1)
        for turn in range(times):
            for data, pts, dts, duration, key in packets:
                packet = av.Packet(data)
                packet.pts, packet.dts = pts + turn * length, dts + turn * length
                packet.duration, packet.is_keyframe = duration, key
                if stream.time_base is not None:
                    packet.time_base = stream.time_base
                packet.stream = out
                written.mux(packet)


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
