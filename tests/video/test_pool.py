"""Decoding processes that stay alive: no file leaves anything to the next one."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tam_viz.types import InputSpec, UserError
from tam_viz.video import decode, pool
from tam_viz.video.clip import read_clip
from tam_viz.video.decode import Limits
from tam_viz.video.pool import DecoderPool
from tam_viz.video.worker import Request
from tests.video.numbered import film, number

SPEC = InputSpec(frames=8, resize=96, size=96)
ODD = """
import os, signal, sys, time
from tam_viz.video import worker
ordinary = worker.serve
def serve(request):
    if "crash" in request.name: os.kill(os.getpid(), signal.SIGSEGV)
    if "hang" in request.name: time.sleep(60)
    if "leave" in request.name: sys.exit(0)
    if "talk" in request.name: os.write(2, b"x" * 1_000_000 + b"the end"); os._exit(3)
    if "grow" in request.name: worker.GROWN = -1
    if "bug" in request.name: raise ZeroDivisionError
    return ordinary(request)
worker.serve = serve
sys.exit(worker.main())
"""


@pytest.fixture
def decoders(monkeypatch: pytest.MonkeyPatch) -> Iterator[DecoderPool]:
    """Processes that do what the name of a file says."""
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, "-c", ODD))
    made = DecoderPool()
    monkeypatch.setattr(decode, "POOL", made)
    yield made
    made.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return film(tmp_path / "a.mp4")


def read(path: Path, name: str = "a.mp4", limits: Limits = decode.DEFAULT_LIMITS) -> bytes:
    clip = read_clip(path, SPEC, name=name, limits=limits)
    assert [number(frame) for frame in clip.frames] == clip.frame_indices.tolist()
    return clip.frames.tobytes()


def waiting(decoders: DecoderPool) -> list[int]:
    return decoders.waiting()


def test_one_process_reads_one_file_after_another(decoders: DecoderPool, path: Path) -> None:
    first = read(path)
    (pid,) = waiting(decoders)
    assert all(read(path) == first for _ in range(3))
    assert waiting(decoders) == [pid]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are counted by Linux")
def test_a_file_leaves_no_thread_of_its_decoder_behind(decoders: DecoderPool, path: Path) -> None:
    first = read(path)
    (pid,) = waiting(decoders)
    for _ in range(12):  # each would leave as many threads as it decodes with, and their memory
        assert read(path) == first
    assert waiting(decoders) == [pid]
    deadline = time.monotonic() + 30  # what a file leaves is cleared behind its answer
    while len(list(Path(f"/proc/{pid}/task").iterdir())) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("crash", "SIGSEGV"),
        ("hang", "within 1 s"),
        ("talk", r"exit code 3"),
        ("bug", r"exit code 1"),
        ("leave", r"exit code 0"),
    ],
)
def test_after_a_hostile_file_the_next_one_is_read_as_ever(
    name: str, expected: str, decoders: DecoderPool, path: Path
) -> None:
    first = read(path)
    before = waiting(decoders)
    with pytest.raises(UserError, match=expected):
        read(path, name, Limits(seconds=1.0 if name == "hang" else 60.0))
    assert waiting(decoders) == []
    assert read(path) == first
    assert len(waiting(decoders)) == 1
    assert waiting(decoders) != before


def test_a_file_that_is_refused_is_the_last_one_of_its_process(
    decoders: DecoderPool, path: Path, tmp_path: Path
) -> None:
    first = read(path)
    (tmp_path / "none.mp4").write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UserError, match=r"none\.mp4"):
        read_clip(tmp_path / "none.mp4", SPEC)
    assert waiting(decoders) == []
    assert read(path) == first


@pytest.mark.usefixtures("decoders")
def test_limits_are_those_of_each_file(path: Path) -> None:
    pytest.importorskip("resource")
    first = read(path)
    with pytest.raises(UserError, match=r"more than the 0\.\d+ GiB of memory|ran out of memory"):
        read(path, limits=Limits(memory_bytes=150 << 20))
    assert read(path) == first
    assert read(path, limits=Limits(memory_bytes=3 << 30)) == first
    assert read(path, limits=Limits(memory_bytes=4 << 30)) == first


def test_a_process_that_has_much_memory_left_taken_is_replaced(
    decoders: DecoderPool, path: Path
) -> None:
    first = read(path)
    (pid,) = waiting(decoders)
    assert read(path, "grow") == first
    assert read(path) == first
    assert waiting(decoders) != [pid]


def test_a_process_is_replaced_after_its_share_of_files(
    decoders: DecoderPool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "FILES", 2)
    read(path)
    (pid,) = waiting(decoders)
    read(path)
    assert waiting(decoders) == []
    read(path)
    assert waiting(decoders) != [pid]


def test_where_one_is_to_wait_another_one_takes_its_place(
    decoders: DecoderPool, path: Path
) -> None:
    decoders.warm()
    (pid,) = waiting(decoders)
    decoders.warm()
    assert waiting(decoders) == [pid]
    with pytest.raises(UserError):
        read(path, "crash")
    assert len(waiting(decoders)) == 1
    assert waiting(decoders) != [pid]
    read(path)


def test_several_files_are_read_at_once_and_few_processes_wait(
    decoders: DecoderPool, path: Path
) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(read(path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(waiting(decoders)) <= pool.IDLE


def test_none_is_left_when_the_pool_is_closed(decoders: DecoderPool, path: Path) -> None:
    read(path)
    (pid,) = waiting(decoders)
    decoders.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_whoever_interrupts_leaves_no_process_in_between(
    decoders: DecoderPool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    read(path)
    monkeypatch.setattr(pool, "receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        decoders.ask(Request(str(path), "a.mp4", SPEC, None, 4 << 30), 60.0)
    monkeypatch.undo()
    assert waiting(decoders) == []
