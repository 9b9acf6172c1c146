"""Single-letter shortcuts, which can be switched off (WCAG 2.1.4); that holds for the visit."""

from __future__ import annotations

import streamlit as st

_OFF, _PICKED = "shortcuts are off", "shortcuts"


def shortcut(key: str) -> str | None:
    """A key for a button, or None while shortcuts are switched off."""
    return None if st.session_state.get(_OFF, False) else key


def pick_shortcuts(keys: str) -> None:
    """The switch, and what the keys of the page do.

    Args:
        keys: A sentence.
    """
    with st.popover("Keys"):
        st.toggle(
            "Keyboard shortcuts",
            value=not st.session_state.get(_OFF, False),
            key=_PICKED,
            on_change=_switch,
            help="If off, single letters and digits do nothing for the rest of this visit.",
        )
        st.markdown(keys)


def _switch() -> None:
    st.session_state[_OFF] = not st.session_state[_PICKED]
