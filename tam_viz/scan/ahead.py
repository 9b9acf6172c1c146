"""Reading on while what was read is used, a few steps at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def ahead(step: Callable[[Thing], Result], things: Iterable[Thing], count: int) -> Iterator[Result]:
    """What a step gives for each thing, in their order; threads are at the next ones meanwhile.

    Args:
        step: What is done with a thing.
        things: Of which never more than `count` + 1 are taken before their turn.
        count: Threads, and things ahead.
    """
    with ThreadPoolExecutor(count) as threads:
        waiting: deque[Future[Result]] = deque()
        for thing in things:
            waiting.append(threads.submit(step, thing))
            if len(waiting) > count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
