"""The controls of the page of interventions, and what a click on its pictures chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import streamlit as st

from tam_viz.analysis.edits.contrasts import AUTOMATIC, Contrast
from tam_viz.analysis.edits.edit_words import describe_lacking, questions
from tam_viz.analysis.edits.edits import EditForm, Where, Which, edit_text, edits_of
from tam_viz.analysis.edits.sweep import AS_IT_IS, Sweep
from tam_viz.literal import sentence
from tam_viz.types import ALL_BLOCKS, OPERATIONS, Clip, Edit, InputSpec, TAMTrace, Target
from tam_viz.ui.edits import class_pickers
from tam_viz.ui.figure import clicked
from tam_viz.ui.state import chosen_classes, edit_address
from tam_viz.ui.state.selection import Selection
from tam_viz.video.tempo import TEMPI

_AS_IS = "as_is"
_WHERE: dict[str, str] = {
    "all": "all blocks",
    "selected": "the selected block",
    "later": "the selected block and all later ones",
    "chosen": "chosen blocks",
}
_WHICH: dict[str, str] = {
    "all": "all channels",
    "selected": "the selected channel",
    "past": "channels that lean to the past",
    "future": "channels that lean to the future",
    "listed": "listed channels",
}
_KEYS: dict[Target, str] = {"importance": "v", "kernel": "theta", "input": "x"}
_MEAN = "Another clip: the one under Compare with, in the sidebar. The mean is over {over}."
_HELP: dict[Target, str] = {
    "importance": _MEAN,
    "kernel": _MEAN,
    "input": "The features that TAM is given in a block. V and Θ of that block are then computed "
    "from them, unless they are edited as well.",
}
_LONGEST = 160
_LAST, _NEXT = "last change", "next change"


@dataclass(frozen=True, eq=False)
class Change:
    """What a visitor changed.

    Attributes:
        edits: Of V and Θ.
        tempo: Name of another way to play the clip; None for as it is.
        contrast: The classes by which the change is measured.
        lacking: A sentence on what is still to be chosen; None for nothing.
        controls: What the controls are set to, by the names that they have in the address.
    """

    edits: tuple[Edit, ...]
    tempo: str | None
    contrast: Contrast = AUTOMATIC
    lacking: str | None = None
    controls: edit_address.Values = field(default_factory=dict)


def last(selection: Selection) -> Change | None:
    """What a visitor changed last in this network, given clips like this; None for nothing.

    The edit with which the page of interventions opens is nobody's until a control is set.
    """
    changed_in, change = st.session_state.get(_LAST, (None, Change((), None)))
    fits = changed_in == (selection.card.id, selection.spec)
    return change if fits and (change.edits or change.tempo) else None


def make_next(network: str, spec: InputSpec, change: Change) -> None:
    """Has the page of interventions make a change when it is opened; for a callback.

    Args:
        network: Id of the checkpoint.
        spec: What the network is given.
        change: What was changed, with its controls.
    """
    st.session_state[_LAST] = ((network, spec), change)
    st.session_state[_NEXT] = (network, {**_defaults(None), **change.controls})
    edit_address.touch()


def make_nothing_next() -> None:
    """Takes back what `make_next` asked for, if it was not made yet; for a callback."""
    if st.session_state.pop(_NEXT, None) is not None:
        st.session_state.pop(_LAST, None)


def ask(selection: Selection, trace: TAMTrace, donor: Clip | None) -> Change:
    """Draws the controls.

    Args:
        selection: What the visitor is looking at.
        trace: What its blocks decide as they are.
        donor: Clip whose V and Θ can be put in; None if there is none.

    Raises:
        UserError: What is asked for does not fit the network.
    """
    defaults = _defaults(donor)
    edit_address.take_up({**defaults, **class_pickers.controls(chosen_classes.asked())}, defaults)
    network, controls = st.session_state.pop(_NEXT, ("", {}))
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
        asked = class_pickers.ask_contrast(selection)
        st.button("Reset", key="reset", on_click=_reset, help="Nothing edited, the clip as it is.")
    edit_address.keep(defaults)
    controls = {key: st.session_state[key] for key in defaults if key in st.session_state}
    change = Change(edits, tempo, asked, lacking, controls)
    chosen = change if edit_address.touched() else Change((), None, asked)
    st.session_state[_LAST] = ((selection.card.id, selection.spec), chosen)
    return change


def _defaults(donor: Clip | None) -> dict[str, str | list[str]]:
    """What every control is set to where nobody chose."""
    return {
        **{_KEYS[target]: _first(target, donor) for target in _KEYS},
        "tempo": _AS_IS,
        "where": next(iter(_WHERE)),
        "which": next(iter(_WHICH)),
        "edited": [],
        "channels": "",
        **class_pickers.controls(AUTOMATIC),
    }


def _first(target: Target, donor: Clip | None) -> str:
    """To begin with, V and Θ are those of another clip where there is one."""
    return "donor" if donor and target != "input" else _AS_IS


def _form(selection: Selection, trace: TAMTrace, donor: Clip | None) -> tuple[EditForm, str | None]:
    """The pickers: what replaces V, Θ and x, where, and how the clip is played."""
    over = selection.basis.says
    first, second, third = st.columns(3)
    with first:
        importance = _operation("importance", "Edit V", donor, over)
        where = cast("Where", _pick("where", "In which blocks", _WHERE))
        chosen = _blocks(trace) if where == "chosen" else ()
    with second:
        kernel = _operation("kernel", "Edit Θ", donor, over)
        nowhere = where == "chosen" and not chosen
        which = _pick("which", "For which channels", _WHICH, disabled=nowhere)
        listed = _channels() if which == "listed" else ""
    with third:
        features = _operation("input", "Edit x, the input of TAM", donor, over)
        ways = {_AS_IS: AS_IT_IS, **{name: tempo.says for name, tempo in TEMPI.items()}}
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
    return form, None if tempo == _AS_IS else tempo


def _reset() -> None:
    """Takes back every change; a callback."""
    for key in (*_KEYS.values(), "tempo"):
        st.session_state[key] = _AS_IS
    st.session_state["where"], st.session_state["which"] = next(iter(_WHERE)), next(iter(_WHICH))
    st.session_state["edited"], st.session_state["channels"] = [], ""


def _operation(target: Target, says: str, donor: Clip | None, over: str) -> str | None:
    """An operation on V, Θ or x."""
    options = {_AS_IS: AS_IT_IS}
    options |= {op: text for op, text in OPERATIONS[target].items() if donor or op != "donor"}
    if st.session_state.get(_KEYS[target]) not in options:
        first = _first(target, donor)  # it was of a clip that is no longer beside this one
        st.session_state[_KEYS[target]] = first
    op = _pick(_KEYS[target], says, options, more=_HELP[target].format(over=over))
    return None if op == _AS_IS else op


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
    for target, name in _KEYS.items():
        done = edit.target == target
        if not done and name not in st.session_state and target == "input":
            continue  # as it is already
        st.session_state[name] = edit.op if done else _AS_IS
    everywhere = block == ALL_BLOCKS
    st.session_state["where"] = "all" if everywhere else "selected"
    st.session_state["which"] = next(iter(_WHICH))
    if not everywhere:
        st.session_state["block"] = block


def choose_block(key: str) -> None:
    """Takes the block whose point was clicked."""
    name = clicked(key)
    if name is not None:
        st.session_state["block"] = name
