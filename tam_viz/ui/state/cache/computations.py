"""Long computations: shared by all visitors, kept, and continued by whoever asks again."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Any, TypeVar, cast

import streamlit as st

from tam_viz.literal import sentence
from tam_viz.types import Steps
from tam_viz.ui.state.memory import BoundedStore

_BYTES, _RESULTS, _RUNNING = 256 << 20, 256, 16
_BAR_SECONDS = 0.25
"""Between two drawings of a bar: each one costs the browser a frame and wakes the page."""
UNTRAINED, NETWORKS = "untrained", 4
"""Key of untrained networks, and how many are kept: one takes up to 100 MB."""
T = TypeVar("T")


class _Computation:
    """A computation under way; its lock makes several visitors take its steps in turn."""

    def __init__(self, steps: Steps[Any]) -> None:
        self.steps = steps
        self.lock = threading.Lock()
        self.result: object = None


@st.cache_resource(show_spinner=False)
def computed() -> BoundedStore[object]:
    """Results of `with_bar` by key, the longest unused first."""
    return BoundedStore(_BYTES, _RESULTS)


@st.cache_resource(show_spinner=False)
def running() -> OrderedDict[Hashable, _Computation]:
    """Computations that `with_bar` began and that have not ended, the oldest first."""
    return OrderedDict()


def kept(key: tuple[Hashable, ...]) -> bool:
    """Whether `with_bar` has this result already."""
    return key in computed()


def with_bar(key: tuple[Hashable, ...], steps: Callable[[], Steps[T]], says: str) -> T:
    """The result of a long computation, with a bar while it runs; kept.

    A visitor who leaves the page stops it when the bar is drawn next; whoever asks for it again
    goes on from there.

    Args:
        key: What the result depends on; the first item tells one computation from another.
        steps: Starts it.
        says: What it is called beside the bar.
    """
    results, begun = computed(), running()
    if key in results:
        return cast("T", results[key])
    if key not in begun:
        begun[key] = _Computation(steps())
        while len(begun) > _RUNNING:
            begun.popitem(last=False)
    computation, bar = begun[key], st.empty()
    try:
        drawn = -math.inf
        while key not in results and computation.result is None:
            done, total = _take_step(key, computation, says)
            if monotonic() - drawn >= _BAR_SECONDS:
                bar.progress(done / total, sentence(f"{says}: {done} of {total}"))
                drawn = monotonic()
    finally:
        bar.empty()  # however it ends
    return cast("T", results[key] if computation.result is None else computation.result)


def _take_step(key: tuple[Hashable, ...], computation: _Computation, says: str) -> tuple[int, int]:
    """Takes one step; returns how many are done and how many there are."""
    results = computed()
    with computation.lock:
        if key in results or computation.result is not None:  # another visitor took the last step
            return 1, 1
        try:
            step = next(computation.steps)
        except StopIteration as end:
            running().pop(key, None)
            raise TypeError(f"{says} came to no result") from end
        except BaseException:
            running().pop(key, None)
            raise
        if step.result is not None:
            running().pop(key, None)
            results[key] = computation.result = step.result
            _drop_old_networks(results)
    return step.done, max(1, step.total)


def _drop_old_networks(results: BoundedStore[object]) -> None:
    untrained = [key for key in results if isinstance(key, tuple) and key[0] == UNTRAINED]
    for key in untrained[:-NETWORKS]:
        del results[key]
