"""Importance maps: by spread and by probe, scales, clicks, features over the frames."""

from __future__ import annotations

import json

import pytest

from tam_viz.ui import importance
from tests.test_pages import charts, open_app

PAGE = "pages/2_Importance_maps.py"


def test_blocks_by_what_a_probe_reads() -> None:
    app = open_app(PAGE, clip="hides · 1", blocks="what a probe reads")
    assert not app.exception
    assert app.subheader[0].value == "Importance: what a probe reads off all blocks"
    said = next(m.value for m in app.markdown if "½ is chance" in m.value)
    assert said.startswith("On the mean over blocks, a probe ranks a frame inside the event")
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


@pytest.mark.parametrize("scale", ["of all blocks", "of all that V can do"])
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
    monkeypatch: pytest.MonkeyPatch, choose: str, key: str, customdata
) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(importance.st, "session_state", state)
    monkeypatch.setattr(importance, "clicked", lambda _key: None)
    getattr(importance, choose)("map")
    assert state == {}
    monkeypatch.setattr(importance, "clicked", lambda _key: customdata)
    getattr(importance, choose)("map")
    assert state == {key: customdata}
