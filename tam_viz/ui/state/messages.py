"""Messages that are shown once, however often the page draws itself anew meanwhile."""

from __future__ import annotations

import streamlit as st

_ANEW, _LAST = "draws itself anew", "last message: "


def once(name: str, text: str | None) -> str | None:
    """A message to show now: a new one, or the last one where the page drew itself anew since.

    Args:
        name: Tells it from other messages.
        text: The new message; None where there is none.
    """
    state = st.session_state
    if text is None and state.get(_ANEW):
        text = state.get(_LAST + name)
    state[_LAST + name] = text
    return text


def seen() -> None:
    """Ends what `draw_anew` began; once all messages are shown."""
    st.session_state.pop(_ANEW, None)


def draw_anew() -> None:
    """Runs the page again without a wish of the visitor; its messages stay."""
    st.session_state[_ANEW] = True
    st.rerun()
