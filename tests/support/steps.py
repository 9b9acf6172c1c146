"""Long computations that yield how far they are, and their result with the last step."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def last(steps: Iterable[tuple[int, int, T | None]]) -> T:
    """The result; every step before it has none, and they count evenly to the end."""
    seen = list(steps)
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert {total for _, total, _ in seen} == {seen[-1][0]}
    assert all(result is None for _, _, result in seen[:-1])
    result = seen[-1][2]
    assert result is not None
    return result


def leave(steps: Iterator[object]) -> None:
    """Gives a computation up between two steps."""
    assert isinstance(steps, Generator)
    steps.close()
