"""A panel as files: its picture as PNG, SVG and HTML, its numbers as CSV."""

from __future__ import annotations

import re
import threading
from html import escape
from typing import Literal

import kaleido
import plotly.graph_objects as go
from choreographer.errors import ChromeNotFoundError

from tam_viz.panels.panel import Panel
from tam_viz.types import UserError

Format = Literal["png", "svg"]

_WIDTH_PX = 1200
_LOCK = threading.Lock()
_PLOTLY = {"displaylogo": False, "responsive": True}


def file_name(panel: Panel, ending: str) -> str:
    """A plain file name made of the title."""
    return f"{re.sub(r'[^a-z0-9]+', '-', panel.title.lower()).strip('-')}.{ending}"


def csv(panel: Panel) -> bytes:
    """The numbers with all their digits."""
    return panel.table.to_csv().encode()


def picture(panel: Panel, kind: Format) -> bytes:
    """The picture on white, 1200 pixels wide (twice as fine for PNG), drawn by a headless Chrome.

    Raises:
        UserError: This machine has no Chrome or Chromium.
    """
    options = {
        "format": kind,
        "width": _WIDTH_PX,
        "height": panel.figure.layout.height,
        "scale": 2 if kind == "png" else 1,
    }
    try:
        with _LOCK:  # one browser at a time
            drawn: bytes = kaleido.calc_fig_sync(
                on_white(panel.figure).to_dict(), opts=options, kopts={"mathjax": False}
            )
    except ChromeNotFoundError as error:
        raise UserError(
            "PNG and SVG are drawn by Chrome or Chromium, and this machine has neither; install "
            "one, save the HTML, or use the camera above the picture."
        ) from error
    return drawn


def html(panel: Panel) -> bytes:
    """The picture with its words as a page that needs nothing else."""
    drawn = on_white(panel.figure).to_html(full_html=False, include_plotlyjs=True, config=_PLOTLY)
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<title>{escape(panel.title)}</title></head>"
        "<body style='font:16px/1.5 system-ui,sans-serif;background:#fff;color:#222'>"
        f"<h1>{escape(panel.title)}</h1><p>{escape(panel.see)}</p>{drawn}"
        f"<p>{escape(panel.says)}</p></body></html>"
    ).encode()


def on_white(figure: go.Figure) -> go.Figure:
    """A copy for paper: the figures of the pages take the colours of the page."""
    return go.Figure(figure).update_layout(template="plotly_white", paper_bgcolor="white")
