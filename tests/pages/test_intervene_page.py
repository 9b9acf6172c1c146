"""The page of interventions: it opens filled, does what is asked, and tells what cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch
from streamlit.proto.Metric_pb2 import Metric as MetricProto
from streamlit.testing.v1 import AppTest
from torch import Tensor

from tam_viz.analysis.clip.examples import read_showcases
from tam_viz.analysis.edits.edit_text import parse_edits
from tam_viz.analysis.formatting import plain
from tam_viz.capture import run as forward_pass
from tam_viz.capture.run import run
from tam_viz.experiments.studies.tam_off import tam_off
from tam_viz.models import cards as stored
from tam_viz.models import engine
from tam_viz.models.engine import LoadedModel, load
from tam_viz.motionpairs.dataset import TEST_SEED
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.types import Edit, Run
from tam_viz.ui.edits import ask_to_wait, class_pickers, edit_controls
from tam_viz.ui.state import cache, edit_address
from tam_viz.ui.tam.start import query_of
from tam_viz.video.library import GALLERY
from tests.support.pages import (
    captions,
    charts,
    forget_folders,
    kept,
    open_app,
    spec,
    table,
    titles,
    whole,
    words,
)
from tests.support.there import there

PAGE = "pages/5_Intervene.py"
TANET = "tanet-motionpairs"
TITLES = [
    "Prediction before and after",
    "V and Θ downstream, block by block",
    "V and Θ of channel",
    "Ablation sweep: block × edit",
    "Which block carries the decision?",
    "Temporal controls: reversed, shuffled, frozen, half, double speed",
]


@pytest.fixture(autouse=True)
def _folders_forgotten() -> Iterator[None]:
    yield
    forget_folders()


@pytest.fixture
def no_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that do not look at them: the sweep, swaps and other times wait to be asked for."""
    monkeypatch.setattr(ask_to_wait, "_ALWAYS", 0)
    monkeypatch.setattr(ask_to_wait, "_ASK_S", 0)


without_sweeps = pytest.mark.usefixtures("no_sweeps")


def shown(app: AppTest) -> list[tuple[str, str]]:
    return [(metric.value, metric.delta) for metric in app.metric]


def test_it_opens_filled_with_v_and_theta_of_the_clip_backwards() -> None:
    app = whole(open_app(PAGE))
    assert charts(app) == len(app.get("expander")) == 6
    assert all(t.startswith(start) for t, start in zip(titles(app), TITLES, strict=True))
    assert "With V and Θ of 'moves_left_1.mp4, played backwards' in all blocks" in words(app)
    assert next(m.label for m in app.metric) == "Probability of 'moves left'"
    assert not app.info


@without_sweeps
@without_sweeps
def test_the_clip_that_v_is_taken_from_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[tuple[str, str, bool]] = []
    forward = forward_pass._forward

    def counted(
        loaded: LoadedModel, x: Tensor, clip_id: str, edits: tuple[Edit, ...], *more: Any
    ) -> Run:
        passes.append((loaded.card.id, clip_id, bool(edits)))
        return forward(loaded, x, clip_id, edits, *more)

    monkeypatch.setattr(forward_pass, "_forward", counted)
    monkeypatch.setattr(ask_to_wait, "_seconds", lambda *_: 60.0)
    cache.run.clear()
    cache.edited_run.clear()
    app = whole(open_app(PAGE))
    unedited = [clip for name, clip, edited in passes if name == TANET and not edited]
    assert [clip for clip in unedited if clip.endswith("-reversed")]
    assert len(unedited) == len(set(unedited))
    assert [edited for name, _, edited in passes if name == TANET and edited]
    assert titles(app)[:2] == TITLES[:2]


def test_an_address_makes_an_edit_and_the_numbers_are_those_of_the_library() -> None:
    query = {"v": "one", "theta": "as it is", "where": "the selected block", "block": "layer4.0"}
    app = whole(open_app(PAGE, clip="moves left · 1", second="moves right · 1", **query))
    loaded = load("tanet-motionpairs", "cpu")
    clip = cache.gallery()[0]["moves_left_1.mp4"].read(loaded.card.input)
    done = run(loaded, clip, parse_edits("importance=one@layer4.0"))
    assert app.metric[0].value == f"{done.prediction.probabilities[0]:.2f}"
    assert "V = 1 in layer4.0" in words(app)
    caption = next(c.value for c in app.caption if "parse_edits" in c.value)
    assert "'importance=one@layer4.0'" in caption


def test_tam_switched_off_is_the_reference_that_is_shown() -> None:
    app = whole(open_app(PAGE, v="V = its mean over clips", theta="Θ = [0, 1, 0]"))
    assert app.metric[2].value == app.metric[3].value
    loaded = load("tanet-motionpairs", "cpu")
    clip = cache.gallery()[0]["moves_left_1.mp4"].read(loaded.card.input)
    off = run(loaded, clip, tam_off(loaded)).prediction.logits
    assert app.metric[3].value == plain(off[0] - off[1])
    assert "V at its mean over 64 MotionPairs clips and Θ = [0, 1, 0]" in words(app)


def test_the_answer_with_tam_off_does_not_depend_on_the_edit() -> None:
    app = whole(open_app(PAGE))
    (first, *_), of = (m for m in app.metric if m.label.endswith("TAM off")), app.metric[3]
    assert first.value == of.value
    assert not of.delta
    app.selectbox(key="v").select("shuffled").run()
    assert whole(app).metric[3].value == of.value


def test_nothing_edited_is_told_and_drawn() -> None:
    app = whole(open_app(PAGE, v="as it is", theta="as it is"))
    assert any("Nothing is changed yet" in info.value for info in app.info)
    assert charts(app) == 6
    assert {m.delta for m in app.metric[:3]} == {"+0.00"}
    looks = {(m.proto.color, m.proto.direction) for m in app.metric[:3]}
    assert looks == {(MetricProto.MetricColor.GRAY, MetricProto.MetricDirection.NONE)}


def test_without_a_second_clip_nothing_can_be_taken_from_it() -> None:
    app = whole(open_app(PAGE, second="none"))
    assert charts(app) == 5
    assert "V of another clip" not in app.selectbox(key="v").options
    assert any("choose one under Compare with" in caption.value for caption in app.caption)
    assert any("Choose a second clip under Compare with" in info.value for info in app.info)
    app.sidebar.selectbox(key="second").select("moves_right_1.mp4").run()
    assert charts(whole(app)) == 6


@without_sweeps
def test_blocks_and_channels_are_chosen() -> None:
    app = open_app(PAGE, v="V = 1", theta="as it is")
    app.selectbox(key="where").select("chosen").run()
    app.multiselect(key="edited").select("layer2.0").select("layer4.1").run()
    app.selectbox(key="which").select("listed").run()
    app.text_input(key="channels").set_value("0, 3-7").run()
    assert "V = 1 in 12 channels of layer2.0 and layer4.1" in words(whole(app))
    app.selectbox(key="which").select("future").run()
    assert "channels of layer2.0 and layer4.1" in words(whole(app))


@pytest.mark.parametrize(
    ("listed", "said"),
    [("all of them", "is no channel or range"), ("3, 99", "layer1.0 has channels 0 to 15, and 99")],
)
def test_nonsense_for_channels_is_told(listed: str, said: str) -> None:
    app = open_app(PAGE, which="listed channels", channels=listed)
    assert not app.exception
    assert [said in error.value for error in app.error] == [True]
    app.text_input(key="channels").set_value("3").run()
    assert charts(whole(app)) == 6


def test_the_clip_is_played_in_another_time() -> None:
    app = open_app(PAGE, v="as it is", theta="as it is", tempo="played backwards")
    assert "With the clip played backwards and nothing else, the prediction" in words(whole(app))
    app.sidebar.number_input(key="frame").set_value(2).run()
    app.selectbox(key="tempo").select("frozen").run()
    assert "With frame 2 of the clip in the place of all others" in words(whole(app))
    assert "frame 2, frozen" in str(spec(app, 5)["layout"]["yaxis"]["ticktext"])


def test_what_is_played_backwards_and_given_the_second_clip_is_the_same() -> None:
    """Edits whose donor is the clip that is shown change nothing: the pictures must agree."""
    app = whole(open_app(PAGE, tempo="played backwards"))
    same = table(app, "tempi").xs("played backwards", level="the clip")
    plain, edited = (same.loc[name].to_numpy() for name in (TANET, f"{TANET}, edited"))
    assert (plain == edited).all()


def click(app: AppTest, key: str, point: object) -> None:
    """What the browser sends when a point is clicked, seen from the callback."""
    app.session_state[key] = {"selection": {"points": [{"customdata": point}]}}


def test_a_click_on_a_cell_makes_that_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app(PAGE)
    sweep = kept("sweep")[0]
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    column = next(i for i, edit in enumerate(sweep.edits) if edit.op == "centre")
    monkeypatch.setattr(edit_controls, "clicked", lambda _key: [6, column])
    edit_controls.choose_edit(sweep, "sweep")
    assert state == {
        "v": "as_is",
        "theta": "centre",
        "where": "selected",
        "which": "all",
        "block": "layer4.0",
    }
    monkeypatch.undo()
    for name, value in state.items():
        app.session_state[name] = value
    assert "Θ = [0, 1, 0] in layer4.0" in words(whole(app.run()))


def test_a_click_on_the_last_row_edits_all_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    open_app(PAGE)
    sweep = kept("sweep")[0]
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(edit_controls, "clicked", lambda _key: [len(sweep.blocks) - 1, 0])
    edit_controls.choose_edit(sweep, "sweep")
    assert (state["where"], state["v"]) == ("all", "one")
    assert "block" not in state
    monkeypatch.setattr(edit_controls, "clicked", lambda _key: None)
    state.clear()
    edit_controls.choose_edit(sweep, "sweep")
    edit_controls.choose_block("downstream")
    assert state == {}


def test_what_takes_long_is_asked_for_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask_to_wait, "_ALWAYS", 0)
    monkeypatch.setattr(ask_to_wait, "_ASK_S", 0)
    cache.computed().clear()
    app = whole(open_app(PAGE))
    assert charts(app) == 3
    assert len([info for info in app.info if "seconds with this network" in info.value]) == 3
    assert not [metric for metric in app.metric if "TAM off" in metric.label]
    app.button(key="compute-mean").click().run()
    assert [metric.label for metric in whole(app).metric][3:] == ["Log-ratio, TAM off"]
    for count, name in enumerate(("sweep", "swaps", "playing"), start=4):
        app.button(key=f"compute-{name}").click().run()
        assert charts(whole(app)) == count
    for part, name in (("before", "patched"), ("frames", "frame-effects")):
        app.button_group(key="further").set_value(part).run()
        app.button(key=f"compute-{name}").click().run()
        assert charts(whole(app)) == 7
    assert not app.info


@pytest.mark.parametrize("pays", [True, False])
def test_what_takes_long_may_be_computed_in_bfloat16(
    monkeypatch: pytest.MonkeyPatch, *, pays: bool
) -> None:
    monkeypatch.setattr(ask_to_wait, "_ALWAYS", 0)
    monkeypatch.setattr(ask_to_wait, "_ASK_S", 0)
    monkeypatch.setattr(engine, "has_bfloat16", lambda _device: True)
    monkeypatch.setattr(
        engine, "fastest", lambda net: engine.lowered(net, torch.bfloat16) if pays else net
    )
    cache.has_bfloat16.clear()
    cache.loaded_networks.clear()
    cache.computed().clear()
    app = whole(open_app(PAGE))
    app.button(key="compute-sweep").click().run()
    plain = kept("sweep")[0]
    app.toggle(key="bfloat16").set_value(True).run()
    assert charts(whole(app)) == 3  # another result, asked for again
    app.button(key="compute-sweep").click().run()
    (rounded,) = (sweep for sweep in kept("sweep") if sweep is not plain)
    change = float(np.abs(rounded.logits - plain.logits).max())
    assert 1e-4 < change < 0.2 if pays else change < 1e-4
    title = next(title for title in titles(whole(app)) if title.startswith(TITLES[3]))
    assert title.endswith("(bfloat16)") == pays
    assert ("may be rounding" in words(app)) == pays
    assert ("is not faster on this machine" in words(app)) != pays
    cache.has_bfloat16.clear()
    cache.loaded_networks.clear()


def test_small_networks_offer_no_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "has_bfloat16", lambda _device: True)
    cache.has_bfloat16.clear()
    assert not whole(open_app(PAGE)).toggle
    cache.has_bfloat16.clear()


def test_a_clip_of_unknown_class_is_spoken_of_as_the_network_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, videos: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "holiday.mp4").write_bytes((videos / "recedes_1.mp4").read_bytes())
    monkeypatch.setenv("TAM_VIZ_CLIPS", str(folder))
    forget_folders()
    app = whole(open_app(PAGE, clip="mine/holiday.mp4"))
    assert app.sidebar.selectbox(key="clip").value == "mine/holiday.mp4"
    assert charts(app) == 6
    assert app.sidebar.selectbox(key="second").value == "backwards"
    assert "(the predicted class)" in words(app)


def test_every_pair_has_a_rival() -> None:
    rivals = class_pickers.RIVALS
    assert len(rivals) == 16
    assert all(rivals[rivals[name]] == name for name in rivals)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"where": "chosen blocks"}, "Choose at least one block above; V stays as before"),
        ({"which": "listed channels"}, "Name at least one channel above"),
    ],
)
def test_what_is_still_to_be_chosen_is_told(query: dict[str, str], said: str) -> None:
    app = whole(open_app(PAGE, v="V = 1", theta="as it is", **query))
    assert [info.value.startswith(said) for info in app.info] == [True]


def assert_one_contrast(app: AppTest, pair: str) -> None:
    """Every sentence that gives a log-ratio gives that of the same two classes."""
    plain_words = re.sub(r" \([a-z ]*\)", "", words(app))
    assert set(re.findall(r"log-ratio ('[a-z ]+' : '[a-z ]+')", plain_words)) == {pair}
    assert len(re.findall("log-ratio '", plain_words)) >= 4


def test_one_contrast_in_all_figures_whatever_the_second_clip_is() -> None:
    """A second clip of another class changes what is exchanged, not what it is measured by."""
    app = whole(open_app(PAGE, clip="recedes · 1", second="turns clockwise · 1"))
    assert_one_contrast(app, "'recedes' : 'approaches'")


@without_sweeps
def test_beside_a_failure_stands_the_nearest_right_clip_of_its_true_class() -> None:
    app = whole(open_app(PAGE, **query_of(FAILURE)))
    beside = app.sidebar.selectbox(key="second").value
    number = int(there(beside).removeprefix("test clip "))
    loaded = load("tanet-motionpairs", "cpu")
    clip = draw_clip(loaded.card.input, TEST_SEED, number, "test")
    assert clip.label == run(loaded, clip).prediction.top(1)[0][0]
    assert f"True class: {clip.label};" in FAILURE.says
    assert f"is {beside} (" in captions(app)
    app.sidebar.selectbox(key="second").select("none").run()  # what is chosen by hand stays
    app.sidebar.number_input(key="frame").set_value(2).run()
    assert whole(app).sidebar.selectbox(key="second").value == "none"


@without_sweeps
def test_any_test_clip_can_stand_beside_without_being_opened() -> None:
    app = open_app(PAGE)
    app.number_input(key="donor_number").set_value(33).run()
    assert whole(app).sidebar.selectbox(key="second").value == "test clip 33"
    assert "V and Θ of 'test clip 33' in all blocks" in words(app)
    assert app.sidebar.selectbox(key="clip").value == "moves_left_1.mp4"


def test_channels_and_frames_are_looked_into_when_asked() -> None:
    app = whole(open_app(PAGE, further="channels"))
    assert titles(app)[6] == "Which channels of layer4.0 matter for the prediction?"
    assert_one_contrast(app, "'moves left' : 'moves right'")
    app.button_group(key="further").set_value("frames").run()
    assert titles(whole(app))[6] == "Which frame matters in which block?"
    assert app.query_params["further"] == "frames"


def test_features_are_patched_and_a_null_donor_stands_beside() -> None:
    query = query_of(FAILURE) | {"v": "as it is", "theta": "as it is", "further": "before"}
    app = whole(open_app(PAGE, **query))
    assert titles(app)[6] == "Is the evidence already missing before TAM?"
    assert "null donor at most" in words(app)
    app.selectbox(key="x").select("donor").run()
    assert "With x of 'test clip" in words(whole(app))
    assert "'input=donor@*'" in captions(app)


@without_sweeps
def test_reset_takes_everything_back() -> None:
    app = open_app(PAGE, v="V = 1", theta="Θ = [0, 1, 0]", where="the selected block")
    app.button(key="reset").click().run()
    assert any("Nothing is changed yet" in info.value for info in whole(app).info)
    assert app.selectbox(key="where").value == "all"


def test_the_cell_of_the_edit_is_framed_and_its_answer_stands_beside() -> None:
    app = whole(open_app(PAGE, v="as it is", theta="Θ = [0, 1, 0]", where="the selected block"))
    frames = [s for s in spec(app, 3)["layout"]["shapes"] if s["type"] == "rect"]
    found = kept("sweep")[0]
    row = found.blocks.index("layer4.0")
    column = next(i for i, edit in enumerate(found.edits) if edit.op == "centre")
    assert {(s["x0"], s["y0"]) for s in frames} == {(column - 0.5, row - 0.5)}
    turned = spec(app, 3)["data"][2]
    assert turned["unselected"]["marker"]["opacity"] == 1  # a click dims no dot
    said = next(m.value for m in app.markdown if m.value.startswith("The framed cell"))
    assert "'Θ = [0, 1, 0]' in layer4.0: the prediction" in said
    app.selectbox(key="v").select("one").run()  # two operations are no cell
    assert not [s for s in spec(whole(app), 3)["layout"]["shapes"] if s["type"] == "rect"]


def test_another_checkpoint_of_the_architecture_stands_beside_on_the_same_scale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TAM_VIZ_CHECKPOINTS", str(stored.OWN / "seeds"))
    cache.cards.clear()
    app = open_app(PAGE, model="tanet-motionpairs", checkpoint="tanet-motionpairs-seed1")
    cache.cards.clear()
    first, second = (spec(whole(app), n)["data"][0] for n in (3, 4))
    assert titles(app)[4].endswith("(tanet-motionpairs-seed1)")
    assert first["zmax"] == second["zmax"]
    assert first["z"] != second["z"]


FAILURE = next(one for one in read_showcases(GALLERY) if one.page == "Intervene")


def test_a_failure_is_measured_by_the_wrong_answer() -> None:
    cache.computed().clear()  # sweeps of other clips
    app = whole(open_app(PAGE, **query_of(FAILURE)))
    truth, wrong = re.findall(r"True class: (.*?); predicted: (.*?) \(", FAILURE.says)[0]
    measure = f"log-ratio '{truth}' : '{wrong}'"
    assert titles(app)[3] == f"Ablation sweep: block × edit, change in the {measure}"
    assert f"'{truth}' (the true class) : '{wrong}' (the predicted class)" in words(app)
    found = kept("sweep")[0]
    places = [found.classes.index(name) for name in (truth, wrong)]
    scores = found.logits[:-1, :, places[0]] - found.logits[:-1, :, places[1]]
    before = float(found.before[places[0]] - found.before[places[1]])
    fair = [i for i, e in enumerate(found.edits) if e.op != "one" and e.target != "input"]
    row, column = np.unravel_index(np.abs(scores[:, fair] - before).argmax(), (8, len(fair)))
    edit = f"'{found.columns[fair[column]]}' in {found.rows[row]}"
    assert f"in one block the largest change is that of {edit}" in words(app)
    assert "Left out of all that is 'V = 1', which about doubles the features" in words(app)
    assert f"As they are, the {measure} is" in words(app)  # of the two clips that are exchanged
    assert {a["text"] for a in spec(app, 4)["layout"]["annotations"]} >= {f"↓ {wrong}"}
    assert spec(app, 5)["layout"]["xaxis3"]["title"]["text"].replace("<br>", " ") == measure
    assert any("log(p / q) of their probabilities" in caption.value for caption in app.caption)
    assert app.metric[2].label == "Log-ratio"
    now, more = (float(text.replace("−", "-")) for text in shown(app)[2])
    assert now - more == pytest.approx(before, abs=0.02)
    assert not any("-" in text for pair in shown(app) for text in pair)
    assert f"played backwards, {measure}: " in words(app)


def test_the_two_classes_are_chosen_by_an_address_and_by_hand() -> None:
    app = whole(open_app(PAGE, against="hides"))
    assert titles(app)[3].endswith("'moves left' : 'hides'")
    assert_one_contrast(app, "'moves left' : 'hides'")
    assert {a["text"] for a in spec(app, 4)["layout"]["annotations"]} >= {"↓ hides"}
    app.selectbox(key="spoken").select("recedes").run()
    assert titles(whole(app))[3].endswith("'recedes' : 'hides'")
    assert "recedes" not in app.selectbox(key="against").options
    app.selectbox(key="against").select("*others").run()
    assert titles(whole(app))[3].endswith("log-odds of 'recedes'")
    assert "As they are, the log-odds of 'recedes' is" in words(app)
    measured = "The change is measured by the log-odds of 'recedes' (as chosen): log(p / (1 − p))"
    assert any(caption.value.startswith(measured) for caption in app.caption)
    assert app.metric[2].label == "Log-odds"
    app.selectbox(key="spoken").select("*auto").run()
    assert titles(whole(app))[3].endswith("log-odds of 'moves left'")


def test_what_is_chosen_stays_with_another_clip_and_goes_where_it_would_be_the_class_itself() -> (
    None
):
    app = open_app(PAGE, against="hides")
    app.sidebar.selectbox(key="clip").select("recedes_1.mp4").run()
    assert titles(whole(app))[3].endswith("'recedes' : 'hides'")
    app.sidebar.selectbox(key="clip").select("hides_1.mp4").run()
    assert titles(whole(app))[3].endswith("'hides' : 'comes out'")
    assert app.selectbox(key="against").value == "*auto"


def test_classes_of_another_network_in_an_address_are_no_error() -> None:
    app = whole(open_app(PAGE, spoken="dances", against="swims"))
    assert titles(app)[3].endswith("'moves left' : 'moves right'")


@without_sweeps
def test_what_nobody_changed_is_no_change() -> None:
    app = whole(open_app(PAGE))
    app.switch_page("pages/8_Export.py").run()
    assert not [t for t in whole(app).toggle if t.label.startswith("With the change")]
    app.switch_page(PAGE).run()
    app.selectbox(key="v").select("one").run()
    app.switch_page("pages/8_Export.py").run()
    assert [t for t in whole(app).toggle if t.label.startswith("With the change")]


@without_sweeps
def test_the_address_holds_what_was_changed_and_nothing_else() -> None:
    app = whole(open_app(PAGE))
    assert not set(app.query_params) & set(edit_address.KEYS)
    app.selectbox(key="v").select("one").run()
    app.selectbox(key="where").select("chosen").run()
    app.multiselect(key="edited").select("layer2.0").select("layer4.1").run()
    there = {key: app.query_params[key] for key in edit_address.KEYS if key in app.query_params}
    assert there == {
        "v": "one",
        "where": "chosen",
        "edited": ["layer2.0", "layer4.1"],
    }
    again = whole(open_app(PAGE, **there))
    assert "in layer2.0 and layer4.1, the prediction" in words(again)
    app.button(key="reset").click().run()
    assert set(app.query_params) & set(edit_address.KEYS) == {"v", "theta"}


@without_sweeps
def test_an_address_that_names_no_option_opens_the_page_as_it_begins() -> None:
    app = whole(open_app(PAGE, v="nothing", where="nowhere", tempo="never", edited="layer9.9"))
    assert app.selectbox(key="v").value == "donor"
    assert app.selectbox(key="where").value == "all"
