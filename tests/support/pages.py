"""Pages opened without a browser, and what they show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

from tam_viz.ui import pages
from tam_viz.ui.state import cache

ROOT = Path(__file__).resolve().parents[2]
PAGES = {page.file: page.figures for page in pages.PAGES}
"""Every page with the number of its figures, as it opens."""

NO_NETWORK = [page.file for page in pages.PAGES if not page.network]
"""Pages that run none."""

SELECTED = ("clip", "second", "model", "protocol", "view", "block", "channel", "frame")
"""What an address may choose."""


def open_app(page: str = "app.py", **query: str) -> AppTest:
    """A page opened by its own link, on the first clip of the gallery where it names nothing."""
    if not set(query) & set(SELECTED):
        query = {"clip": "moves left · 1", **query}
    return open_bare(page, **query)


def open_bare(page: str = "app.py", **query: str) -> AppTest:
    """A page opened by its own link."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    if page != "app.py":
        app.switch_page(page)
    return app.run()


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def table(app: AppTest, key: str) -> pd.DataFrame:
    """The numbers of a figure, which are drawn when they are opened."""
    app.session_state[f"{key}-more"] = True
    found: pd.DataFrame = app.run().dataframe[0].value
    return found


def whole(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error
    return app


def titles(app: AppTest) -> list[str]:
    return [heading.value for heading in app.subheader]


def spec(app: AppTest, number: int) -> dict[str, Any]:
    """What a figure is made of, counted from 0."""
    figure: dict[str, Any] = json.loads(app.get("plotly_chart")[number].proto.spec)
    return figure


def words(app: AppTest) -> str:
    return " ".join(markdown.value for markdown in app.markdown)


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def kept(kind: str) -> list[Any]:
    """What the server holds of a kind of long computations, the oldest first."""
    found = cache.computed().items()
    return [value for key, value in found if isinstance(key, tuple) and key[0] == kind]


def forget_folders() -> None:
    """Lets pages look again which checkpoints and clips there are; what was computed is kept."""
    cache.cards.clear()
    cache.gallery.clear()
