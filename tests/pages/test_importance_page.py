"""Importance maps: by spread and by probe, scales, clicks, features over the frames."""

from __future__ import annotations

import json

import pytest
import streamlit as st

from tam_viz.panels.panel import Panel
from tam_viz.panels.tam import importance as panels
from tam_viz.panels.tam.importance_references import ControlTraces
from tam_viz.types import Clip, TAMTrace
from tam_viz.ui.state import cache
from tam_viz.ui.tam import importance, ranking
from tests.support.pages import charts, open_app

PAGE = "pages/2_Importance_maps.py"


def test_blocks_by_what_a_probe_reads() -> None:
    app = open_app(PAGE, clip="hides · 1", blocks="what a probe reads")
    assert not app.exception
    assert app.subheader[0].value == "Importance: linear probe, event vs. no event"
    said = next(m.value for m in app.markdown if "½ is chance" in m.value)
    assert said.startswith("Averaged over blocks, a probe ranks a frame inside the event")
    assert "In layer4.0 it does so in" in said
    figure = app.get("plotly_chart")[0].proto.spec
    assert "nan" not in figure.lower()
    maps = [trace for trace in json.loads(figure)["data"] if trace["type"] == "heatmap"]
    assert [trace["hoverongaps"] for trace in maps] == [False, False]  # nothing at the edges
    assert charts(app) == 4
    assert app.query_params["blocks"] == "what a probe reads"  # whatever it is called now


def test_a_network_without_a_probe_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance, "read_inside_probes", lambda _folder: None)
    app = open_app(PAGE, blocks="what a probe reads")
    assert not app.exception
    assert any("tam-viz probe tanet-motionpairs" in info.value for info in app.info)
    assert charts(app) == 3


@pytest.mark.parametrize("scale", ["all", "full"])
def test_another_colour_scale(scale: str) -> None:
    app = open_app(PAGE)
    before = app.get("plotly_chart")[1].proto.spec
    app.selectbox(key="scale").set_value(scale).run()
    assert not app.exception
    assert app.get("plotly_chart")[1].proto.spec != before


def test_features_before_and_after_v() -> None:
    app = open_app(PAGE)
    assert app.subheader[-1].value.endswith("after V")
    app.toggle(key="weighted").set_value(False).run()
    assert not app.exception
    assert app.subheader[-1].value.endswith("before V")


@pytest.mark.parametrize(
    ("choose", "key", "customdata"),
    [("choose_block", "block", "layer2.1"), ("choose_channel", "channel", 3)],
)
def test_a_click_chooses(
    monkeypatch: pytest.MonkeyPatch, choose: str, key: str, customdata: object
) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(importance, "clicked", lambda _key: None)
    getattr(importance, choose)("map")
    assert state == {}
    monkeypatch.setattr(importance, "clicked", lambda _key: customdata)
    getattr(importance, choose)("map")
    assert state == {key: customdata}


def test_channels_are_ranked_and_the_first_of_them_are_shown() -> None:
    firsts = {}
    for rank, name in (
        ("variation", "V against the frozen clip"),
        ("v_second", "V against the second clip"),
        ("theta_second", "Θ against the second clip"),
        ("adaptivity", "adaptivity of Θ"),
        ("effect", "effect on the prediction"),
    ):
        app = open_app(PAGE, rank=rank)
        assert not app.exception
        assert not app.error
        assert app.selectbox(key="rank").value == rank
        table = next(one for one in app.dataframe if one.key == "ranked").value
        scores = table[name].to_numpy()
        assert (scores[:-1] >= scores[1:])[:-1].all()  # the last may be the chosen one
        firsts[rank] = table["channel"].tolist()
        figure = json.loads(app.get("plotly_chart")[1].proto.spec)
        rows = (t for t in figure["data"] if t.get("xaxis") == "x2" and "customdata" in t)
        shown = next(rows)["customdata"]
        assert set(firsts[rank][:10]) <= set(shown)
        assert len(shown) == 48
    assert len({tuple(one) for one in firsts.values()}) == 5


def test_without_a_second_clip_nothing_is_ranked_against_it() -> None:
    app = open_app(PAGE, second="none", rank="V against the second clip")
    assert not app.exception
    box = app.selectbox(key="rank")
    assert box.value == "variation"
    assert not [option for option in box.options if "second" in option]


def test_a_row_of_the_list_chooses_its_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {"ranked": {"selection": {"cells": [(2, "channel")]}}}
    monkeypatch.setattr(st, "session_state", state)
    ranking._take((7, 5, 3))
    assert state["channel"] == 3
    state["ranked"] = {"selection": {"cells": []}}
    ranking._take((1, 2, 4))
    assert state["channel"] == 3


def test_a_frame_is_chosen_by_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(importance, "clicked", lambda _key: 4)
    importance.choose_frame("line")
    assert state == {"frame": 5}  # pickers count from 1


def test_v_is_drawn_before_its_references(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has been computed yet: the clip's own maps are sent, then references join them."""
    drawn: list[int] = []
    overview = panels.overview

    def listen(clip: Clip, trace: TAMTrace, beside: ControlTraces[TAMTrace], block: str) -> Panel:
        drawn.append(len(beside.named()))
        return overview(clip, trace, beside, block)

    monkeypatch.setattr(panels, "overview", listen)
    cache.computed.clear()
    app = open_app(PAGE)
    assert not app.exception
    assert drawn == [1, 3]  # one frame repeated; then the untrained network and the mean
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    titles = [note["text"].replace("<br>", " ") for note in figure["layout"]["annotations"]]
    assert titles == [
        "this network",
        "frozen at frame 4",
        "untrained",
        "mean over 64 MotionPairs clips",
    ]


def test_another_seed_stands_beside() -> None:
    app = open_app(PAGE, checkpoint="tanet-motionpairs-seed1")
    assert not app.exception
    assert charts(app) == 6
    assert app.query_params["checkpoint"] == "tanet-motionpairs-seed1"
    assert [heading.value for heading in app.subheader][-2:] == [
        "Two checkpoints, importance: all blocks",
        "Two checkpoints, importance: channels of layer4.0",
    ]
    app.selectbox(key="checkpoint").set_value("none").run()
    assert charts(app) == 4
    assert "checkpoint" not in app.query_params


def test_a_checkpoint_of_another_architecture_is_not_offered() -> None:
    app = open_app(PAGE, checkpoint="tsm-motionpairs")
    assert not app.exception
    box = app.selectbox(key="checkpoint")
    assert box.value == "none"
    assert all(option == "none" or option.startswith("tanet-") for option in box.options)
