"""A panel as files: its picture as PNG, SVG and HTML, its numbers as CSV.

PNG and SVG are drawn by a headless Chrome through kaleido. Neither ever needs the network: the
page that it draws on has plotly.js of the installed package and nothing else, and whatever
Chrome itself asks for goes to an address where nobody answers.
"""

from __future__ import annotations

import asyncio
import functools
import re
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, Literal, TypeVar

import plotly
import plotly.graph_objects as go

from tam_viz.panels.panel import Panel
from tam_viz.types import UserError

Format = Literal["png", "svg"]
Draw = Callable[[Panel, Format], bytes]
T = TypeVar("T")

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
"""The drawing library that comes with plotly."""

NO_CHROME = (
    "PNG and SVG need Chrome or Chromium, and this machine has neither; install one, save the "
    "HTML, or use the camera above the picture."
)

_WIDTH_PX = 1200
_NOBODY = "http://127.0.0.1:9"
_LOCK = threading.Lock()
_PLOTLY = {"displaylogo": False, "responsive": True}


def file_name(panel: Panel, ending: str) -> str:
    """A plain file name made of the title."""
    plain = re.sub(r"[^a-z0-9]+", "-", panel.title.lower()).strip("-")
    return f"{plain[:80].strip('-') or 'panel'}.{ending}"


def csv(panel: Panel) -> bytes:
    """The numbers with all their digits."""
    return panel.table.to_csv().encode()


@functools.cache
def chrome() -> bool:
    """Whether this machine has a Chrome or Chromium to draw PNG and SVG."""
    from choreographer.browsers.chromium import Chromium

    return Chromium.find_browser(skip_local=False) is not None


def picture(panel: Panel, kind: Format) -> bytes:
    """The picture on white, 1200 pixels wide (twice as fine for PNG).

    Raises:
        UserError: This machine has no Chrome or Chromium, or it fails.
    """
    with drawing() as draw:
        return draw(panel, kind)


@contextmanager
def drawing() -> Iterator[Draw]:
    """One headless Chrome for many pictures; it starts in about two seconds.

    It runs in a thread of its own, so that it may be used where another event loop runs.

    Raises:
        UserError: This machine has no Chrome or Chromium, or it fails.
    """
    if not chrome():
        raise UserError(NO_CHROME)
    with _LOCK, ThreadPoolExecutor(1) as thread, _user_errors():

        def wait(step: Coroutine[Any, Any, T]) -> T:
            return thread.submit(runner.run, step).result()

        runner = asyncio.Runner()
        try:
            browser = wait(_started())
            try:
                yield lambda panel, kind: wait(_drawn(browser, panel, kind))
            finally:
                wait(browser.close())
        finally:
            thread.submit(runner.close).result()


@contextmanager
def _user_errors() -> Iterator[None]:
    """A Chrome that fails gets a sentence."""
    from choreographer import errors

    failures = (errors.BrowserFailedError, errors.BrowserClosedError, errors.BrowserDepsError)
    try:
        yield
    except (*failures, errors.ChromeNotFoundError, TimeoutError) as error:
        raise UserError(
            f"Chrome did not draw the picture ({type(error).__name__}); try again, save the HTML, "
            f"or use the camera above the picture."
        ) from error


async def _started() -> Any:  # noqa: ANN401  # kaleido has no types
    import kaleido

    browser = kaleido.Kaleido(plotlyjs=PLOTLY_JS, mathjax=False, proxy_server=_NOBODY)
    await browser.open()
    return browser


async def _drawn(browser: Any, panel: Panel, kind: Format) -> bytes:  # noqa: ANN401  # the same
    options = {
        "format": kind,
        "width": _WIDTH_PX,
        "height": panel.figure.layout.height,
        "scale": 2 if kind == "png" else 1,
    }
    return await browser.calc_fig(on_white(panel.figure), opts=options)


def html(panel: Panel, *, alone: bool = True) -> bytes:
    """The picture with its words as a page.

    Args:
        panel: What to show.
        alone: Whether the page holds the drawing library, and so needs nothing else; if not,
            `plotly.min.js` must lie beside it.
    """
    drawn = html_part(panel.figure, library=True if alone else "directory")
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<title>{escape(panel.title)}</title></head>"
        "<body style='font:16px/1.5 system-ui,sans-serif;background:#fff;color:#222'>"
        f"<h1>{escape(panel.title)}</h1><p>{escape(panel.see)}</p>{drawn}"
        f"<p>{escape(panel.says)}</p></body></html>"
    ).encode()


def html_part(figure: go.Figure, *, library: bool | Literal["directory"]) -> str:
    """The picture as a part of a page.

    Args:
        figure: What to draw.
        library: Whether the part holds the drawing library; `"directory"`: it lies beside the page.
    """
    part: str = plotly.io.to_html(
        on_white(figure), full_html=False, include_plotlyjs=library, config=_PLOTLY, validate=False
    )
    return part


def on_white(figure: go.Figure) -> dict[str, Any]:
    """A copy for paper: the figures of the pages take the colours of the page.

    It is not a `Figure`, which would validate every number of a figure that is valid.
    """
    drawn: dict[str, Any] = figure.to_dict()
    white = plotly.io.templates["plotly_white"].to_plotly_json()
    return {**drawn, "layout": {**drawn["layout"], "template": white, "paper_bgcolor": "white"}}
