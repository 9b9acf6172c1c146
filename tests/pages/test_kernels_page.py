"""Adaptive kernels: a second clip, the difference, clicks, the rival, what was not measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tam_viz.analysis.tam import adaptivity, inside_probe
from tam_viz.analysis.tam.sameness import SAME
from tam_viz.experiments.kinds import CLIPS, motionpairs
from tam_viz.experiments.studies import kernel_ablation
from tam_viz.experiments.studies.reference import mean_over, mean_trace
from tam_viz.models import cards
from tam_viz.models.engine import LoadedModel, load
from tam_viz.types import Clip, Steps, TAMTrace, UserError
from tam_viz.ui.tam import kernels
from tests.support.pages import charts, open_app
from tests.support.steps import last
from tests.support.there import there

PAGE = "pages/3_Adaptive_kernels.py"
FIGURES = {"block": 4, "all": 2, "adaptivity": 3}
WORTH = "adaptivity"


def says(app: AppTest, words: str) -> bool:
    return any(words in element.value for element in (*app.markdown, *app.caption))


def test_the_clip_beside_it_is_shown_under_its_own_name() -> None:
    app = open_app(PAGE, clip="approaches · 1", second="moves left · 1")
    assert says(app, "Pink dots are moves_left_1.mp4")
    for part, count in FIGURES.items():
        app.button_group(key="part").set_value(part).run()
        assert not app.exception
        assert charts(app) == count
    assert says(
        app,
        "moves_left_1.mp4: with Θ of all blocks at its mean, the log-odds of 'moves left', the",
    )
    backwards = open_app(PAGE, clip="approaches · 1")
    assert says(backwards, "Pink dots are approaches_1.mp4, played backwards")
    backwards = open_app(PAGE, clip="approaches · 1", part=WORTH)
    assert says(backwards, "log-odds of 'recedes', the predicted class")


def test_the_difference_is_chosen_by_the_address_and_by_the_control() -> None:
    app = open_app(PAGE, clip="approaches · 1", show="difference")
    assert not app.exception
    assert app.subheader[0].value.endswith("all blocks, difference")
    assert charts(app) == 4
    before = app.get("plotly_chart")[0].proto.spec
    app.button_group(key="show").set_value("both").run()
    assert not app.exception
    assert app.subheader[0].value.endswith("all blocks")
    assert app.get("plotly_chart")[0].proto.spec != before


def test_without_a_second_clip_there_is_nothing_to_differ() -> None:
    app = open_app(PAGE, second="none", show="difference")
    assert not app.exception
    assert charts(app) == 4
    assert len(app.get("button_group")) == 1  # that of the parts
    assert app.subheader[0].value.endswith("all blocks")


def test_a_click_chooses_block_and_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(kernels, "clicked", lambda _key: None)
    kernels.choose(("layer1.0", "layer2.0"), "simplex")
    assert state == {}
    monkeypatch.setattr(kernels, "clicked", lambda _key: [1, 7])
    kernels.choose(("layer1.0", "layer2.0"), "simplex")
    assert state == {"block": "layer2.0", "channel": 7}


def test_the_rival_s_kernels_stand_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    assert says(open_app(PAGE, part="all blocks"), "are the kernels that tconv-motionpairs learned")

    def broken(_name: str) -> None:
        raise UserError("its weights are gone")

    monkeypatch.setattr(kernels, "_fixed", broken)
    app = open_app(PAGE, part="all blocks")
    assert not app.exception
    assert charts(app) == 2
    assert [warning.value for warning in app.warning] == ["its weights are gone"]
    assert says(app, "no fixed kernels to compare with")


def test_what_is_put_in_for_theta_is_the_mean_over_training_clips(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[TAMTrace] = []
    freeze = kernel_ablation.freeze

    def listen(loaded: LoadedModel, clip: Clip, label: int, trace: TAMTrace) -> Steps[np.ndarray]:
        given.append(trace)
        return freeze(loaded, clip, label, trace)

    monkeypatch.setattr(kernel_ablation, "freeze", listen)
    app = open_app(PAGE, part=WORTH, clip="recedes · 1", second="none")
    assert not app.exception
    name = "tanet-motionpairs"
    expected = last(mean_trace(load(name), "train", CLIPS))
    np.testing.assert_allclose(given[0]["layer4.0"].kernel, expected["layer4.0"].kernel, atol=1e-5)


def test_what_was_not_measured_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "RECORD", "nothing.json")
    app = open_app(PAGE, part=WORTH)
    assert not app.exception
    assert charts(app) == 1
    assert any("`tam-viz probe tanet-motionpairs`" in info.value for info in app.info)


def test_a_damaged_measurement_gets_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / adaptivity.RECORD).write_text("{}")
    monkeypatch.setattr(kernels, "find", lambda _name: tmp_path)
    app = open_app(PAGE, part=WORTH)
    assert not app.exception
    assert any("is not what `tam-viz probe` writes" in error.value for error in app.error)


def test_what_is_stored_is_of_the_networks_beside_it() -> None:
    for folder in (
        cards.find("tanet-motionpairs"),
        cards.OWN / "variants" / "tanet-motionpairs-common-rate",
    ):
        card, answer = cards.read_card(folder), there(adaptivity.read_adaptation(folder))
        trained, untrained = there(inside_probe.read_inside_probes(folder))
        assert answer.id == card.id
        assert answer.blocks == list(card.blocks)
        for probe in (trained, untrained):
            assert {
                name: len(weights)
                for name, weights in zip(probe.blocks, probe.weights, strict=True)
            } == card.blocks
        sure = [loss.low > 0 for loss in answer.relies.mean]
        assert sum(sure) >= len(card.blocks) - 1
        for loss in (*answer.untrained_relies.mean, *answer.untrained_relies.mirrored):
            assert abs(loss.mean) < 0.02  # an untrained network owes nothing to Θ


def test_another_seed_stands_beside() -> None:
    for part, title in (
        ("block", "Two checkpoints, kernels of layer4.0"),
        ("all", "Two checkpoints, kernels: each tap, block by block"),
    ):
        app = open_app(PAGE, part=part, checkpoint="tanet-motionpairs-seed1")
        assert not app.exception
        assert app.subheader[-1].value == title
        assert charts(app) == FIGURES[part] + 1


def test_a_block_that_does_the_same_to_every_clip_is_told_with_the_number() -> None:
    name = "tanet-motionpairs"
    loaded = load(name)
    mean = last(mean_over(loaded, motionpairs(loaded.card.input)))
    for block in loaded.block_names:
        app = open_app(PAGE, block=block)
        same = mean.spread[block] < SAME
        assert says(app, f"Θ of {block} is nearly the same every time") == same
        if same:
            assert says(app, f"on average {mean.spread[block]:.1%} of a kernel's weight")


def test_whether_a_kernel_is_usual_is_told() -> None:
    app = open_app(PAGE, channel="5")
    assert [h.value for h in app.subheader][2] == "Is this kernel usual? Channel 5 of layer4.0"
    assert says(app, "Share of 64 MotionPairs clips on which channel 5 gives less weight than here")
