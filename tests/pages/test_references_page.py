"""References fit the network that is shown, say over what they are, and never stand in the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tam_viz.experiments import kinds
from tam_viz.models import checkpoint
from tam_viz.models.engine import LoadedModel
from tam_viz.types import InputSpec
from tam_viz.ui.state import cache, references
from tam_viz.ui.state.deferred import Later
from tests.support.pages import PAGES, charts, forget_folders, open_app

SHOWN = ("app.py", "pages/2_Importance_maps.py", "pages/3_Adaptive_kernels.py")


@pytest.fixture
def foreign(
    tmp_path: Path, tiny_model: Callable[..., LoadedModel], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A TANet among the checkpoints that knows other things than MotionPairs."""
    loaded = tiny_model(spec=InputSpec(frames=4, resize=40, size=32))
    classes = tuple(f"class {i}" for i in range(16))
    card = dataclasses.replace(loaded.card, id="foreign", classes=classes, origin="a test")
    checkpoint.save(tmp_path / "foreign", card, loaded.net)
    monkeypatch.setenv("TAM_VIZ_CHECKPOINTS", str(tmp_path))
    forget_folders()
    yield "foreign"
    forget_folders()


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.caption, *app.warning, *app.info]
    figures = [chart.proto.spec for chart in app.get("plotly_chart")]
    return " ".join([*(one.value for one in shown), *figures]).replace("<br>", " ")


@pytest.mark.parametrize("page", SHOWN)
def test_no_motionpairs_clip_is_a_reference_for_another_network(
    page: str, foreign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(*_: object) -> None:
        raise AssertionError("a MotionPairs clip")

    monkeypatch.setattr(kinds, "draw_clip", drawn)
    app = open_app(page, model=foreign, clip="hides · 1", second="none")
    assert not app.exception
    assert "untrained" in words(app)
    assert "9 views of hides_1.mp4" in words(app)
    assert "MotionPairs clips" not in words(app)


@pytest.mark.parametrize("page", SHOWN)
def test_references_of_a_motionpairs_network_say_over_what(page: str) -> None:
    app = open_app(page, clip="hides · 1", second="none")
    assert not app.exception
    assert "32 MotionPairs clips" in words(app)
    if page != "app.py":
        assert "64 MotionPairs clips" in words(app)
    assert "test clips," not in words(app)


@pytest.mark.parametrize("page", SHOWN)
def test_the_clips_own_numbers_wait_for_no_reference(
    page: str, foreign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(references, "complete", lambda *_: asked.append(1))
    monkeypatch.setattr(references, "draw_anew", lambda: None)
    app = open_app(page, model=foreign, clip="recedes · 2", second="none")
    assert not app.exception
    assert charts(app) >= min(PAGES[page], 2)
    assert "untrained, batch norms" not in words(app)
    assert len(asked) == 1
    assert "views of recedes_2.mp4" not in words(app)


def test_start_speaks_in_the_paper_s_indices() -> None:
    app = open_app(clip="hides · 1")
    said = words(app)
    assert "yₜ = Σₖ Θₖ · Vₜ₊ₖ · xₜ₊ₖ" in said
    assert "k from −1 to 1" in said
    assert "Θ_{s−t} · V_s" in said.replace("\\", "")
    assert "t+k−1" not in said
    for label in ("input frame s", "output frame t"):
        assert label in said


def test_start_says_where_a_block_does_the_same_to_every_clip() -> None:
    same = words(open_app(clip="hides · 1", block="layer3.1"))
    other = words(open_app(clip="hides · 1", block="layer4.0"))
    sentence = "is nearly the same every time"
    assert sentence in same
    assert sentence not in other


@pytest.mark.parametrize("page", ["pages/6_Attribution.py", "pages/7_Compare_models.py"])
def test_the_untrained_network_says_what_it_is_fitted_to(page: str) -> None:
    app = open_app(page)
    told = [caption.value for caption in app.caption if "its batch norms" in caption.value]
    assert len(told) == 1
    assert "recalibrated on 32 MotionPairs clips" in told[0]


OWN = {
    "pages/4_How_TAM_works.py": 1,
    "pages/5_Intervene.py": 3,
    "pages/6_Attribution.py": 2,
    "pages/7_Compare_models.py": 3,
}
"""Pages with the number of figures that need no reference."""


@pytest.mark.parametrize("page", OWN)
def test_own_figures_are_drawn_before_a_reference_is_computed(
    page: str, foreign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Computed(BaseException):
        pass

    def compute(*_: object) -> None:
        raise Computed

    query = {"model": foreign, "clip": "recedes · 1", "second": "none", "gradients": "true"}
    query |= {"step": "3 Importance"}
    cache.computed().clear()
    with monkeypatch.context() as early:
        early.setattr(cache, "untrained", compute)
        early.setattr(cache, "clip_traces", compute)
        early.setattr(Later, "join", lambda _: None)
        if page == "pages/5_Intervene.py":
            early.setattr("tam_viz.ui.edits.sweeps.show_sweep", lambda *_: None)
        app = open_app(page, **query)
        assert not app.exception
        assert charts(app) >= OWN[page]
        assert "untrained" not in drawn_names(app)
        assert [m.value for m in app.metric if m.label.endswith("TAM off")] in ([], ["…"])
    app = open_app(page, **query)
    assert not app.exception
    if page == "pages/5_Intervene.py":
        assert "…" not in [m.value for m in app.metric]
        assert len(app.metric) == 4
    else:
        assert "untrained" in drawn_names(app)


def drawn_names(app: AppTest) -> str:
    """Titles and names inside the figures."""
    return " ".join(chart.proto.spec for chart in app.get("plotly_chart"))


def test_an_edit_that_needs_a_mean_waits_for_it_and_the_answer_as_it_is_does_not(
    foreign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = {"model": foreign, "clip": "recedes · 1", "second": "none"}
    query |= {"v": "given", "theta": "as_is"}
    cache.computed().clear()
    with monkeypatch.context() as early:
        early.setattr(Later, "join", lambda _: st.stop())
        app = open_app("pages/5_Intervene.py", **query)
        assert not app.exception
        assert charts(app) == 3
        assert app.metric[0].delta == "+0.00"
        assert "views of recedes_1.mp4" not in " ".join(one.value for one in app.markdown)
    app = open_app("pages/5_Intervene.py", **query)
    assert not app.exception
    assert "V = its mean over clips" in " ".join(one.value for one in app.markdown)
