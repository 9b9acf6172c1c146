"""Watch a clip: the gallery, the user's folder, costs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import streamlit as st

from tam_viz.ui import cache
from tests.test_pages import charts, open_app

PAGE = "pages/1_Watch_a_clip.py"


def opened_gallery(family: str):
    app = open_app(PAGE)
    app.session_state["gallery_open"] = True
    app.session_state["family"] = family
    return app.run()


def test_the_gallery_is_made_when_it_is_opened() -> None:
    app = open_app(PAGE)
    assert not [button for button in app.button if str(button.key).startswith("pick-")]
    app = opened_gallery("behind")
    assert not app.exception
    tiles = [button for button in app.button if str(button.key).startswith("pick-")]
    assert len(tiles) == 6  # two of each class, and the twins
    pictures = [
        html.proto.body for html in app.main.get("html") if "data:image/webp" in html.proto.body
    ]
    assert len(pictures) == 6
    assert all("alt='" in picture for picture in pictures)
    app.button(key="pick-turns_back_behind_twin.mp4").click().run()
    assert app.sidebar.selectbox(key="clip").value == "turns_back_behind_twin.mp4"


def test_a_folder_of_the_users_is_in_the_gallery(
    tmp_path: Path, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(videos / "recedes_1.mp4", folder / "holiday.mp4")
    (folder / "labels.csv").write_text("file,label\nholiday.mp4,recedes\n")
    (tmp_path / "nothing.txt").write_text("")
    monkeypatch.setenv("TAM_VIZ_CLIPS", f"{folder}:{tmp_path / 'missing'}")
    st.cache_data.clear()
    app = open_app(PAGE, clip="mine/holiday.mp4")
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == "mine/holiday.mp4"
    assert any("True class: 'recedes'." in markdown.value for markdown in app.markdown)
    assert ["There is no folder" in warning.value for warning in app.warning] == [True]
    app = opened_gallery("yours")
    st.cache_data.clear()
    assert [b.key for b in app.button if str(b.key).startswith("pick-")] == [
        "pick-mine/holiday.mp4"
    ]


def test_a_clip_of_the_test_set_is_opened_by_its_address() -> None:
    app = open_app(PAGE, clip="test clip 17")
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == "test clip 17"
    assert any("### moves right" in markdown.value for markdown in app.markdown)


@pytest.mark.parametrize("name", ["test clip 99999", "test clip 1600", "test clip x"])
def test_no_such_test_clip_is_no_error(name: str) -> None:
    app = open_app(PAGE, clip=name)
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == "moves_left_1.mp4"


def test_costs_are_of_the_chosen_networks() -> None:
    app = open_app(PAGE)
    app.multiselect(key="networks").set_value(["tsn-motionpairs"]).run()
    assert any("tsn-motionpairs takes" in markdown.value for markdown in app.markdown)
    assert charts(app) == 3


def test_costs_are_kept_until_they_are_measured_again() -> None:
    def kept() -> object:
        return cache._found()["costs", "tsn-motionpairs"]

    app = open_app(PAGE)
    app.multiselect(key="networks").set_value(["tsn-motionpairs"]).run()
    first = kept()
    app.run()
    assert kept() is first
    others = {key for key in cache._found() if key != ("costs", "tsn-motionpairs")}
    app.button(key="measure-costs").click().run()
    assert not app.exception
    assert kept() is not first
    assert others < set(cache._found())
    assert charts(app) == 3
