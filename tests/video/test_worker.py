"""The decoding process: several requests, its limits, and what becomes of it told as it is."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from tam_viz.types import InputSpec, UserError
from tam_viz.video import decode, pool, sequential, worker
from tam_viz.video.clip import read_clip, read_views
from tam_viz.video.decode import Limits
from tam_viz.video.pool import POOL, DecoderPool, RequestOutcome
from tam_viz.video.wire import Reply, receive, send
from tam_viz.video.worker import Request, serve
from tests.video.makers import SPEC
from tests.video.numbered import FORMS, film, number

WHOLE = InputSpec(frames=8, resize=96, size=96)


def request(path: Path, memory_bytes: int = 4 << 30) -> Request:
    return Request(str(path), path.name, WHOLE, None, memory_bytes)


def test_one_process_serves_several_requests(tmp_path: Path) -> None:
    whole, none = film(tmp_path / "a.mp4"), tmp_path / "none.mp4"
    none.write_bytes(b"\0" * 4096)
    done = subprocess.run(
        pool.COMMAND,
        input=b"".join(request(path).line() for path in (whole, none, whole)),
        capture_output=True,
        check=True,
    )
    answers = io.BytesIO(done.stdout)
    first, second, third = (receive(answers) for _ in range(3))
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.kind, second.kind, third.kind) == ("frames", "refused", "frames")
    assert "none.mp4" in second.text
    assert (first.arrays["pixels"] == third.arrays["pixels"]).all()
    assert receive(answers) is None


def test_answers_travel_whole_or_not_at_all() -> None:
    stream = io.BytesIO()
    arrays = {"a": np.arange(6, dtype=np.int64).reshape(2, 3), "b": np.array([[0.5]])}
    send(stream, Reply("frames", "text", {"n": 3, "said": ["ü"]}, arrays))
    data = stream.getvalue()
    answer = receive(io.BytesIO(data))
    assert answer is not None
    assert (answer.kind, answer.text, answer.fields) == ("frames", "text", {"n": 3, "said": ["ü"]})
    for name, array in arrays.items():
        assert answer.arrays[name].dtype == array.dtype
        assert answer.arrays[name].tolist() == array.tolist()
        answer.arrays[name][...] = 0  # torch wants arrays that can be written to
    for cut in (0, 10, len(data) - 1):
        assert receive(io.BytesIO(data[:cut])) is None


def test_lack_of_memory_is_not_the_end_of_the_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film(tmp_path / "film.mp4")
    ordinary = sequential.Film.decode

    def decode_some(self: sequential.Film, packet: object) -> object:
        if getattr(packet, "opaque", None) == [20]:
            raise av.FFmpegError(errno.ENOMEM, "Cannot allocate memory")
        return ordinary(self, packet)  # type: ignore[arg-type]

    monkeypatch.setattr(sequential.Film, "decode", decode_some)
    monkeypatch.setattr(worker, "limit_memory", lambda _: None)
    assert serve(request(path)).kind == "memory"


@pytest.mark.parametrize("mebibytes", [250, 300, 400])
def test_too_little_memory_for_one_frame(mebibytes: int, tmp_path: Path) -> None:
    """Wherever memory runs out: decoders call the file damaged then."""
    pytest.importorskip("resource")
    path = film(tmp_path / "large.mp4", count=2, size=(4096, 4096))
    with pytest.raises(UserError, match=r"more than the 0\.\d+ GiB of memory|ran out of memory"):
        read_clip(path, SPEC, limits=Limits(memory_bytes=mebibytes << 20))


@pytest.mark.parametrize("mebibytes", [1, 300, 380, 420])
def test_too_little_memory_for_a_thread(mebibytes: int, tmp_path: Path) -> None:
    """However small the film: its decoder's threads reserve memory that they hardly use."""
    pytest.importorskip("resource")
    path = film(tmp_path / "small.mp4", count=8, size=(64, 64))
    for _ in range(3):
        answer = DecoderPool().ask(request(path, mebibytes << 20), 60.0).answer
        assert answer is not None
        assert answer.kind in (("memory",) if mebibytes == 1 else ("memory", "frames"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-signal.SIGSEGV, "decoder crashed on 'a.mp4' (SIGSEGV)"),
        (-signal.SIGABRT, "decoder crashed on 'a.mp4' (SIGABRT)"),
        (-signal.SIGKILL, "ran out of memory"),
        (1, "an error of the program itself (exit code 1)"),
        (worker.NO_MEMORY, "GiB of memory"),
    ],
)
def test_what_became_of_the_process_is_told(
    code: int, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film(tmp_path / "a.mp4", count=2)
    done = RequestOutcome(None, code, b"some trace")
    monkeypatch.setattr(POOL, "ask", lambda *_: done)
    with pytest.raises(UserError) as told:
        read_clip(path, SPEC)
    assert expected in str(told.value)
    assert "within" not in str(told.value)  # never a limit on time


def test_a_crash_takes_nothing_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film(tmp_path / "a.mp4", count=2)
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, "-c", crash))
    monkeypatch.setattr(decode, "POOL", DecoderPool())
    with pytest.raises(UserError, match="SIGSEGV"):
        read_clip(path, SPEC)
    assert os.getpid()


def test_each_frame_is_cut_by_its_own_size(tmp_path: Path) -> None:
    form = FORMS["TS"]
    parts = [
        film(tmp_path / "a.ts", form, 20),
        film(tmp_path / "b.ts", form, numbers=range(20, 40), size=(96, 128)),
    ]
    path = tmp_path / "turned.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    clip = read_clip(path, WHOLE)
    assert [number(frame) for frame in clip.frames] == clip.frame_indices.tolist()
    assert clip.crop is not None
    assert clip.crop[4:] == (128, 96)
    assert len(read_views(path, InputSpec(8, 96, 96, views=2, crops=3))) == 6


def test_a_clip_knows_what_read_it(tmp_path: Path) -> None:
    clip = read_clip(film(tmp_path / "a.mp4", count=9), SPEC)
    assert clip.reader == f"PyAV {av.__version__} (FFmpeg {av.ffmpeg_version_info})"
