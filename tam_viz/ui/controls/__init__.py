"""Two things to draw with, a kernel on its triangle and one number for each frame, and helpers.

Beside them stand the block with "you are here", and what scrolls the page. All are made of the
HTML, CSS and JavaScript files of this folder. They move by pointer and by keyboard, and take their
colours from the theme of the page. What the reader drew is kept by the caller and given back on
every run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Float

from tam_viz.plots.shared import theme

_FOLDER = Path(__file__).parent
Drawn = tuple[float, ...]


def _text(name: str, kind: str) -> str:
    return (_FOLDER / f"{name}.{kind}").read_text(encoding="utf-8")


def _component(name: str) -> Callable[..., Any]:
    return st.components.v2.component(
        f"tam_viz.{name}",
        html=_text(name, "html"),
        css=_text("shared", "css") + _text(name, "css"),
        js=_text("shared", "js") + _text(name, "js"),
    )


_triangle, _bars = _component("triangle"), _component("bars")
_block = st.components.v2.component(
    "tam_viz.block", html=_text("block", "html"), css=_text("block", "css"), js=_text("block", "js")
)
_top = st.components.v2.component(
    "tam_viz.top", css=_text("top", "css"), js=_text("top", "js"), isolate_styles=False
)


def to_top(key: str, step: str) -> None:
    """Scrolls the page to its top whenever `step` has changed."""
    _top(key=key, data={"step": step}, height=1)


BLOCK = (
    "A bottleneck block with TAM. Its input goes through a 1×1 convolution, batch norm and ReLU "
    "and becomes x. TAM averages x over space; the local branch L makes V, by which x is "
    "multiplied, and the global branch G makes the kernel Θ, which mixes neighbouring frames "
    "into y. Then come a 3×3 convolution and a 1×1 convolution. A shortcut carries the block’s "
    "input past all of this and is added at the end."
)
"""The picture of the block in words."""


def show_block(key: str, parts: Sequence[str], here: str) -> None:
    """The block as a picture, with the place in it that is spoken of.

    Args:
        key: Unique name on the page.
        parts: Names of the parts to mark, as in `block.html`.
        here: What they are called.
    """
    text = f"{BLOCK} You are here: {here}."
    _block(key=key, data={"parts": list(parts), "here": f"{here}.", "text": text})


def drag_kernel(
    key: str,
    value: Drawn | None,
    own: Float[np.ndarray, " k"],
    untrained: Float[np.ndarray, " k"] | None,
    on_drawn: Callable[[Drawn | None], None],
) -> None:
    """The triangle of kernels: past and future at the foot, present at the top.

    Args:
        key: Unique name on the page.
        value: Shares of past, present and future that the reader chose; None for the network's.
        own: The network's, a second mark.
        untrained: Those of an untrained network, a third, where they are known.
        on_drawn: Called with what the reader draws; None goes back to the network's.
    """
    colours = {**theme.TIME_DIRECTION, "yours": theme.EDITED, "own": theme.IMPORTANCE}
    _triangle(
        key=key,
        data={
            "value": None if value is None else list(value),
            "own": own.tolist(),
            "untrained": None if untrained is None else untrained.tolist(),
            "label": "Kernel of past, present and future",
            "colours": {**colours, "untrained": theme.UNTRAINED},
        },
        on_value_change=lambda: _hear(key, 3, 1.0, on_drawn),
    )


def draw_frames(
    key: str,
    value: Drawn | None,
    own: Float[np.ndarray, " t"],
    on_drawn: Callable[[Drawn | None], None],
    *,
    name: str,
    top: float = 1.0,
) -> None:
    """One bar for each frame, from 0 to `top`.

    Args:
        key: Unique name on the page.
        value: What the reader drew; None for the network's.
        own: The network's, marked on the bars.
        on_drawn: Called with what the reader draws; None goes back to the network's.
        name: What the numbers are.
        top: Upper end of the scale.
    """
    _bars(
        key=key,
        data={
            "value": None if value is None else list(value),
            "own": own.tolist(),
            "top": top,
            "label": name,
            "own_name": f"the network’s {name}",
            "colours": {"yours": theme.EDITED, "own": theme.IMPORTANCE},
        },
        on_value_change=lambda: _hear(key, len(own), top, on_drawn),
    )


def _hear(key: str, count: int, top: float, on_drawn: Callable[[Drawn | None], None]) -> None:
    """Passes on what came from the browser; what is no drawing is left aside."""
    came = st.session_state[key].get("value")
    if not isinstance(came, dict):
        return
    drawn = came.get("drawn")
    if drawn is None:
        on_drawn(None)
    elif checked := as_drawn(drawn, count, top):
        on_drawn(checked)


def as_drawn(numbers: object, count: int, top: float = 1.0) -> Drawn | None:
    """Numbers as a drawing of `count` values in [0, `top`]; None if they are none."""
    if not isinstance(numbers, (list, tuple)) or len(numbers) != count:
        return None
    if not all(isinstance(n, (int, float)) and math.isfinite(n) for n in numbers):
        return None
    return tuple(min(max(float(n), 0.0), top) for n in numbers)
