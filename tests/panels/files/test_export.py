"""Panels as files: pictures, numbers, pages that need nothing else, and all of them together."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tam_viz.panels.files import export
from tam_viz.panels.files.bundle import Bundle, bundle
from tam_viz.panels.panel import Panel
from tam_viz.plots.shared import theme
from tam_viz.types import UserError, result_of

NUMBERS = pd.DataFrame({"value": [1 / 3, 2e-17]}, index=pd.Index(["a, b", "c"], name="row"))
needs_chrome = pytest.mark.skipif(not export.chrome(), reason="no Chrome or Chromium here")


def panel(title: str = "V, Θ & <b>x</b>: a/b") -> Panel:
    data = [{"type": "scatter", "x": [1, 2], "y": [3.0, 4.0]}]
    return Panel(title, "See <i>this</i>.", theme.built(data, {}, 300), "It is 1 & 2.", NUMBERS)


def last(title: str, panels: list[Panel], *, drawn: bool) -> Bundle:
    steps = list(bundle(title, ["a notice"], panels, drawn=drawn))
    counts = [(step.done, step.total) for step in steps]
    assert counts == [(i + 1, len(panels)) for i in range(len(panels))]
    assert [step.result is None for step in steps] == [True] * (len(panels) - 1) + [False]
    return result_of(steps)


def test_files_have_plain_names() -> None:
    assert export.file_name(panel(), "csv") == "v-b-x-b-a-b.csv"
    assert export.file_name(panel("…"), "png") == "panel.png"
    assert export.file_name(panel("../../etc"), "svg") == "etc.svg"
    assert len(export.file_name(panel("x" * 500), "html")) == 85


def test_numbers_keep_all_their_digits() -> None:
    back = pd.read_csv(io.BytesIO(export.csv(panel())), index_col=0)
    pd.testing.assert_frame_equal(back, NUMBERS, check_exact=True)


def test_a_page_stands_alone_and_escapes() -> None:
    page = export.html(panel()).decode()
    assert "<h1>V, Θ &amp; &lt;b&gt;x&lt;/b&gt;: a/b</h1>" in page
    assert "See &lt;i&gt;this&lt;/i&gt;." in page
    assert "<script src" not in page
    assert len(page) > 1_000_000  # the drawing library
    beside = export.html(panel(), alone=False).decode()
    assert len(beside) < 50_000
    assert 'src="plotly.min.js"' in beside


def test_a_picture_on_paper_leaves_that_of_the_page_alone() -> None:
    figure = panel().figure
    assert export.on_white(figure)["layout"]["paper_bgcolor"] == "white"
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_many_panels_without_chrome() -> None:
    found = last("x", [panel(), panel("second")], drawn=False)
    assert found.notes == ()
    assert sorted(found.files) == [
        "pictures/01-v-b-x-b-a-b.html",
        "pictures/02-second.html",
        "pictures/plotly.min.js",
        "report.html",
        "tables/01-v-b-x-b-a-b.csv",
        "tables/02-second.csv",
    ]
    assert found.files["report.html"].count(b"<h2>") == 2


def test_a_machine_without_chrome_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "chrome", lambda: False)
    with pytest.raises(UserError, match="neither"):
        export.picture(panel(), "png")
    found = last("x", [panel()], drawn=True)
    assert found.notes == (export.NO_CHROME,)
    assert not any(name.endswith((".png", ".svg")) for name in found.files)


@needs_chrome
def test_pictures_are_drawn_by_one_chrome() -> None:
    found = last("x", [panel(), panel("second")], drawn=True)
    assert found.notes == ()
    for name in ("01-v-b-x-b-a-b", "02-second"):
        image = Image.open(io.BytesIO(found.files[f"pictures/{name}.png"])).convert("RGB")
        assert image.size == (2400, 600)
        pixels = np.asarray(image)
        assert (pixels[0, 0] == 255).all()
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 10
        assert found.files[f"pictures/{name}.svg"].startswith(b"<svg")
