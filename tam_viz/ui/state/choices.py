"""Pickers whose options have a name in the address that stays when their label is reworded.

Streamlit's own binding writes the label of an option into the address, so that a better label
breaks every link that was copied before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from tam_viz.ui.state.history import revisited


def pick(
    widget: Callable[..., str | None],
    label: str,
    options: Mapping[str, str],
    key: str,
    **more: Any,  # noqa: ANN401  # as the widget takes it
) -> str:
    """Asks for one of several options, the first to begin with; the address holds any other one.

    Args:
        widget: `st.segmented_control` or `st.selectbox`.
        label: What is asked.
        options: What each is called on the page, by its name in the address.
        key: Of the picker, and in the address.
        more: Further arguments of the widget.
    """
    state, first = st.session_state, next(iter(options))
    if key not in state or revisited():
        asked = st.query_params.get(key)
        state[key] = asked if asked in options else first
    if state[key] not in options:
        state[key] = first
    chosen = widget(label, list(options), format_func=lambda one: options[one], key=key, **more)
    found = first if chosen is None else chosen
    _write(key, None if found == first else found)
    return found


def _write(key: str, value: str | None) -> None:
    if st.query_params.get(key) == value:
        return
    if value is None:
        del st.query_params[key]
    else:
        st.query_params[key] = value
