"""Panels that hold networks against each other and that explain answers: complete and small."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from tam_viz.analysis.bench.answers import Answers
from tam_viz.analysis.bench.mechanisms import mechanism
from tam_viz.analysis.bench.results import read
from tam_viz.analysis.clip import attribution as analysis
from tam_viz.analysis.clip.attribution import Explained
from tam_viz.analysis.formatting import signed
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.panels.bench import agreement, compare
from tam_viz.panels.bench.compare import Named
from tam_viz.panels.clip import attribution
from tam_viz.panels.panel import Panel
from tam_viz.types import (
    Attribution,
    Card,
    Clip,
    Deletion,
    InputSpec,
    Method,
    Operator,
    Prediction,
    Run,
)
from tests.analysis.makers import ALL, record

SPEC = InputSpec(8, 64, 64)
TANET = Named("TANet", "tam")
OTHERS = (
    Named("TANet, V and Θ fixed", "tam"),
    Named("TANet, untrained", "tam", untrained=True),
    Named("TSN", "none"),
    Named("I3D", "i3d"),
)


def complete(panel: Panel) -> None:
    assert panel.title
    assert panel.see.endswith(".")
    assert panel.says.endswith(".")
    assert any(character.isdigit() for character in panel.says)
    assert len(panel.table) > 0
    assert len(panel.figure.to_json()) < 500_000, panel.title
    assert panel.figure.layout.font.color is None
    assert panel.figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
    axes = [*panel.figure.select_xaxes(), *panel.figure.select_yaxes()]
    assert all(axis.fixedrange or not axis.visible for axis in axes), panel.title


def said(*logits: float) -> Run:
    row = np.array(logits, np.float32)
    return Run("c", "n", (), Prediction(row, row[None], ("left", "right")), None, 0.0)


def test_operators_of_a_block() -> None:
    rng = np.random.default_rng(0)
    band = {"layer1.0": Operator(rng.normal(size=(5, 8, 8)))}
    alike = {"layer1.0": Operator(np.eye(8)[None], "identity")}
    found = [(TANET, band), (OTHERS[1], band), (OTHERS[2], alike), (OTHERS[3], {})]
    for look in ("mean", "size", "channel"):
        panel = compare.temporal_operators(found, "layer1.0", look, 3)
        complete(panel)
        assert "Without such a matrix: I3D." in panel.says
        assert set(panel.table.index.get_level_values(0)) == {"TANet", "TANet, untrained", "TSN"}
    np.testing.assert_allclose(panel.table.loc["TANet"], band["layer1.0"].matrix[3], atol=1e-5)
    beyond = compare.temporal_operators(found, "layer1.0", "channel", 7)
    assert "Without such a matrix: TANet, TANet, untrained, I3D." in beyond.says


def test_the_operator_of_the_nearest_block_that_has_one() -> None:
    rng = np.random.default_rng(0)
    own = {name: Operator(rng.normal(size=(5, 8, 8))) for name in ("layer3.1", "layer4.0")}
    dense = rng.dirichlet(np.ones(8), 8)[None]
    sparse = {
        "layer3.1": Operator(dense, "attention"),
        "layer4.0": Operator(np.eye(8)[None], "identity"),
    }
    nonlocal_ = Named("Non-local", "nonlocal")
    panel = compare.temporal_operators([(TANET, own), (nonlocal_, sparse)], "layer4.0", "mean", 0)
    complete(panel)
    names = [note.text for note in panel.figure.layout.annotations]
    assert any("Non-local (layer3.1)" in text and "attention, others" in text for text in names)
    assert not any("no module" in text for text in names)
    assert (
        "Non-local has no module in layer4.0; shown is its nearest, that of layer3.1" in panel.says
    )
    assert "named beside it" in panel.how
    np.testing.assert_allclose(panel.table.loc["Non-local (layer3.1)"], dense[0], atol=1e-5)
    there = compare.temporal_operators([(TANET, own), (nonlocal_, sparse)], "layer3.1", "mean", 0)
    assert "no module" not in there.says
    assert "Non-local" in there.table.index


def test_influence_is_in_shares_of_each_row() -> None:
    rng = np.random.default_rng(0)
    named = (TANET, *OTHERS)
    found = [(n, rng.random((2 if n.temporal == "i3d" else 8, 8))) for n in named]
    panel = compare.influence(found, 8)
    complete(panel)
    assert "from 8 random directions" in panel.how
    np.testing.assert_allclose(panel.table.sum(axis=1), 1, atol=1e-4)


def test_who_says_what() -> None:
    runs = {"TANet": said(2, 0), "TSM": said(1, 0), "TSN": said(0, 3)}
    temporals = {"TANet": "tam", "TSM": "tsm", "TSN": "none"}
    panel = compare.clip_answers(runs, temporals, "right")
    complete(panel)
    assert panel.says == (
        "3 networks make 2 predictions. 'left' (incorrect): TANet, TSM; 'right' (correct): TSN. "
        "True class: 'right'."
    )
    assert list(panel.table["network"]) == ["TANet", "TSM", "TSN"]
    legend = [trace.name for trace in panel.figure.data if trace.showlegend is not False]
    assert legend == [mechanism(temporal) for temporal in temporals.values()]
    assert "Chance among 2 classes is 0.50." in panel.see
    assert list(panel.table.index) == ["left", "left", "right"]
    own = panel.table["probability of the true class"].to_numpy()
    np.testing.assert_allclose(own, 1 / (1 + np.exp([2, 1, -3])), atol=1e-4)
    unknown = compare.clip_answers(runs, temporals, None)
    complete(unknown)
    assert "correct)" not in unknown.says
    assert "correct" not in unknown.table


@pytest.mark.parametrize(
    ("classes", "chance"), [(2, "0.50"), (16, "0.062"), (174, "0.0057"), (400, "0.0025")]
)
def test_one_network_is_one_and_chance_has_digits_that_tell_something(
    classes: int, chance: str
) -> None:
    names = tuple(f"class {i}" for i in range(classes))
    logits = np.zeros(classes, np.float32)
    alone = Run("clip", "net", (), Prediction(logits, logits[None], names), None, 0.0)
    panel = compare.clip_answers({"TANet": alone}, {"TANet": "tam"}, None)
    assert panel.says == "1 network makes 1 prediction. 'class 0': TANet."
    assert panel.see.endswith(f"Chance among {classes} classes is {chance}.")


def test_networks_on_the_test_clips(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(record()), encoding="utf-8")
    bench = read(path)
    rng = np.random.default_rng(0)
    names = tuple(n.id for n in (*bench.networks, *bench.repeats))
    answers = Answers(
        2,
        CLASSES,
        np.repeat(np.arange(16), 20).astype(np.uint8),
        names,
        ("0" * 64,) * len(names),
        rng.integers(0, 16, (len(names), 320)).astype(np.uint8),
        rng.normal(size=(len(names), 320)),
    )
    first, second = bench.find("tam"), bench.find("tsm")
    assert first is not None
    assert second is not None
    alike = agreement.agreement(answers, bench)
    complete(alike)
    assert alike.table.shape == (len(ALL), 2 * len(ALL))
    gains = agreement.gains(answers, bench, first, second)
    complete(gains)
    assert list(gains.table.index) == ["all classes", *CLASSES]
    clips = agreement.clips(answers, first, second)
    complete(clips)
    assert len(clips.table) == 320
    points = {
        int(number): (x, y)
        for trace in clips.figure.data
        if trace.customdata is not None
        for number, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }
    assert len(points) == 320  # each can be clicked
    odds = answers.log_odds[[answers.row(second.id), answers.row(first.id)], 17]
    np.testing.assert_allclose(points[17], odds, atol=0.006)


@pytest.fixture
def explained(tiny_clip: Callable[..., Clip]) -> Callable[[Method], Explained]:
    rng = np.random.default_rng(0)
    clip = tiny_clip(spec=SPEC)
    card = Card("net", "tam", (1, 1, 1, 1), 8, CLASSES, SPEC)

    def make(method: Method) -> Explained:
        more: dict[str, Any] = (
            {} if method == "Grad-CAM" else {"baseline_score": -1.0, "steps": 8, "delta": 0.01}
        )
        side = 2 if method == "Grad-CAM" else 64
        found = Attribution(
            clip.id, "net", method, "moves left", rng.normal(size=(8, side, side)), 2.0, **more
        )
        other = dataclasses.replace(found, maps=rng.normal(size=(8, side, side)))
        return Explained(card, clip, found, other)

    return make


@pytest.mark.parametrize("method", ["Grad-CAM", "integrated gradients"])
def test_maps_over_the_frames(explained: Callable[[Method], Explained], method: Method) -> None:
    one = explained(method)
    panel = attribution.maps(one, frame=2)
    complete(panel)
    assert len(panel.figure.layout.images) == 16  # the untrained network's below
    sums = one.result.maps.sum(axis=(1, 2))
    np.testing.assert_allclose(panel.table["net: sum"], sums)
    assert f"adds up to {signed(sums.sum())} over the clip" in panel.says
    assert f"Frame {np.abs(sums).argmax() + 1} has the largest part" in panel.says
    assert one.untrained is not None
    alike = spearmanr(one.result.maps.ravel(), one.untrained.maps.ravel()).statistic
    assert f"untrained network's map: {signed(alike)}" in panel.says
    alone = attribution.maps(dataclasses.replace(one, untrained=None), frame=2, limit=9.0)
    complete(alone)
    assert len(alone.figure.layout.images) == 8
    assert "All strips of this page share one scale" in alone.how
    same = attribution.maps(dataclasses.replace(one, untrained=one.result), frame=99)
    assert "untrained network's map: +1.00" in same.says


def test_frames_taken_out(explained: Callable[[Method], Explained]) -> None:
    one = explained("Grad-CAM")
    drops = np.array([0.1, -0.2, 0.3, 0.9, 0.0, 0.1, -0.1, 0.2])
    lost = Deletion(one.clip.id, "net", "moves left", "mean colour", drops, 2.0)
    base = dataclasses.replace(lost, drops=drops / 10)
    tested = analysis.Tested(one.card, one.clip, lost, base, np.argsort(drops).argsort() * 1.0)
    panel = attribution.deletion([tested, tested], "Grad-CAM", 3)
    complete(panel)
    assert "most is lost without frame 4, 0.90; all losses add up to +1.30." in panel.says
    assert "The untrained network changes by at most 0.09." in panel.says
    assert "A frame inside the true event costs +0.05 on average, one outside +0.20." in panel.says
    assert list(panel.table["lost without it"].loc[[("net", 4)]]) == [0.9, 0.9]
    nothing = dataclasses.replace(tested, result=dataclasses.replace(lost, drops=-np.abs(drops)))
    assert (
        "the score falls for none of the frames"
        in attribution.deletion([nothing], "Grad-CAM", 3).says
    )
    flat = dataclasses.replace(tested, sums=np.zeros(8))
    assert "no order to compare with" in attribution.deletion([flat], "Grad-CAM", 3).says
