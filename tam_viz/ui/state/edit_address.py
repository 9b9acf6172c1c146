"""Controls of one page that stand in the address together, so that a change is one step back.

Streamlit's own binding writes each of them alone: on the way back to a page every control would
add a step to the browser's history, with edits that nobody made in between.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from tam_viz.ui.state.history import revisited
from tam_viz.ui.state.old_labels import renamed

KEYS = ("v", "theta", "x", "where", "which", "tempo", "edited", "channels", "spoken", "against")
"""Of the controls of the page of interventions, also in the address."""
SEVERAL, _CLASSES = "edited", ("spoken", "against")
_KEPT, _TOUCHED = "kept controls", "touched controls"

Values = Mapping[str, str | list[str]]


def take_up(first: Values, defaults: Values) -> None:
    """Sets the controls to what the address names; ahead of them, where the page is opened.

    Every one is set: a browser that went back would else keep what it shows of the others.

    Args:
        first: What a control is set to where the address does not name it.
        defaults: The same where the browser went back or forward to the address.
    """
    state = st.session_state
    if KEYS[0] in state and not revisited():
        return
    for key, default in (defaults if revisited() else first).items():
        asked = st.query_params.get_all(key)
        if asked and key != SEVERAL:
            state[key] = renamed(key, asked[-1])
        else:
            state[key] = asked or default


def keep(defaults: Values) -> None:
    """Writes into the address what is not as it was to begin with, in one step.

    Args:
        defaults: What the controls are set to where nobody chose; an empty text or list for none.
    """
    state, query = st.session_state, st.query_params
    chosen = {
        key: state[key]
        for key, default in defaults.items()
        if key in state and state[key] not in (default, None)
    }
    state[_KEPT] = {key: value for key, value in chosen.items() if key not in _CLASSES}
    state[_TOUCHED] = bool(state.get(_TOUCHED) or state[_KEPT])
    current = {key: [renamed(key, value) for value in query.get_all(key)] for key in query}
    wanted = {key: values for key, values in current.items() if key not in KEYS}
    for key, value in chosen.items():
        wanted[key] = [value] if isinstance(value, str) else list(value)
    if wanted != current:
        query.from_dict(wanted)


def kept() -> Values:
    """The last settings of the edits, for a link back to their page.

    The two classes are not among them: they may since have been chosen on another page.
    """
    return st.session_state.get(_KEPT, {})


def touch() -> None:
    """Counts the controls as set, whatever they are set to; for a callback."""
    st.session_state[_TOUCHED] = True


def touched() -> bool:
    """Whether this visitor has set one of the controls, by hand or by an address."""
    return bool(st.session_state.get(_TOUCHED))
