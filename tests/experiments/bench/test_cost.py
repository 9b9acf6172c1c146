"""What an answer costs: timed fairly, told with its spread."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tam_viz.analysis.clip.cost import Cost
from tam_viz.experiments.bench import cost as experiments
from tam_viz.experiments.bench.cost import FEWEST, MOST, WARM_UPS, measure_costs
from tam_viz.models.engine import LoadedModel
from tam_viz.types import result_of


@pytest.fixture
def models(tiny_model: Callable[..., LoadedModel]) -> list[LoadedModel]:
    return [tiny_model("tam"), tiny_model("none")]


@pytest.fixture
def passes(models: list[LoadedModel]) -> Iterator[list[str]]:
    """The networks in the order of their forward passes."""
    done: list[str] = []
    hooks = [
        m.net.register_forward_hook(lambda *_, name=m.card.id: done.append(name)) for m in models
    ]
    yield done
    for hook in hooks:
        hook.remove()


def last(models: list[LoadedModel]) -> tuple[Cost, ...]:
    """The costs; every step before has none, and none is told twice."""
    steps = list(measure_costs(models))
    assert [step.result is None for step in steps] == [True] * (len(steps) - 1) + [False]
    counts = [step.done for step in steps]
    assert counts == sorted(set(counts))
    assert steps[-1].done == steps[-1].total
    return result_of(steps)


def clock(monkeypatch: pytest.MonkeyPatch, tick_s: float) -> None:
    """A clock that goes on by a tick whenever it is read."""
    ticks = iter(range(10**9))
    monkeypatch.setattr(experiments, "perf_counter", lambda: next(ticks) * tick_s)


def test_every_network_is_counted_and_timed(models: list[LoadedModel]) -> None:
    tam, none = last(models)
    assert tam.parameters == sum(p.numel() for p in models[0].net.parameters()) > none.parameters
    assert tam.macs > none.macs > 0
    for found in (tam, none):
        assert 0 < found.low_ms <= found.ms <= found.high_ms
        assert FEWEST <= found.passes <= MOST


def test_the_networks_take_turns_in_changing_order(
    models: list[LoadedModel], passes: list[str]
) -> None:
    rounds = last(models)[0].passes + WARM_UPS
    names = [model.card.id for model in models]
    turns = [passes[2 * i : 2 * i + 2] for i in range(rounds)]
    assert all(sorted(turn) == sorted(names) for turn in turns)
    assert {tuple(turn) for turn in turns} == {tuple(names), tuple(names[::-1])}


@pytest.mark.parametrize(("tick_s", "rounds"), [(1e-6, MOST), (0.02, 15), (60.0, FEWEST)])
def test_quick_networks_are_timed_more_often_and_slow_ones_often_enough(
    models: list[LoadedModel], monkeypatch: pytest.MonkeyPatch, tick_s: float, rounds: int
) -> None:
    clock(monkeypatch, tick_s)
    found = last(models)
    assert [cost.passes for cost in found] == [rounds, rounds]
    assert found[0].ms == pytest.approx(1000 * tick_s)


def test_progress_does_not_disturb_what_is_timed(
    models: list[LoadedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(monkeypatch, 0.02)  # three readings for each pass, a round of two takes 0.12 s
    steps = list(measure_costs(models))
    assert len(steps) < (WARM_UPS + 15) * len(models) / 3


def test_a_moment_of_other_work_moves_the_spread_and_not_the_median(
    models: list[LoadedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = [0.01] * 10 + [0.05] * 12 + [0.01] * 8
    seconds = iter([0.01, 0.01] * WARM_UPS + [s for s in rounds for _ in models])
    monkeypatch.setattr(experiments, "_pass_s", lambda *_: next(seconds))
    found = last(models)
    assert [cost.passes for cost in found] == [30, 30]
    assert [(cost.ms, cost.high_ms) for cost in found] == [(10, 50), (10, 50)]
