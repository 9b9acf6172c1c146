"""The controls of the page of interventions, and what a click on its pictures chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import streamlit as st

from tam_viz.analysis.edits.edit_text import edit_text
from tam_viz.analysis.edits.edit_words import describe_lacking, questions
from tam_viz.analysis.edits.edits import EditForm, Where, Which, edits_of
from tam_viz.analysis.edits.sweep import AS_IT_IS, Sweep
from tam_viz.literal import sentence
from tam_viz.types import ALL_BLOCKS, OPERATIONS, Clip, TAMTrace, Target
from tam_viz.ui.edits import class_pickers
from tam_viz.ui.edits.last_change import (
    AS_IS,
    LAST,
    NEXT,
    TARGET_KEYS,
    WHERE,
    WHICH,
    Change,
    defaults_of,
    first_operation,
)
from tam_viz.ui.figure import clicked
from tam_viz.ui.state import chosen_classes, edit_address
from tam_viz.ui.state.selection import Selection
from tam_viz.video.tempo import TEMPI

_MEAN = "Another clip: the one under Compare with, in the sidebar. The mean is over {over}."
_HELP: dict[Target, str] = {
    "importance": _MEAN,
    "kernel": _MEAN,
    "input": "The features that enter TAM in a block. V and Θ of that block are then computed "
    "from them, unless they are edited as well.",
}
_LONGEST = 160


def ask(selection: Selection, trace: TAMTrace, donor: Clip | None) -> Change:
    """Draws the controls.

    Args:
        selection: What the visitor is looking at.
        trace: What its blocks decide as they are.
        donor: Clip whose V and Θ can be put in; None if there is none.

    Raises:
        UserError: What is asked for does not fit the network.
    """
    defaults = defaults_of(donor)
    edit_address.take_up({**defaults, **class_pickers.controls(chosen_classes.asked())}, defaults)
    network, controls = st.session_state.pop(NEXT, ("", {}))
    if network == selection.card.id:
        st.session_state.update(controls)
    with st.container(border=True):
        form, tempo = _form(selection, trace, donor)
        edits = edits_of(form, trace, donor)
        lacking = describe_lacking(form, edits, retimed=tempo is not None)
        if lacking is not None:
            st.info(sentence(lacking))
        text = edit_text(edits)
        if 0 < len(text) <= _LONGEST:
            st.caption(
                f"In the library: `tam_viz.parse_edits({text!r})`"
            )  # letter for letter, to copy
        for question in questions(edits):
            st.caption(question)
        contrast = class_pickers.ask_contrast(selection)
        st.button(
            "Reset",
            key="reset",
            on_click=_reset,
            help="No edits; the clip plays as it is.",
        )
    edit_address.keep(defaults)
    controls = {key: st.session_state[key] for key in defaults if key in st.session_state}
    change = Change(edits, tempo, contrast, lacking, controls)
    chosen = change if edit_address.touched() else Change((), None, contrast)
    st.session_state[LAST] = ((selection.card.id, selection.spec), chosen)
    return change


def _form(selection: Selection, trace: TAMTrace, donor: Clip | None) -> tuple[EditForm, str | None]:
    """The pickers: what replaces V, Θ and x, where, and how the clip is played."""
    over = selection.basis.says
    first, second, third = st.columns(3)
    with first:
        importance = _operation("importance", "Edit V", donor, over)
        where = cast("Where", _pick("where", "In which blocks", WHERE))
        chosen = _blocks(trace) if where == "chosen" else ()
    with second:
        kernel = _operation("kernel", "Edit Θ", donor, over)
        nowhere = where == "chosen" and not chosen
        which = _pick("which", "For which channels", WHICH, disabled=nowhere)
        listed = _channels() if which == "listed" else ""
    with third:
        features = _operation("input", "Edit x, the input of TAM", donor, over)
        ways = {AS_IS: AS_IT_IS, **{name: tempo.says for name, tempo in TEMPI.items()}}
        tempo = _pick("tempo", "Clip timing", ways)
    if donor is None:
        st.caption(
            "To use V, Θ or x of another clip, choose one under Compare with, in the sidebar."
        )
    channel = selection.channel_of(selection.clip())
    form = EditForm(
        importance,
        kernel,
        where,
        cast("Which", which),
        selection.block,
        channel,
        chosen,
        listed,
        features,
    )
    return form, None if tempo == AS_IS else tempo


def _reset() -> None:
    """Takes back every change; a callback."""
    for key in (*TARGET_KEYS.values(), "tempo"):
        st.session_state[key] = AS_IS
    st.session_state["where"], st.session_state["which"] = next(iter(WHERE)), next(iter(WHICH))
    st.session_state["edited"], st.session_state["channels"] = [], ""


def _operation(target: Target, says: str, donor: Clip | None, over: str) -> str | None:
    """An operation on V, Θ or x."""
    options = {AS_IS: AS_IT_IS}
    options |= {op: text for op, text in OPERATIONS[target].items() if donor or op != "donor"}
    if st.session_state.get(TARGET_KEYS[target]) not in options:
        first = first_operation(target, donor)  # it was of a clip that is no longer beside this one
        st.session_state[TARGET_KEYS[target]] = first
    op = _pick(TARGET_KEYS[target], says, options, more=_HELP[target].format(over=over))
    return None if op == AS_IS else op


def _pick(
    key: str,
    says: str,
    options: Mapping[str, str],
    *,
    disabled: bool = False,
    more: str | None = None,
) -> str:
    """The key of one of some options."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = next(iter(options))  # an address named no such option
    label = options.__getitem__
    return st.selectbox(
        says, list(options), format_func=label, key=key, disabled=disabled, help=more
    )


def _blocks(trace: TAMTrace) -> tuple[str, ...]:
    blocks = [name for name in st.session_state.get("edited", ()) if name in trace.names]
    st.session_state["edited"] = blocks  # without blocks of another network
    return tuple(st.multiselect("Blocks", trace.names, key="edited"))


def _channels() -> str:
    return st.text_input("Channels", key="channels", placeholder="such as 0, 3-7")


def choose_edit(sweep: Sweep, key: str) -> None:
    """Makes the edit whose cell was clicked."""
    cell = clicked(key)
    if cell is None:
        return
    block, edit = sweep.blocks[int(cell[0])], sweep.edits[int(cell[1])]
    for target, name in TARGET_KEYS.items():
        done = edit.target == target
        if not done and name not in st.session_state and target == "input":
            continue  # as it is already
        st.session_state[name] = edit.op if done else AS_IS
    everywhere = block == ALL_BLOCKS
    st.session_state["where"] = "all" if everywhere else "selected"
    st.session_state["which"] = next(iter(WHICH))
    if not everywhere:
        st.session_state["block"] = block


def choose_block(key: str) -> None:
    """Takes the block whose point was clicked."""
    name = clicked(key)
    if name is not None:
        st.session_state["block"] = name
