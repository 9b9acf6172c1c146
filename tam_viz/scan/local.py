"""The local engine: processes that take one set of clips after the other."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from tam_viz.models.engine import DeviceName, LoadedModel, load
from tam_viz.scan.copies import remove_copies
from tam_viz.scan.manifest import Manifest, read_manifest
from tam_viz.scan.plan import shards
from tam_viz.scan.sets import Sets
from tam_viz.scan.shard import Shard
from tam_viz.scan.store import Address
from tam_viz.scan.work import make_shards
from tam_viz.types import UserError

SPAWN = multiprocessing.get_context("spawn")
_ENDING_S = 5.0


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


def scan_set(run: Address, number: int, device: DeviceName) -> Iterator[News]:
    """Makes all that is missing of one set of clips; every engine calls this.

    Raises:
        UserError: A file cannot be written, or a network cannot be loaded.
    """
    manifest = read_manifest(run)
    network = functools.partial(_network_of, manifest, device=device)
    for together in shards(run, manifest, number):
        before = 0
        for done in make_shards(together, run, manifest.root, network):
            yield News(number, (done - before) * len(together))
            before = done
    yield News(number, done=True)


def _network_of(manifest: Manifest, shard: Shard, *, device: DeviceName) -> LoadedModel:
    network = next(known for known in manifest.networks if known.key == shard.network)
    return _loaded(network.folder or network.id, network.sha256, device)


@functools.cache  # each clip goes through all networks, so all of them stay
def _loaded(name: str, sha256: str, device: DeviceName) -> LoadedModel:  # noqa: ARG001
    return load(name, device)


@dataclass(eq=False)
class _Worker:
    """A process, the way to talk to it, and the set that it is at."""

    process: SpawnProcess
    connection: Connection
    number: int | None = None


def run_locally(
    run: Address, numbers: Sequence[int], workers: int, device: DeviceName
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
    sets, running = Sets(numbers), dict[Connection, _Worker]()
    try:
        while sets or any(worker.number is not None for worker in running.values()):
            while sets and len(running) < workers:
                worker = _start(run, device)
                running[worker.connection] = worker
            for worker in running.values():
                if worker.number is None and sets:
                    worker.number = sets.take()
                    with contextlib.suppress(OSError):  # it has died; the next turn finds out
                        worker.connection.send(worker.number)
            for ready in wait(list(running)):
                yield from _heard(running, ready, sets)
    finally:
        for worker in running.values():
            worker.connection.close()  # one that is idle then ends by itself
            if worker.number is not None:
                worker.process.terminate()
            worker.process.join(_ENDING_S)
            worker.process.terminate()
            worker.process.join()


def _heard(running: dict[Connection, _Worker], ready: object, sets: Sets) -> Iterator[News]:
    """What a process says, or that it has ended."""
    worker = next(known for known in running.values() if known.connection is ready)
    try:
        news: News = worker.connection.recv()
    except (EOFError, OSError):
        del running[worker.connection]
        worker.process.join()
        if worker.number is not None:
            sets.put_back(worker.number, f"code {worker.process.exitcode}")
        return
    if news.failure:
        raise UserError(news.failure)
    if news.done:
        worker.number = None
    yield news


def _start(run: Address, device: DeviceName) -> _Worker:
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_work, args=(run, theirs, device), daemon=True)
    process.start()
    theirs.close()  # so that its end is noticed here
    return _Worker(process, ours)


def _work(run: Address, connection: Connection, device: DeviceName) -> None:
    """Makes the sets that it is told, until its parent is gone."""
    import torch  # noqa: PLC0415  # in this process only

    torch.set_num_threads(1)
    with contextlib.suppress(EOFError, OSError):  # the parent is gone
        while True:
            number: int = connection.recv()
            try:
                for news in scan_set(run, number, device):
                    connection.send(news)
            except (UserError, OSError) as error:
                connection.send(News(number, failure=str(error)))
                break
    remove_copies()
