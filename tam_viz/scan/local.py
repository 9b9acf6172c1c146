"""The local engine: processes that take one set of clips after the other."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import queue
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue
from pathlib import Path

from tam_viz.models.engine import DeviceName, LoadedModel, load
from tam_viz.scan.folder import read_manifest, shards
from tam_viz.scan.work import make_shards
from tam_viz.types import UserError

SPAWN = multiprocessing.get_context("spawn")
_TRIES = 3
"""Times that a set of clips may take its process down before the scan gives up."""


@dataclass(frozen=True)
class News:
    """What a process says of the set of clips that it is at.

    Attributes:
        number: Of the set.
        clips: Clips that went through networks since the last news.
        done: Whether the set is finished.
        failure: Why the scan cannot go on; empty if it can.
    """

    number: int
    clips: int = 0
    done: bool = False
    failure: str = ""


def scan_set(run: Path, number: int, device: DeviceName) -> Iterator[News]:
    """Makes all that is missing of one set of clips; every engine calls this.

    Raises:
        UserError: A file cannot be written, or a network cannot be loaded.
    """
    manifest = read_manifest(run)
    network = functools.partial(_network, device=device)
    for together in shards(run, manifest, number):
        before = 0
        for done in make_shards(together, run, manifest.root, network):
            yield News(number, (done - before) * len(together))
            before = done
    yield News(number, done=True)


@functools.lru_cache(maxsize=8)
def _network(name: str, device: DeviceName) -> LoadedModel:
    return load(name, device)


def run_locally(
    run: Path, numbers: Sequence[int], workers: int, device: DeviceName
) -> Iterator[News]:
    """Makes sets of clips in processes of their own.

    A process that dies is replaced and its set begun anew. Closing the generator ends the
    processes; a process ends itself when its parent is gone.

    Args:
        run: Folder of the scan.
        numbers: Of the sets.
        workers: How many processes.
        device: Where the networks run.

    Raises:
        UserError: The scan cannot go on.
    """
    news: Queue[News] = SPAWN.Queue()
    waiting, tries = list(numbers), dict.fromkeys(numbers, 0)
    running: dict[SpawnProcess, Queue[int | None]] = {}
    at: dict[SpawnProcess, int | None] = {}
    try:
        while waiting or any(number is not None for number in at.values()):
            while waiting and len(running) < workers:
                _start(running, at, news, run, device)
            for process, tasks in running.items():
                if at[process] is None and waiting:
                    at[process] = waiting.pop(0)
                    tasks.put(at[process])
            for told in _heard(news):
                if told.failure:
                    raise UserError(told.failure)
                if told.done:
                    at.update({p: None for p, number in at.items() if number == told.number})
                yield told
            for process in [p for p in running if not p.is_alive()]:
                number = at.pop(process)
                del running[process]
                if number is not None:
                    tries[number] += 1
                    _give_up(number, tries[number], process.exitcode)
                    waiting.insert(0, number)
    finally:
        for process, tasks in running.items():
            with contextlib.suppress(ValueError, OSError):
                tasks.put(None)
            process.terminate()
            process.join()


def _give_up(number: int, tries: int, code: int | None) -> None:
    if tries >= _TRIES:
        raise UserError(
            f"The process that scans clips {number * 64 + 1} to {number * 64 + 64} ended "
            f"{tries} times (last with code {code}), perhaps for lack of memory. What was done is "
            f"kept; run the same command again with fewer workers."
        )


def _start(
    running: dict[SpawnProcess, Queue[int | None]],
    at: dict[SpawnProcess, int | None],
    news: Queue[News],
    run: Path,
    device: DeviceName,
) -> None:
    tasks: Queue[int | None] = SPAWN.Queue()
    process = SPAWN.Process(target=_work, args=(run, tasks, news, device, os.getpid()), daemon=True)
    process.start()
    running[process], at[process] = tasks, None


def _heard(news: Queue[News]) -> Iterator[News]:
    """Everything that has been said; waits half a second for the first word."""
    try:
        yield news.get(timeout=0.5)
        while True:
            yield news.get_nowait()
    except queue.Empty:
        return


def _work(
    run: Path, tasks: Queue[int | None], news: Queue[News], device: DeviceName, parent: int
) -> None:
    import torch  # noqa: PLC0415  # in this process only

    torch.set_num_threads(1)
    while (number := _next(tasks, parent)) is not None:
        try:
            for told in scan_set(run, number, device):
                news.put(told)
                if os.getppid() != parent:
                    return
        except UserError as error:
            news.put(News(number, failure=str(error)))
            return


def _next(tasks: Queue[int | None], parent: int) -> int | None:
    """The next set to make; None at the end, or when the parent is gone."""
    while os.getppid() == parent:
        with contextlib.suppress(queue.Empty):
            return tasks.get(timeout=1)
    return None
