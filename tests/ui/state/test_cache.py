"""Long computations: shared, kept, and gone on with by whoever asks again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import streamlit as st

from tam_viz.types import Step, Steps
from tam_viz.ui.state import cache
from tam_viz.ui.state.cache import computations
from tam_viz.ui.state.cache.computations import NETWORKS, UNTRAINED


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    cache.computed().clear()
    cache.running().clear()
    yield
    cache.computed().clear()
    cache.running().clear()


class _Left(BaseException):
    """What Streamlit raises when a visitor leaves the page."""


class _Bar:
    def __init__(self, leave_at: int | None = None) -> None:
        self.leave_at = leave_at

    def progress(self, _share: float, text: str) -> None:
        if self.leave_at is not None and f": {self.leave_at} of" in text:
            raise _Left

    def empty(self) -> None:
        pass


def test_leaving_the_page_does_not_throw_away_what_was_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[int] = []

    def steps() -> Steps[str]:
        for number in range(1, 6):
            taken.append(number)
            yield Step(number, 5, "found" if number == 5 else None)

    monkeypatch.setattr(st, "empty", lambda: _Bar(leave_at=3))
    monkeypatch.setattr(computations, "_BAR_SECONDS", 0)
    with pytest.raises(_Left):
        cache.with_bar(("what",), steps, "Counting")
    assert taken == [1, 2, 3]
    monkeypatch.setattr(st, "empty", _Bar)
    assert cache.with_bar(("what",), steps, "Counting") == "found"
    assert taken == [1, 2, 3, 4, 5]
    assert cache.with_bar(("what",), steps, "Counting") == "found"
    assert taken == [1, 2, 3, 4, 5]


def test_the_bar_is_drawn_at_once_and_then_four_times_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A browser would otherwise draw hundreds of bars beside a server that computes."""
    clock = itertools.count(step=0.05)
    drawn: list[str] = []
    bar = _Bar()
    bar.progress = lambda _share, text: drawn.append(text)  # type: ignore[method-assign]
    monkeypatch.setattr(st, "empty", lambda: bar)
    monkeypatch.setattr(computations, "monotonic", lambda: next(clock))

    def steps() -> Steps[str]:
        for number in range(1, 101):
            yield Step(number, 100, "found" if number == 100 else None)

    assert cache.with_bar(("many steps",), steps, "Counting") == "found"
    assert drawn[0] == "Counting: 1 of 100"
    assert 10 <= len(drawn) <= 30  # five or six seconds by that clock


def test_what_fails_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "empty", _Bar)

    def broken() -> Steps[str]:
        yield Step(1, 2)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.with_bar(("what",), broken, "Counting")
    assert cache.with_bar(("what",), lambda: iter([Step(1, 1, "found")]), "Counting") == "found"


def test_few_untrained_networks_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "empty", _Bar)
    for number in range(9):
        key = (UNTRAINED, "name", str(number))
        cache.with_bar(key, lambda: iter([Step(1, 1, "network")]), "Making it")
    assert len(cache.computed()) == NETWORKS
    assert (UNTRAINED, "name", "8") in cache.computed()
