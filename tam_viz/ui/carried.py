"""The shared selection from page to page, and in the address.

Streamlit forgets what a picker holds when its page is left, and its own way of binding pickers to
the address drops what an address chose as soon as another page is opened. So the selection is
kept here, put back when the page has changed, and written into the address.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from tam_viz.types import Source
from tam_viz.ui import sources

_TEXTS = ("model", "protocol", "block")
_NUMBERS = ("view", "channel", "frame")
_CLIPS = ("clip", "second")
_KEPT, _PAGE = "kept selection", "page"


def take_up(page: str, clips: Mapping[str, Source]) -> None:
    """On another page than before, selects what its address names and else what was selected.

    Ahead of all pickers, whose values it sets.

    Args:
        page: The page that is shown.
        clips: All that can be picked, by key.
    """
    before = st.session_state.get(_PAGE)
    st.session_state[_PAGE] = page
    if before == page:
        return
    st.session_state.update(st.session_state.get(_KEPT, {}))
    for name in (*_TEXTS, *_NUMBERS, *_CLIPS):
        text = st.query_params.get(name)
        meant = None if text is None else _meant(name, text, clips)
        if meant is not None:
            st.session_state[name] = meant
        elif text is not None and name == "clip":
            st.warning(
                "The clip that this address names is not here, so another one is shown. Uploads "
                "and findings stay with the visit in which they were opened; open them anew."
            )


def keep(clips: Mapping[str, Source]) -> dict[str, str]:
    """Remembers what is selected and writes it into the address; once all pickers are drawn.

    Returns:
        Parameters of a link that selects the same.
    """
    chosen = {
        name: st.session_state[name]
        for name in (*_TEXTS, *_NUMBERS, *_CLIPS)
        if name in st.session_state
    }
    st.session_state[_KEPT] = chosen
    link = {
        name: sources.called(value, clips) if name in _CLIPS else str(value)
        for name, value in chosen.items()
        if value is not None
    }
    for name in (*_TEXTS, *_NUMBERS, *_CLIPS):
        if st.query_params.get(name) == link.get(name):
            continue
        if name in link:
            st.query_params[name] = link[name]
        else:
            del st.query_params[name]
    return link


def _meant(name: str, text: str, clips: Mapping[str, Source]) -> str | int | None:
    """The value of a picker that an address names; None where it means nothing."""
    if name in _CLIPS:
        return sources.key_of(text, clips, second=name == "second")
    if name in _NUMBERS:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
    return text
