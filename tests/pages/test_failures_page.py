"""The page of failures: from the accuracy of a class to the clips, and from one to the next."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from tam_viz.scan.filters import Filter, from_address
from tam_viz.scan.locations import SHIPPED
from tam_viz.scan.opened import open_scan
from tests.scan.made_up import made_up
from tests.support.pages import open_app

RUN = SHIPPED / "motionpairs-test"
PAGE = "pages/10_Failures.py"


def button(app: AppTest, label: str) -> Button:
    return next(b for b in app.button if b.label == label)


def texts(app: AppTest) -> str:
    return "\n".join(m.value for m in app.markdown)


def test_the_scan_that_comes_along_is_whole() -> None:
    scan = open_scan(RUN)
    assert len(scan.clips) == scan.manifest.clips
    assert (scan.clips["error"] == "").all()
    for name in scan.networks:
        assert scan.clips[f"{name}.predicted"].notna().all()


def test_two_networks_are_compared_on_the_clips_of_the_filter() -> None:
    app = open_app(PAGE, network="tanet-motionpairs", rival_network="tsm-motionpairs")
    assert not app.exception
    table = open_scan(RUN).clips
    right = [
        table[f"{n}.predicted"] == table[f"{n}.true"]
        for n in ("tanet-motionpairs", "tsm-motionpairs")
    ]
    fixed, broken = (~right[0] & right[1]).sum(), (right[0] & ~right[1]).sum()
    assert f"is correct on {fixed} that" in texts(app)
    assert f"wrong on {broken} that" in texts(app)
    of_answers = Filter(
        network="tanet-motionpairs", answer="wrong", other="tsm-motionpairs", other_answer="right"
    )
    app = open_app(PAGE, rival_network="tsm-motionpairs", where=of_answers.in_address())
    assert f"of {fixed} clips" in texts(app)  # the list
    assert f"is correct on {fixed} that" in texts(app)  # rates are not over chosen answers
    assert f"wrong on {broken} that" in texts(app)
    assert any("ignore the filter's conditions on predictions" in c.value for c in app.caption)


def test_a_filter_stands_in_the_address_and_opens_again() -> None:
    asked = Filter(network="tanet-motionpairs", answer="wrong", true=("slows down",))
    app = open_app(PAGE, where=asked.in_address())
    assert not app.exception
    assert app.multiselect(key="f_true").value == ["slows down"]
    table = open_scan(RUN).clips
    wrong = table[table["label"] == "slows down"]
    wrong = wrong[wrong["tanet-motionpairs.predicted"] != wrong["tanet-motionpairs.true"]]
    assert f"1 to {len(wrong)} of {len(wrong)} clips" in texts(app)
    app.multiselect(key="f_true").set_value([]).run()
    assert from_address(app.query_params["where"]) == Filter(
        network="tanet-motionpairs", answer="wrong"
    )
    button(app, "Clear the filter").click().run()
    assert "of 320 clips" in texts(app)


def test_a_clip_is_opened_on_every_page_and_the_next_one_from_there() -> None:
    asked = Filter(network="tanet-motionpairs", answer="wrong")
    app = open_app(PAGE, where=asked.in_address())
    paths = app.dataframe[-1].value["path"].tolist()
    app.button(key="open-0").click().run()
    assert app.sidebar.selectbox(key="clip").value == f"scan motionpairs-test: {paths[0]}"
    app.switch_page("pages/1_Watch_a_clip.py").run()
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == f"scan motionpairs-test: {paths[0]}"
    app.switch_page(PAGE).run()  # back, and everything is as it was
    assert not app.exception
    assert app.dataframe[-1].value["path"].tolist() == paths
    app.switch_page("pages/1_Watch_a_clip.py").run()
    button(app, "Next").click().run()
    assert app.sidebar.selectbox(key="clip").value == f"scan motionpairs-test: {paths[1]}"
    assert not app.exception
    button(app, "Previous").click().run()
    assert app.sidebar.selectbox(key="clip").value == f"scan motionpairs-test: {paths[0]}"


def test_a_link_to_a_clip_of_a_scan_opens_it() -> None:
    app = open_app("pages/1_Watch_a_clip.py", clip="scan motionpairs-test: test/2/000007")
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == "scan motionpairs-test: test/2/000007"
    lost = open_app("pages/1_Watch_a_clip.py", clip="scan motionpairs-test: test/2/999999")
    assert any("not available (the clip)" in w.value for w in lost.warning)


def test_names_are_shown_letter_for_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("*a* $b$", "<b>c</b>", ":smile:")
    labels = list(names) * 3
    given: list[str | None] = [names[1], *labels[1:]]
    made_up(tmp_path / "odd", labels, {"n": given}, names)
    monkeypatch.setenv("TAM_VIZ_SCANS", str(tmp_path))
    app = open_app(PAGE, run="odd")
    assert not app.exception
    assert r"\*a\* \$b\$" in texts(app)


def test_only_what_the_owner_named_can_be_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "videos"
    data.mkdir()
    monkeypatch.setenv("TAM_VIZ_DATASETS", str(data))
    app = open_app(PAGE)
    (box,) = [box for box in app.selectbox if box.label == "Dataset"]
    assert box.options == [
        "MotionPairs test clips",
        "MotionPairs shift set",
        f"{tmp_path.name}/videos",
    ]


def test_two_protocols_of_one_network_and_the_clips_that_flip() -> None:
    run, first, second = "protocols-on-gallery", "tanet-motionpairs", "tanet-motionpairs@dense"
    app = open_app(PAGE, run=run, network=first, rival_network=second)
    assert not app.exception
    assert app.selectbox(key="rival_network").options[1:3] == [
        "tanet-motionpairs: 3 views, uniform sampling",
        "tanet-motionpairs: one view, dense sampling",
    ]
    table = open_scan(SHIPPED / run).clips
    right = [table[f"{name}.predicted"] == table[f"{name}.true"] for name in (first, second)]
    broken = int((right[0] & ~right[1]).sum())
    assert f"right and {broken} wrong of {len(table)}" in texts(app)
    app.button(key="flips-broken").click().run()
    assert not app.exception
    assert from_address(app.query_params["where"]) == Filter(
        network=first, answer="right", other=second, other_answer="wrong"
    )
    assert f"of {broken} clips" in texts(app)


def test_a_filter_that_lets_fewer_through_begins_at_the_first_clip() -> None:
    app = open_app(PAGE)
    button(app, "Next page").click().run()
    assert "51 to 100 of 320 clips" in texts(app)
    app.multiselect(key="f_true").set_value(["slows down"]).run()
    assert "1 to 20 of 20 clips" in texts(app)


def test_another_scan_with_other_classes_keeps_what_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up(tmp_path / "letters", ["a", "b"] * 40, {"n": ["a", "b"] * 40}, ("a", "b"))
    monkeypatch.setenv("TAM_VIZ_SCANS", str(tmp_path))
    where = Filter(true=("slows down",), text="000").in_address()
    app = open_app(PAGE, run="motionpairs-test", where=where)
    assert app.multiselect(key="f_true").value == ["slows down"]
    app.selectbox(key="run").set_value("letters").run()
    assert not app.exception
    assert app.multiselect(key="f_true").value == []
    assert from_address(app.query_params["where"]).text == "000"
