"""What an answer costs."""

from __future__ import annotations

from collections.abc import Callable

from tam_viz.analysis.cost import cost_table, describe_costs
from tam_viz.experiments.cost import ROUNDS, measure_costs
from tam_viz.models.engine import LoadedModel
from tam_viz.panels.clip import costs


def test_every_network_is_counted_and_timed(tiny_model: Callable[..., LoadedModel]) -> None:
    models = [tiny_model("tam"), tiny_model("none")]
    steps = list(measure_costs(models))
    assert [done for done, _, _ in steps] == list(range(1, 2 * (ROUNDS + 1) + 1))
    assert [found is None for _, _, found in steps] == [True] * (len(steps) - 1) + [False]
    tam, none = steps[-1][2]
    assert tam.parameters == sum(p.numel() for p in models[0].net.parameters()) > none.parameters
    assert tam.macs > none.macs > 0
    assert min(tam.ms, none.ms) > 0
    assert cost_table([tam, none]).loc["tiny-tam", "parameters"] == tam.parameters
    assert "the fastest" in describe_costs([tam, none])
    assert "takes" in describe_costs([tam])
    panel = costs([tam, none])
    assert [len(bar.x) for bar in panel.figure.data] == [2, 2, 2]
