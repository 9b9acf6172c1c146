"""The two classes that a visitor asks for: the same on every page that speaks of a class."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.edits.contrasts import AUTOMATIC, Contrast

_ASKED = "asked classes"


def asked() -> Contrast:
    """The last choice, on whichever page."""
    return st.session_state.get(_ASKED, AUTOMATIC)


def keep(contrast: Contrast) -> None:
    """Remembers what is chosen now."""
    st.session_state[_ASKED] = contrast
