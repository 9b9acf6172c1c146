"""The CPU threads of a network: as many as cores are idle.

An operation waits for the slowest of its threads. Where another process has one of the cores, the
thread on it waits its turn at every operation, and a pass takes ten times as long instead of twice.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import torch

from tam_viz.models.idle import IDLE

_LOAD = Path("/proc/loadavg")
_OWN = Path("/proc/self/task")


def free_threads(most: int) -> int:
    """Threads that find a core each, between 1 and `most`; `most` where the system cannot say."""
    busy = _running() - _own_running()
    return max(1, min(most, (os.cpu_count() or most) - busy))


def _running() -> int:
    """Threads of the machine that run or could run at this moment."""
    try:
        return int(_LOAD.read_text().split()[3].split("/")[0])
    except (OSError, ValueError, IndexError):
        return _own_running()


def _own_running() -> int:
    """Those of this process: the one that asks, and any other."""
    states = []
    try:
        tasks = list(_OWN.iterdir())
    except OSError:
        return 1
    for task in tasks:
        try:
            states.append((task / "stat").read_text().rpartition(")")[2].split()[0])
        except (OSError, IndexError):  # it has ended
            continue
    return max(1, states.count("R"))


class Turn:
    """A lock that a thread may take again, under which torch has as many CPU threads as are free.

    A small network has one: with two, a pass of ten milliseconds takes hundreds when something
    else, such as the browser that draws the page, has one of the cores. Behind a large one freed
    memory goes back to the system, once it rests.

    Args:
        small: Whether a second thread gains nothing.
        fixed: Whether the number of threads is left alone, as where no CPU computes.
    """

    def __init__(self, *, small: bool = False, fixed: bool = False) -> None:
        self._lock = threading.RLock()
        self._small, self._fixed, self._depth, self._threads = small, fixed, 0, 0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1
        if self._depth == 1 and not self._fixed:
            self._threads = torch.get_num_threads()
            given = 1 if self._small or self._threads == 1 else free_threads(self._threads)
            torch.set_num_threads(given)

    def __exit__(self, *_: object) -> None:
        if self._depth == 1 and not self._fixed:
            torch.set_num_threads(self._threads)
        if self._depth == 1 and not self._small:
            IDLE.rest()
        self._depth -= 1
        self._lock.release()
