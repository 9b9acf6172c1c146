"""Findings made and opened on the page Export."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Toggle

from tests.support.pages import kept, open_app, whole

PAGE = "pages/8_Export.py"
VIEW = {"clip": "hides · 1", "second": "moves left · 1", "block": "layer3.0"}
PLACE = {"channel": "5", "frame": "3"}
TANET = "tanet-motionpairs"


def toggle(app: AppTest, says: str) -> Toggle:
    """The switch whose label begins so."""
    return next(toggle for toggle in app.toggle if toggle.label.startswith(says))


def made(app: AppTest) -> bytes:
    """The file that the page makes, without Chrome."""
    toggle(app, "Pictures as PNG and SVG").set_value(False).run()
    app.button(key="make").click().run()
    (save,) = whole(app).get("download_button")
    assert save.proto.label.startswith("Save finding-")
    data: bytes = kept("finding")[-1].data
    return data


def opened(data: bytes, app: AppTest | None = None) -> AppTest:
    """The page with a file opened on it."""
    app = open_app(PAGE) if app is None else app
    return app.file_uploader(key="finding").upload("f.zip", data).run()


def selected(app: AppTest) -> list[Any]:
    """What the sidebar has: clip, second clip, model, block, channel, frame."""
    boxes = [app.sidebar.selectbox(key=key).value for key in ("clip", "second", "model", "block")]
    return [*boxes, *(app.sidebar.number_input(key=key).value for key in PLACE)]
