"""Freed memory goes back to the system once no large network has run for a moment.

A pass of a network of real size leaves hundreds of megabytes with the allocator, in holes that the
next pass fills again. While passes follow each other that is fast; afterwards it is memory that
nobody uses and nothing else can have. Only glibc is asked; other systems do so by themselves.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from functools import cache

WAIT = 1.0
"""Seconds without a pass."""


def trim() -> None:
    """Gives freed memory back to the system."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "malloc_trim") else None
    except OSError:
        return None


class Idle:
    """Trims memory `wait` seconds after the last call of `rest`.

    A thread waits for that; it ends with it, and never keeps a process from ending.
    """

    def __init__(self, wait: float = WAIT) -> None:
        self._wait, self._lock, self._waiting = wait, threading.Lock(), False
        self._since = 0.0

    def rest(self) -> None:
        """Says that a pass has ended."""
        with self._lock:
            self._since = time.monotonic()
            if not self._waiting:
                self._waiting = True
                threading.Thread(target=self._watch, name="trims memory", daemon=True).start()

    def _watch(self) -> None:
        while True:
            with self._lock:
                left = self._since + self._wait - time.monotonic()
                if left <= 0:
                    self._waiting = False
                    break
            time.sleep(left)
        trim()


IDLE = Idle()
"""Of this process."""
