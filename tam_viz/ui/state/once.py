"""Work that is done once however often it is asked for: by Enter and a button, by two tabs.

Streamlit stops the run of a page that is asked for anew, but not what its thread is doing: without
this, a form that is sent twice is worked on twice at the same time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Work in progress by what it is about, with what it came to until somebody has taken it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._works: dict[Hashable, Future[T]] = {}

    def result(self, key: Hashable, work: Callable[[], T]) -> T:
        """The result of a piece of work: done here, or waited for where it is being done.

        Raises:
            Exception: What the work raises; it may be tried again then.
        """
        while True:
            with self._lock:
                future = self._works.get(key)
                if mine := future is None:
                    future = self._works[key] = Future()
            if mine:
                return self._done(key, future, work)
            try:
                return future.result()
            except CancelledError:  # the run of the page that did it was stopped
                continue

    def _done(self, key: Hashable, future: Future[T], work: Callable[[], T]) -> T:
        try:
            result = work()
        except BaseException as error:
            self.take(key)
            if isinstance(error, Exception):
                future.set_exception(error)
            else:
                future.cancel()
            raise
        future.set_result(result)
        return result

    def take(self, key: Hashable) -> None:
        """Lets go of a result that has been shown: the same work is done anew from now on."""
        with self._lock:
            self._works.pop(key, None)
