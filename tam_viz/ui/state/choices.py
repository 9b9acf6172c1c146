"""Pickers whose options have a key in the address that stays when their label is reworded.

Streamlit's own binding writes the label of an option into the address, so that a better label
breaks every link that was copied before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from tam_viz.ui.state.history import revisited
from tam_viz.ui.state.old_labels import key_of


def pick(
    widget: Callable[..., str | None],
    label: str,
    options: Mapping[str, str],
    key: str,
    first: str | None = None,
    address: str | None = None,
    **more: Any,  # noqa: ANN401  # as the widget takes it
) -> str:
    """Asks for one of several options; the address holds any but the first choice.

    Args:
        widget: `st.segmented_control` or `st.selectbox`.
        label: What is asked.
        options: The label of each option by its key.
        key: Of the picker, and in the address.
        first: Key of the option to begin with; None for the first one.
        address: The key in the address where another page has a picker of that name.
        more: Further arguments of the widget.

    Returns:
        The key of the chosen option.
    """
    state, address = st.session_state, address or key
    first = next(iter(options)) if first is None else first
    if key not in state or revisited():
        state[key] = key_of(address, st.query_params.get(address), options) or first
    if state[key] not in options:
        state[key] = first
    chosen = widget(label, list(options), format_func=options.__getitem__, key=key, **more)
    chosen = first if chosen is None else chosen
    if (
        key_of(address, st.query_params.get(address), options) != chosen
    ):  # an old link stays as it is
        _write(address, None if chosen == first else chosen)
    return chosen


def _write(key: str, value: str | None) -> None:
    if st.query_params.get(key) == value:
        return
    if value is None:
        del st.query_params[key]
    else:
        st.query_params[key] = value
