"""Panels as one HTML page that needs nothing else, not even a network."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tam_viz.panels.files.export import html_part
from tam_viz.panels.panel import Panel

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2rem auto;
       padding: 0 1rem; color: #222; background: #fff; }
h1, h2 { line-height: 1.2; }
.see { color: #555; }
.notice { background: #fff3cd; padding: .5rem 1rem; }
.note { white-space: pre-wrap; border-left: 4px solid #bbb; padding: .5rem 1rem; }
.numbers { overflow: auto; max-height: 24rem; }
table { border-collapse: collapse; font-size: 13px; }
figure { margin: 1rem 0; } figure img { max-width: 100%; }
figcaption { color: #555; }
td, th { padding: 2px 8px; text-align: right; }
"""


@dataclass(frozen=True)
class FrameStrip:
    """Frames of a clip, side by side.

    Attributes:
        png: The picture.
        name: What to call the clip.
        says: What networks say of it.
    """

    png: bytes
    name: str
    says: str


def html_report(
    title: str,
    notices: Sequence[str],
    panels: Sequence[Panel],
    note: str = "",
    strips: Sequence[FrameStrip] = (),
) -> str:
    """The page; texts are escaped, and the drawing library is part of it.

    Args:
        title: Heading.
        notices: Sentences above the panels.
        panels: What to show.
        note: Of its maker, shown letter for letter.
        strips: Clips, below everything else.
    """
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        *(f"<p class='notice'>{escape(notice)}</p>" for notice in notices),
        f"<pre class='note'>{escape(note)}</pre>" if note else "",
        *(_section(panel, first=number == 0) for number, panel in enumerate(panels)),
        *(["<h2>Clips</h2>", *map(_strip, strips)] if strips else []),
        "</body></html>",
    ]
    return "\n".join(parts)


def _strip(strip: FrameStrip) -> str:
    data = base64.b64encode(strip.png).decode()
    return (
        f"<figure><img src='data:image/png;base64,{data}' alt='Frames of {escape(strip.name)}'>"
        f"<figcaption>{escape(strip.name)}: {escape(strip.says)}</figcaption></figure>"
    )


def _section(panel: Panel, *, first: bool) -> str:
    picture = html_part(panel.figure, library=first)
    how = f"<p class='see'>{escape(panel.how)}</p>" if panel.how else ""
    return (
        f"<h2>{escape(panel.title)}</h2><p class='see'>{escape(panel.see)}</p>{how}{picture}"
        f"<p>{escape(panel.says)}</p><details><summary>The numbers</summary>"
        f"<div class='numbers'>{panel.table.round(4).to_html(border=0)}</div></details>"
    )
