"""Names at an axis, and the marks that tell lines apart where colour alone must not."""

from __future__ import annotations

import textwrap

from tam_viz.literal import in_plot

SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x", "star", "pentagon")
MANY_BLOCKS = 10
"""The names of more blocks than these stand steeply below their axis."""


def wrapped(text: str, letters: int) -> str:
    """Text in lines of about so many letters."""
    return "<br>".join(in_plot(line) for line in textwrap.wrap(text, letters)) or in_plot(text)
