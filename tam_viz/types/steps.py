"""Progress of a long computation, step by step, and its result with the last step."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Step(Generic[T]):
    """One step of a long computation.

    Attributes:
        done: Steps done, from 0 to `total`.
        total: Steps in all, at least 1.
        result: What was computed; None before it is whole, at the last step.
        label: The part of the computation that is under way; empty if it has one part only.
    """

    done: int
    total: int
    result: T | None = None
    label: str = ""


Steps = Iterator[Step[T]]
"""A long computation: a generator that can be left between two steps."""


def result_of(steps: Iterable[Step[T]]) -> T:
    """Runs a computation to its end.

    Raises:
        TypeError: It ended without a result.
    """
    for step in steps:
        if step.result is not None:
            return step.result
    raise TypeError("the computation ended without a result")


def part(
    steps: Iterable[Step[T]], total: int | None = None, *, before: int = 0, label: str = ""
) -> Generator[Step[Any], None, T]:
    """Runs a part of a longer computation and returns its result.

    Yields the steps of the part as steps of the whole; write `result = yield from part(…)`.

    Args:
        steps: The part.
        total: Steps of the whole; those of the part by default.
        before: Steps of the whole that were done before the part.
        label: What the part is called.

    Raises:
        TypeError: It ended without a result.
    """
    for step in steps:
        if step.result is not None:
            return step.result
        yield Step(before + step.done, total or step.total, label=label or step.label)
    raise TypeError("the computation ended without a result")
