"""Attribution on frames: the maps of a class, the frames taken out, and what cannot be asked."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tam_viz.analysis.edits.contrasts import ALL_OTHERS, between
from tam_viz.analysis.formatting import signed
from tam_viz.capture.run import run, run_tensor
from tam_viz.models import cards
from tam_viz.models.engine import load
from tam_viz.models.preprocess import clip_tensor
from tam_viz.types import Card, UserError
from tam_viz.ui.clip import attribution, attribution_controls
from tam_viz.ui.edits.class_pickers import RIVALS
from tam_viz.ui.state import cache
from tam_viz.video.library import GALLERY
from tests.support.pages import charts, open_app, spec, table, titles, whole, words

PAGE = "pages/6_Attribution.py"
TANET, TSN = "tanet-motionpairs", "tsn-motionpairs"


def limits(app: AppTest, number: int) -> list[float]:
    """Upper ends of the colour scales of a figure, one for each strip."""
    return [
        trace["marker"]["cmax"]
        for trace in spec(app, number)["data"]
        if "cmax" in trace.get("marker", {})
    ]


def test_it_opens_filled_and_the_losses_are_those_of_the_library() -> None:
    app = whole(open_app(PAGE))
    assert titles(app) == [
        f"Grad-CAM: 'moves left' against 'moves right' in {TANET}",
        f"Grad-CAM: 'moves left' against 'moves right' in {TSN}",
        "Deletion test: which frames the prediction needs",
    ]
    assert [len(limits(app, number)) for number in (0, 1)] == [2, 2]  # the untrained one below
    loaded = load(TANET, "cpu")
    clip = cache.gallery()[0]["moves_left_1.mp4"].read(loaded.card.input)
    x = clip_tensor(clip, loaded.card.input)[0].transpose(0, 1)
    places = [loaded.card.classes.index(name) for name in ("moves left", "moves right")]
    ratio = float(between(run_tensor(loaded, x).prediction.logits, *places))
    assert f"'moves left' against 'moves right' ({signed(ratio)})" in words(app)
    without = x.clone()
    without[7] = 0  # the mean colour, once normalised
    lost = ratio - float(between(run_tensor(loaded, without).prediction.logits, *places))
    losses = table(app, "deletion")
    assert losses.loc[(TANET, 8), "lost without it"] == pytest.approx(lost, abs=1e-4)


def test_method_class_and_filling_are_chosen() -> None:
    app = open_app(PAGE, networks=TANET)
    assert charts(whole(app)) == 2
    before = spec(app, 0)
    app.button_group(key="method").set_value("integrated_gradients").run()
    app.selectbox(key="steps").select("16").run()
    assert "(16 steps; numerical gap" in words(whole(app))
    assert spec(app, 0) != before
    assert "Rank correlation of the losses with integrated gradients" in words(app)
    app.selectbox(key="class").select("moves right").run()
    both = "'moves right' against 'moves left'"
    assert titles(whole(app))[0] == f"Integrated gradients: {both} in {TANET}"
    app.selectbox(key="rival").select(ALL_OTHERS).run()
    assert titles(whole(app))[0] == f"Integrated gradients: 'moves right' in {TANET}"
    lost = spec(app, 1)
    app.button_group(key="filling").set_value("neighbour").run()
    assert spec(whole(app), 1) != lost
    assert any("replaced by the frame before it" in caption.value for caption in app.caption)


def test_the_true_class_is_an_option_only_where_it_is_known(tmp_path: Path) -> None:
    app = whole(open_app(PAGE, networks=TANET))
    assert app.selectbox(key="class").value == attribution_controls.TRUE
    with pytest.MonkeyPatch.context() as patch:
        shutil.copy(GALLERY / "recedes_1.mp4", tmp_path / "unknown.mp4")
        patch.setenv("TAM_VIZ_CLIPS", str(tmp_path))
        cache.gallery.clear()
        app = whole(
            open_app(
                PAGE,
                networks=TANET,
                clip=f"{tmp_path.name}/unknown.mp4",
                **{"class": attribution_controls.TRUE},
            )
        )
        assert attribution_controls.TRUE not in app.selectbox(key="class").options
        assert app.selectbox(key="class").value == attribution_controls.PREDICTED
        source = cache.gallery()[0][f"{tmp_path.name}/unknown.mp4"]
        clip = cache.clip(source, cache.cards()[0][TANET].input, 0)
        said = run(load(TANET, "cpu"), clip).prediction
        (first, _), (second, _) = said.top(2)
        assert f"Grad-CAM: '{first}' against '" in titles(app)[0]
        rival = RIVALS.get(first, second)
        places = [said.classes.index(name) for name in (first, rival)]
        ratio = signed(float(between(said.logits, *places)))
        assert f"'{first}' against '{rival}' ({ratio})" in words(app)
        assert "true class" not in " ".join([*titles(app), words(app)])
    cache.gallery.clear()


def test_every_figure_of_the_page_speaks_of_one_pair_of_classes() -> None:
    """Also where the class is the network's own: then each figure names its own."""
    app = whole(open_app(PAGE, **{"class": "turns clockwise"}))
    assert [title.count("'turns clockwise' against 'moves left'") for title in titles(app)] == [
        *(1, 1, 0)
    ]
    assert set(table(app, "deletion")["class"]) == {"turns clockwise"}
    assert set(table(app, "deletion")["against"]) == {"moves left"}
    assert any("log(p / q)" in caption.value for caption in app.caption)


def test_two_checkpoints_of_one_architecture_stand_side_by_side() -> None:
    app = open_app(PAGE, networks=TANET)
    box = app.selectbox(key="checkpoint")
    assert box.options[0] == "none"
    seeds = {folder.name for folder in (cards.OWN / "seeds").glob(f"{TANET}-seed*")}
    assert f"{TANET}-seed1" in seeds
    assert seeds <= set(box.options)
    assert charts(whole(app)) == 2
    box.select(f"{TANET}-seed1").run()
    assert titles(whole(app))[2:] == [
        "Two checkpoints, one clip: Grad-CAM for 'moves left' against 'moves right'",
        "Two checkpoints: which frames each needs",
    ]
    low, high = limits(app, 2)
    assert low == high  # one scale
    both = table(app, "checkpoints-frames")
    alone = table(app, "deletion")["lost without it"].to_numpy()
    assert both[f"{TANET}: lost without it"].to_numpy() == pytest.approx(alone)
    assert (both[f"{TANET}-seed1: lost without it"].to_numpy() != alone).any()
    assert "Rank correlation of the two losses" in words(app)


def test_each_network_may_answer_for_its_own_best_class() -> None:
    app = whole(open_app(PAGE, **{"class": attribution_controls.OWN}))
    assert titles(app)[:2] == [
        f"Grad-CAM: '{cache.run(name, shown).prediction.top(1)[0][0]}' in {name}"
        for name in (TANET, TSN)
        for shown in [cache.clip(cache.gallery()[0]["moves_left_1.mp4"], load(name).card.input, 0)]
    ]


def test_networks_are_chosen_and_none_is_no_error() -> None:
    app = open_app(PAGE)
    app.multiselect(key="networks").set_value([]).run()
    assert charts(whole(app)) == 0
    assert [info.value for info in app.info] == [
        "Choose a network above to see what its prediction depends on."
    ]
    app.multiselect(key="networks").set_value(["tsm-motionpairs"]).run()
    assert titles(whole(app)) == [
        "Grad-CAM: 'moves left' against 'moves right' in tsm-motionpairs",
        "Deletion test: which frames the prediction needs",
    ]
    assert not app.info


def test_one_scale_for_all_and_no_untrained_network() -> None:
    app = whole(open_app(PAGE))
    own = limits(app, 0) + limits(app, 1)
    assert len(set(own)) == 4
    app.toggle(key="shared").set_value(True).run()
    assert limits(whole(app), 0) + limits(app, 1) == [max(own)] * 4
    app.toggle(key="untrained").set_value(False).run()
    assert [len(limits(whole(app), number)) for number in (0, 1)] == [1, 1]


def test_a_frame_is_picked(monkeypatch: pytest.MonkeyPatch) -> None:
    app = whole(open_app(PAGE, networks=TANET))
    before = [image["source"] for image in spec(app, 0)["layout"]["images"]]
    app.sidebar.number_input(key="frame").set_value(7).run()
    after = [image["source"] for image in spec(whole(app), 0)["layout"]["images"]]
    other = [i % 8 for i, pair in enumerate(zip(before, after, strict=True)) if len(set(pair)) > 1]
    assert other == [3, 6, 3, 6]  # the border went from the fourth to the seventh
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(attribution_controls, "clicked", lambda _key: None)
    attribution_controls.choose_frame("maps")
    assert state == {}
    monkeypatch.setattr(attribution_controls, "clicked", lambda _key: 0)
    attribution_controls.choose_frame("maps")
    assert state == {"frame": 1}


def test_a_network_that_cannot_be_explained_is_told_and_the_others_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    explained = attribution._explained

    def broken(card: Card, *given: Any, **more: Any) -> Any:
        if card.id == TSN:
            raise UserError("it has no weights")
        return explained(card, *given, **more)

    monkeypatch.setattr(attribution, "_explained", broken)
    app = open_app(PAGE)
    assert not app.exception
    assert [error.value for error in app.error] == ["it has no weights"]
    assert charts(app) == 2


def test_a_network_that_does_not_know_the_class_is_left_out(published: str) -> None:
    app = open_app(PAGE)
    app.multiselect(key="networks").set_value([TANET, published]).run()
    said = f"{published} has no class 'moves left', so it is left out."
    assert [info.value for info in whole(app).info] == [said]
    assert charts(app) == 2
    app.multiselect(key="networks").set_value([published]).run()
    assert [info.value for info in whole(app).info] == [said]
    assert charts(app) == 0
    app.selectbox(key="class").select(cache.cards()[0][published].classes[3]).run()
    assert charts(whole(app)) == 2
    assert not app.info


def turned(app: AppTest, page: str) -> AppTest:
    """Another page by a link of the menu, which names no classes."""
    app.query_params.clear()
    return app.switch_page(page).run()


def test_the_contrast_is_the_same_on_intervene() -> None:
    app = open_app(PAGE)
    app.selectbox(key="class").select("hides").run()
    app.selectbox(key="rival").select("recedes").run()
    app = whole(turned(app, "pages/5_Intervene.py"))
    assert app.selectbox(key="spoken").value == "hides"
    assert app.selectbox(key="against").value == "recedes"
    assert next(m.label for m in app.metric) == "Probability of 'hides'"
    app.selectbox(key="against").select(ALL_OTHERS).run()
    app = whole(turned(app, PAGE))
    assert app.selectbox(key="class").value == "hides"
    assert app.selectbox(key="rival").value == ALL_OTHERS
    app.selectbox(key="class").select("*true").run()
    app.selectbox(key="rival").select("*auto").run()
    app = whole(turned(app, "pages/5_Intervene.py"))
    assert [app.selectbox(key=key).value for key in ("spoken", "against")] == ["*auto"] * 2


def test_classes_that_are_chosen_are_no_edit() -> None:
    app = open_app(PAGE)
    app.selectbox(key="class").select("hides").run()
    turned(app, "pages/5_Intervene.py")
    app = whole(turned(app, "pages/8_Export.py"))
    assert any("Nothing was changed" in caption.value for caption in app.caption)


def test_an_address_with_classes_goes_before_what_was_chosen() -> None:
    app = open_app(PAGE, **{"class": "hides", "against": "recedes"})
    titles_there = titles(whole(app))
    assert "'hides' against 'recedes'" in titles_there[0]
