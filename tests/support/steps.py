"""Long computations that yield how far they are, and their result with the last step."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import TypeVar

from tam_viz.types import Step, result_of

T = TypeVar("T")


def last(steps: Iterable[Step[T]]) -> T:
    """The result; every step before it has none, and they count evenly to the end."""
    seen = list(steps)
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    assert {step.total for step in seen} == {seen[-1].done}
    return result_of(seen[-1:] if all(step.result is None for step in seen[:-1]) else [])


def leave(steps: Iterator[object]) -> None:
    """Gives a computation up between two steps."""
    assert isinstance(steps, Generator)
    steps.close()
