"""A reader's drawings, kept from step to step and written in the address.

The address holds `theta=0.2,0.3,0.5`. A drawing of another length, made for a network with another
number of frames, waits until it fits again.
"""

from __future__ import annotations

import streamlit as st

from tam_viz.ui.controls import Drawn, as_drawn
from tam_viz.ui.state.history import revisited


def drawn(name: str, count: int, top: float = 1.0) -> Drawn | None:
    """The drawing of a name, `count` numbers in [0, `top`]; None if there is none."""
    if _key(name) not in st.session_state or revisited():
        st.session_state[_key(name)] = _parsed(st.query_params.get(name, ""))
    kept = st.session_state[_key(name)]
    _write(name, kept)
    return None if kept is None else as_drawn(kept, count, top)


def keep(name: str, value: Drawn | None) -> None:
    """Keeps a drawing; None lets it go."""
    st.session_state[_key(name)] = value


def _key(name: str) -> str:
    return f"drawn-{name}"


def _parsed(text: str) -> Drawn | None:
    """Numbers with commas between them; None if they are none."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    return as_drawn(numbers, len(numbers), float("inf"))


def _write(name: str, value: Drawn | None) -> None:
    text = None if value is None else ",".join(f"{number:.3g}" for number in value)
    if text == st.query_params.get(name):
        return
    if text is None:
        del st.query_params[name]
    else:
        st.query_params[name] = text
