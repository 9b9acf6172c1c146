"""A change goes along in a finding with its pictures, and is there again when that is opened."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tam_viz.findings.read import read
from tests.support.exported import PAGE, TANET, made, opened, selected, toggle
from tests.support.findings import members
from tests.support.pages import captions, open_app, whole, words

INTERVENE = "pages/5_Intervene.py"
CONTROLS = ("v", "theta", "where", "which", "tempo", "spoken", "against")
CHANGE = {
    "v": "one",
    "theta": "donor",
    "where": "later",
    "which": "past",
    "tempo": "frozen",
    "spoken": "*auto",
    "against": "recedes",
}
VIEW = {"clip": "hides · 1", "second": "recedes · 1", "block": "layer3.1", "frame": "6"}
Seen = tuple[bytes, str, list[str]]


def controls(app: AppTest) -> dict[str, str | None]:
    return {key: app.selectbox(key=key).value for key in CONTROLS}


def sentence(app: AppTest) -> str:
    texts: list[str] = [m.value for m in app.markdown]
    return next(text for text in texts if text.startswith("With "))


def scores(app: AppTest) -> list[str]:
    return [metric.value for metric in app.metric]


@pytest.fixture(scope="module")
def seen() -> Seen:
    """A finding of a change, what was said of that, and the numbers beside it."""
    app = whole(open_app(INTERVENE, **VIEW, **CHANGE))
    said, numbers = sentence(app), scores(app)
    app.switch_page(PAGE).run()
    return made(app), said, numbers


def test_the_pictures_of_the_change_go_along(seen: Seen) -> None:
    names = list(members(seen[0]))
    for picture in ("prediction-before-and-after", "v-and-downstream-block-by-block", "v-and-of"):
        for folder, kind in (("pictures", "html"), ("tables", "csv")):
            assert any(
                name.startswith(f"{folder}/") and picture in name and name.endswith(kind)
                for name in names
            ), picture


def test_the_change_is_made_again_in_a_fresh_visit(seen: Seen) -> None:
    data, said, numbers = seen
    app = whole(opened(data))
    assert selected(app)[2:] == [TANET, "layer3.1", None, 6]
    assert "With the change made on Intervene: V = 1 and Θ of 'recedes_1.mp4'" in (
        toggle(app, "With the change").label
    )
    app.switch_page(INTERVENE).run()
    assert controls(whole(app)) == CHANGE
    assert sentence(app) == said
    assert scores(app) == numbers
    app.switch_page("pages/3_Adaptive_kernels.py").run()
    app.switch_page(INTERVENE).run()
    assert controls(whole(app)) == CHANGE  # and stays


def test_the_change_replaces_another_one_and_can_be_changed(seen: Seen) -> None:
    data, said, _ = seen
    app = whole(open_app(INTERVENE, v="as it is", theta="Θ = [0, 1, 0]"))
    app.switch_page(PAGE).run()
    opened(data, app)
    app.switch_page(INTERVENE).run()
    assert controls(whole(app)) == CHANGE
    assert sentence(app) == said
    app.selectbox(key="v").select("as_is").run()
    assert controls(whole(app)) == {**CHANGE, "v": "as_is"}


def test_the_very_runs_go_into_the_next_finding(seen: Seen) -> None:
    app = whole(opened(seen[0]))
    again, _ = read(made(app), "f.zip")
    before, _ = read(seen[0], "f.zip")
    assert [run.edits for run in again.runs] == [run.edits for run in before.runs]
    assert [kept.roles for kept in again.clips] == [kept.roles for kept in before.clips]


def test_nothing_is_taken_from_a_clip_that_is_no_longer_beside_it(seen: Seen) -> None:
    app = whole(opened(seen[0]))
    app.sidebar.selectbox(key="second").select("none").run()
    app.switch_page(INTERVENE).run()
    assert controls(whole(app)) == {**CHANGE, "theta": "as_is"}


def test_blocks_and_channels_that_were_listed_are_listed_again() -> None:
    app = open_app(INTERVENE, v="V = 1", theta="as it is", where="chosen blocks")
    app.multiselect(key="edited").select("layer2.0").select("layer4.1").run()
    app.selectbox(key="which").select("listed").run()
    app.text_input(key="channels").set_value("0, 3-7").run()
    app.switch_page(PAGE).run()
    fresh = whole(opened(made(app)))
    fresh.switch_page(INTERVENE).run()
    assert "V = 1 in 12 channels of layer2.0 and layer4.1" in words(whole(fresh))
    assert fresh.multiselect(key="edited").value == ["layer2.0", "layer4.1"]
    assert fresh.text_input(key="channels").value == "0, 3-7"
    fresh.switch_page("pages/2_Importance_maps.py").run()
    assert fresh.button_group(key="blocks").value == "variation"


def test_a_finding_of_a_version_that_kept_no_controls_says_so(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tam_viz.ui.state.restore._controls", lambda _finding: {})
    app = whole(opened(seen[0]))
    assert "was saved without the settings of Intervene" in captions(app)
    assert "Nothing was changed" in captions(app)
