"""The process that hands a scan out holds as much for many clips as for few."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from tam_viz.scan import local, on_ray
from tam_viz.scan.folder import ITEMS
from tam_viz.scan.formats import open_dataset
from tam_viz.scan.manifest import versions
from tam_viz.scan.network import Network
from tam_viz.scan.scan import Engine, scan
from tam_viz.scan.sets import TRIES, Sets
from tam_viz.scan.shard import CLIPS
from tam_viz.types import UserError
from tests.scan.made_up import SPEC


def _answering(connection: Connection) -> None:
    """Says of every set that it is done."""
    try:
        while True:
            number = connection.recv()
            connection.send(local.News(number, CLIPS, done=True))
    except (EOFError, OSError):
        return


class _NoProcess(SpawnProcess):
    """A process that is never started."""

    def terminate(self) -> None:
        """Nothing is there to end."""

    def join(self, timeout: float | None = None) -> None:
        """Nothing is there to wait for."""


def _thread(*_: object) -> local._Worker:
    """A worker of the local engine that makes nothing."""
    ours, theirs = local.SPAWN.Pipe()
    thread = threading.Thread(target=_answering, args=(theirs,), daemon=True)
    thread.start()
    return local._Worker(_NoProcess(), ours)


@dataclass(frozen=True, eq=False)
class _Answer:
    """What an actor was asked for."""

    value: object


def _cluster() -> Any:  # stands for a module
    """Ray, with actors that make nothing."""

    def call(answer: Callable[..., object]) -> SimpleNamespace:
        return SimpleNamespace(remote=lambda *given: _Answer(answer(*given)))

    def actor(*_: object) -> SimpleNamespace:
        return SimpleNamespace(
            versions=call(versions), make=call(lambda number: on_ray._Made(CLIPS * (number >= 0)))
        )

    made = SimpleNamespace(options=lambda **_: SimpleNamespace(remote=actor))
    return SimpleNamespace(
        is_initialized=lambda: True,
        cluster_resources=lambda: {"CPU": 2.0},
        remote=lambda _: made,
        wait=lambda answers, timeout: (answers[:1], answers[1:]),  # noqa: ARG005
        get=lambda answer: answer.value,
        kill=lambda _: None,
        exceptions=SimpleNamespace(RayActorError=ConnectionError),
    )


def _peak(folder: Path, count: int, engine: Engine) -> int:
    """Most bytes that Python's objects take while a dataset is opened and handed out."""
    folder.mkdir()
    with (folder / "list.txt").open("w") as file:
        file.writelines(f"class {i % 7}/clip {i:09d}.mp4 {i % 7}\n" for i in range(count))
    tracemalloc.start()
    try:
        dataset = open_dataset(folder / "list.txt")
        network = Network("n", "n", "0", SPEC, ("a",), {}, tam=False, traces=False)
        steps = scan(dataset, [network], folder / "run", workers=2, device="cpu", engine=engine)
        (last,) = islice(steps, -(-count // CLIPS), None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert last.sets == -(-count // CLIPS)
    return peak


@pytest.mark.parametrize("engine", ["local", "ray"])
def test_the_driver_holds_as_much_for_many_clips_as_for_few(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_start", _thread)
    monkeypatch.setattr(on_ray, "_ray", _cluster)
    _peak(tmp_path / "first", 100, engine)  # what is imported and remembered once
    few, many = (_peak(tmp_path / f"{n}", n, engine) for n in (4_000, 20_000))
    assert many < few + 500_000  # all clips would be 4 MB more


def test_the_clips_of_a_scan_are_written_in_sets(tmp_path: Path) -> None:
    with (tmp_path / "list.txt").open("w") as file:
        file.writelines(f"{i:06d}.mp4 {i % 7}\n" for i in reversed(range(17_000)))
    dataset = open_dataset(tmp_path / "list.txt")
    assert len(dataset.items) == 17_000
    assert dataset.items[16_999].path == "016999.mp4"
    network = Network("n", "n", "0", SPEC, ("a",), {}, tam=False, traces=False)
    next(scan(dataset, [network], tmp_path / "run"))
    files = sorted((tmp_path / "run" / ITEMS).iterdir())
    tables = [pq.ParquetFile(file) for file in files]
    assert [table.metadata.num_row_groups for table in tables] == [256, 10]
    paths = [path for table in tables for path in table.read()["path"].to_pylist()]
    assert paths == [f"{i:06d}.mp4" for i in range(17_000)]
    assert tables[1].metadata.row_group(9).num_rows == 17_000 - 265 * CLIPS


def test_sets_that_are_put_back_come_first_and_are_tried_three_times() -> None:
    sets = Sets(range(10**12))
    assert [sets.take(), sets.take()] == [0, 1]
    sets.put_back(0)
    assert len(sets) == 10**12 - 1
    for _ in range(TRIES - 1):
        assert sets.take() == 0
        sets.put_back(0, "code -9")
    sets.put_back(1)  # a machine that is lost is not the fault of its set
    with pytest.raises(UserError, match=r"clips 1 to 64 ended 3 times \(last with code -9\)"):
        sets.put_back(0, "code -9")
    assert [sets.take() for _ in range(3)] == [0, 1, 0]
