"""Scanning: begins one, or goes on with the one that is there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from filelock import FileLock, Timeout

from tam_viz.scan.dataset import Dataset
from tam_viz.scan.folder import Network, begin
from tam_viz.scan.opened import compact
from tam_viz.types import UserError

if TYPE_CHECKING:
    from tam_viz.models.engine import DeviceName

Engine = Literal["local", "ray"]
LOCK = ".lock"


@dataclass(frozen=True)
class Step:
    """How far a scan is.

    Attributes:
        clips: Clips through networks in this call.
        sets: Sets of clips that are finished.
        of: Sets of clips in all.
        seconds: Since the beginning of this call.
    """

    clips: int
    sets: int
    of: int
    seconds: float

    @property
    def rate(self) -> float:
        """Clips through a network in a second."""
        return self.clips / self.seconds if self.seconds else 0.0


def scan(
    dataset: Dataset,
    networks: Sequence[Network],
    run: Path,
    *,
    workers: int = 1,
    device: DeviceName = "auto",
) -> Iterator[Step]:
    """Runs networks over a dataset, and yields how far it is.

    What is in the folder already is not made again. The scan may be killed at any moment; the
    same call then ends with the same files.

    Args:
        dataset: The clips.
        networks: Under their protocols.
        run: Folder of the scan.
        workers: Processes.
        device: Where the networks run.

    Raises:
        UserError: The folder holds a scan of another dataset, or cannot be written to.
    """
    from tam_viz.scan.local import run_locally

    with alone(run):
        manifest = begin(run, dataset, networks)
        started, clips, done = time.monotonic(), 0, 0
        yield Step(0, 0, manifest.shards, 0.0)
        for news in run_locally(run, range(manifest.shards), workers, device):
            clips += news.clips
            done += news.done
            yield Step(clips, done, manifest.shards, time.monotonic() - started)
        compact(run)


@contextmanager
def alone(run: Path) -> Iterator[None]:
    """Keeps other scans out of a folder; the system lets go of it when the process ends.

    Raises:
        UserError: Another scan is at work there, or the folder cannot be written to.
    """
    lock = FileLock(run / LOCK)
    try:
        run.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError(f"Another scan is at work in '{run}'; wait for it or stop it.") from error
    except OSError as error:
        raise UserError(
            f"'{run}' cannot be written to ({error.strerror or error}); choose another folder."
        ) from error
    try:
        yield
    finally:
        lock.release()


def at_work(run: Path) -> bool:
    """Whether a scan is at work in a folder."""
    if not (run / LOCK).exists():
        return False
    try:
        with FileLock(run / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False
