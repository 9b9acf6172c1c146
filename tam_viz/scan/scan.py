"""Scanning: begins one, or goes on with the one that is there."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from filelock import FileLock, Timeout

from tam_viz.scan.compact import compact
from tam_viz.scan.dataset import Dataset
from tam_viz.scan.folder import KINDS, begin
from tam_viz.scan.manifest import Manifest
from tam_viz.scan.network import Network
from tam_viz.scan.packs import pack_whole
from tam_viz.scan.progress import done_clips, note
from tam_viz.scan.store import Address, writable, write_whole
from tam_viz.types import UserError

if TYPE_CHECKING:
    from tam_viz.models.engine import DeviceName
    from tam_viz.scan.local import News

Engine = Literal["local", "ray"]
LOCK, STOP = ".lock", "stop"
_NOTE_S = 3.0
_LOOKED_AT_S = 1.0
"""Who asks whether a scan is at work holds its lock for a moment."""


@dataclass(frozen=True)
class ScanStep:
    """How far a scan is.

    Attributes:
        clips: Clips through networks in this call.
        sets: Sets of clips that are finished.
        of: Sets of clips in all.
        seconds: Since the beginning of this call.
        before: Clips through networks that were there when it began.
        all_clips: Clips through networks in all.
    """

    clips: int
    sets: int
    of: int
    seconds: float
    before: int = 0
    all_clips: int = 0

    @property
    def rate(self) -> float:
        """Clips through a network in a second."""
        return self.clips / self.seconds if self.seconds else 0.0

    @property
    def done(self) -> int:
        """Clips through networks, with those that were there."""
        return min(self.before + self.clips, self.all_clips)

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest takes at this rate; None before there is one."""
        return (self.all_clips - self.done) / self.rate if self.rate else None


def scan(
    dataset: Dataset,
    networks: Sequence[Network],
    run: Address,
    *,
    workers: int = 1,
    device: DeviceName = "auto",
    engine: Engine = "local",
    gpus: float | None = None,
) -> Iterator[ScanStep]:
    """Runs networks over a dataset, and yields how far it is.

    What is in the folder already is not made again. The scan may be killed at any moment; the
    same call then ends with the same files.

    Args:
        dataset: The clips.
        networks: Under their protocols.
        run: Folder of the scan.
        workers: Processes.
        device: Where the networks run.
        engine: Who hands out the sets of clips: processes of this machine, or Ray.
        gpus: Share of a GPU that each process of Ray takes; None shares them evenly.

    Raises:
        UserError: The folder holds a scan of another dataset, or cannot be written to, or the
            scan was stopped by `stop`.
    """
    with alone(run):
        (run / STOP).unlink(missing_ok=True)
        manifest = begin(run, dataset, networks)
        _remove_unfinished(run)
        before = sum(done_clips(run, manifest, network) for network in manifest.networks)
        whole = manifest.clips * len(manifest.networks)
        started, noted, clips, done = time.monotonic(), 0.0, 0, 0
        yield ScanStep(0, 0, manifest.shards, 0.0, before, whole)
        with contextlib.closing(_news(run, manifest, workers, device, engine, gpus)) as all_news:
            for news in all_news:
                clips += news.clips
                done += news.done
                if news.done:
                    pack_whole(run, manifest, [news.number])
                seconds = time.monotonic() - started
                step = ScanStep(clips, done, manifest.shards, seconds, before, whole)
                if step.left_s is not None and seconds > noted + _NOTE_S:
                    note(run, step.rate, step.left_s, step.done, whole)
                    noted = seconds
                yield step
                if (run / STOP).exists():
                    (run / STOP).unlink(missing_ok=True)
                    raise UserError("The scan was stopped; it goes on where it is.")
        compact(run)


def _remove_unfinished(run: Address) -> None:
    """Removes what a scan that was killed was writing."""
    if isinstance(run, Path):
        for partial in chain(
            run.glob(".*.partial"), *((run / kind).rglob(".*.partial") for kind in KINDS)
        ):
            partial.unlink(missing_ok=True)


def _news(
    run: Address,
    manifest: Manifest,
    workers: int,
    device: DeviceName,
    engine: Engine,
    gpus: float | None,
) -> Generator[News]:
    if engine == "local":
        from tam_viz.scan.local import run_locally

        yield from run_locally(run, range(manifest.shards), workers, device)
        return
    from tam_viz.scan.on_ray import run_on_ray

    yield from run_on_ray(run, range(manifest.shards), workers, device, gpus)


def stop(run: Address) -> None:
    """Asks the scan that is at work in a folder to end, on whatever machine it runs.

    Raises:
        UserError: The folder cannot be written to.
    """
    write_whole(run / STOP, b"")


@contextmanager
def alone(run: Address) -> Iterator[None]:
    """Keeps other scans out of a folder; the system lets go of it when the process ends.

    A store that is no file system has no locks. Two scans there make the same shards twice, and
    lose nothing.

    Raises:
        UserError: Another scan is at work there, or the folder cannot be written to.
    """
    if not isinstance(run, Path):
        yield
        return
    lock = FileLock(run / LOCK)
    with writable(run):
        run.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=_LOOKED_AT_S)
        except Timeout as error:
            raise UserError(
                f"Another scan is at work in '{run}'; wait for it or stop it."
            ) from error
    try:
        yield
    finally:
        lock.release()


def at_work(run: Address) -> bool:
    """Whether a scan is at work in a folder."""
    if not isinstance(run, Path) or not (run / LOCK).exists():
        return False
    try:
        with FileLock(run / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False
