"""Progress of long computations: run to the end, and one as a part of another."""

from __future__ import annotations

import pytest

from tam_viz.types import Step, Steps, part, result_of


def counted(total: int, result: str | None) -> Steps[str]:
    for done in range(total):
        yield Step(done, total)
    yield Step(total, total, result)


def test_a_computation_is_run_to_its_end() -> None:
    assert result_of(counted(3, "whole")) == "whole"
    assert result_of([Step(1, 1, ())]) == ()
    with pytest.raises(TypeError, match="ended without a result"):
        result_of(counted(3, None))


def test_a_part_counts_as_steps_of_the_whole() -> None:
    def whole() -> Steps[str]:
        first = yield from part(counted(2, "a"), 5, label="first")
        second = yield from part(counted(3, "b"), 5, before=2)
        yield Step(5, 5, first + second)

    steps = list(whole())
    assert [(step.done, step.label) for step in steps] == [
        *((done, "first") for done in range(2)),
        *((done, "") for done in range(2, 6)),
    ]
    assert {step.total for step in steps} == {5}
    assert [step.result for step in steps] == [None] * 5 + ["ab"]


def test_a_part_without_a_result_is_a_bug() -> None:
    def whole() -> Steps[str]:
        result = yield from part(counted(2, None))
        yield Step(2, 2, result)

    with pytest.raises(TypeError, match="ended without a result"):
        list(whole())
