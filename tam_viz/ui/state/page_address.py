"""The shared selection from page to page, and in the address.

Streamlit forgets what a picker holds when its page is left, and its own way of binding pickers to
the address drops what an address chose as soon as another page is opened. So the selection is
kept here, put back when the page has changed, and written into the address. An address is written
only where it would not lead to what is selected: each writing is a step of the browser's history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import streamlit as st

from tam_viz.types import Source
from tam_viz.ui.pickers import AUTO, PUBLISHED, whole
from tam_viz.ui.state import clip_picker
from tam_viz.ui.state.history import revisited
from tam_viz.ui.state.old_labels import key_of, renamed

_CALLED = {
    "clip": "clip",
    "second": "second clip",
    "model": "model",
    "protocol": "protocol",
    "view": "view",
    "block": "block",
    "channel": "channel",
    "frame": "frame",
}
"""The pickers of the shared selection, and what they are called."""
_CLIPS = ("clip", "second")
_NUMBERS = ("view", "channel", "frame")
_KEPT, _FIRST, _PAGE = "kept selection", "first selection", "page"
_MEANT = "meant by the address"

Arrival = Literal["link", "history"]
"""How a page came to be shown: by a link or an address, or by the browser's own buttons."""


class Link(NamedTuple):
    """A link to what is selected.

    Attributes:
        query: Parameters of the address.
        notice: What the address named in vain, as a sentence; None where it named nothing so.
    """

    query: dict[str, str]
    notice: str | None


def take_up(
    page: str, clips: Mapping[str, Source], first: Mapping[str, str | int]
) -> Arrival | None:
    """On another page than before, selects what its address names and else what was selected.

    Ahead of all pickers, whose values it sets. A step back or forward through the browser's
    history counts as another page: its address names everything, or nothing where the visit began.

    Args:
        page: The page that is shown.
        clips: All that can be picked, by key.
        first: What to select where a visit begins with an address that selects nothing.

    Returns:
        How the page came to be shown; None where it was shown before and stays.
    """
    state = st.session_state
    again = revisited()
    arrived = again or state.get(_PAGE) != page
    state[_PAGE] = page
    if not arrived:
        return None
    begins = _FIRST not in state and not any(name in st.query_params for name in _CALLED)
    state.update(first if begins else state.get(_FIRST if again else _KEPT, {}))
    for name in _CALLED:
        text = st.query_params.get(name)
        if text is not None:
            known, value = _meant(name, text, clips)
            if known:
                state[name] = value
    return "history" if again else "link"


def keep(clips: Mapping[str, Source], arrival: Arrival | None) -> Link:
    """Remembers what is selected and writes it into the address; once all pickers are drawn.

    Args:
        clips: All that can be picked, by key.
        arrival: What `take_up` returned.
    """
    state = st.session_state
    chosen = {name: state[name] for name in _CALLED if name in state}
    query = {
        name: clip_picker.address_of(value, clips) if name in _CLIPS else str(value)
        for name, value in chosen.items()
        if value is not None
    }
    if "channel" in chosen:
        query.setdefault("channel", AUTO)
    asked = {
        name: query.get(name, text)
        if _meant(name, text, clips) == (True, chosen.get(name))
        else text
        for name, text in _asked().items()
    }
    vain = [name for name, text in asked.items() if query.get(name) != text]
    if _FIRST not in state or arrival == "history":
        state[_MEANT] = None if vain else query
    elif arrival:
        state[_MEANT] = asked
    state.setdefault(_FIRST, chosen)
    state[_KEPT] = chosen
    if query != state[_MEANT]:
        _write(query, asked)
        state[_MEANT] = query
    return Link(query, _notice(vain, query) if arrival and vain else None)


def _asked() -> dict[str, str]:
    """The part of the shared selection that the address names."""
    return {name: st.query_params[name] for name in _CALLED if name in st.query_params}


def _write(query: dict[str, str], asked: Mapping[str, str]) -> None:
    for name in asked:
        if name not in query:
            del st.query_params[name]
    st.query_params.update(query)


def _notice(vain: list[str], query: Mapping[str, str]) -> str:
    named = " and ".join(f"the {_CALLED[name]}" for name in vain)
    shown = ", ".join(f"{_CALLED[name]} {query.get(name, 'none')}" for name in vain)
    notice = (
        f"This link refers to something that is not available ({named}). Shown instead: {shown}."
    )
    if not set(vain) & set(_CLIPS):
        return notice
    return (
        f"{notice} Uploads and findings stay with the visit in which they were opened; open them "
        "again."
    )


def _meant(name: str, text: str, clips: Mapping[str, Source]) -> tuple[bool, str | int | None]:
    """Whether an address names something, and the value of the picker that is meant."""
    if name in _CLIPS:
        key = clip_picker.key_of(text, clips, second=name == "second")
        return key is not None, key
    if name == "channel" and key_of(name, text, (AUTO,)) == AUTO:
        return True, None
    if name in _NUMBERS:
        number = whole(text)
        return number is not None, number
    return True, _protocol(text) if name == "protocol" else text


def _protocol(text: str) -> str:
    """The key of a protocol; that of the published test once told the number of its views."""
    return PUBLISHED if text.startswith("the published test (") else renamed("protocol", text)
