"""The controls of the page of interventions, and what a click on its pictures chooses."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from tam_viz.analysis.edits.contrasts import AUTOMATIC, Contrast
from tam_viz.analysis.edits.edit_words import describe_lacking, questions
from tam_viz.analysis.edits.edits import OPERATIONS, Where, Which, Wish, edit_text, edits_of
from tam_viz.analysis.edits.sweep import AS_IT_IS, Sweep
from tam_viz.literal import sentence
from tam_viz.types import ALL_BLOCKS, Clip, Edit, InputSpec, TAMTrace, Target
from tam_viz.ui.edits import contrast
from tam_viz.ui.figure import clicked
from tam_viz.ui.state import addressed
from tam_viz.ui.state.selection import Selection
from tam_viz.video.tempo import TEMPI

_WHERE: dict[str, Where] = {
    "all blocks": "all",
    "the selected block": "selected",
    "the selected block and all later ones": "later",
    "chosen blocks": "chosen",
}
_WHICH: dict[str, Which] = {
    "all channels": "all",
    "the selected channel": "selected",
    "channels that lean to the past": "past",
    "channels that lean to the future": "future",
    "listed channels": "listed",
}
_KEYS: dict[Target, str] = {"importance": "v", "kernel": "theta", "input": "x"}
_MEAN = "Another clip is the one beside this clip in the sidebar; the mean is over {over}."
_HELP: dict[Target, str] = {
    "importance": _MEAN,
    "kernel": _MEAN,
    "input": "The features that TAM is given in a block. V and Θ of that block are then made of "
    "them, unless they are replaced as well.",
}
_LONGEST = 160
_LAST, _NEXT = "last made", "next made"


@dataclass(frozen=True, eq=False)
class Made:
    """What a visitor changed.

    Attributes:
        edits: Of V and Θ.
        tempo: Name of another way to play the clip; None for as it is.
        contrast: The classes by which the change is measured.
        lacking: A sentence on what is still to be chosen; None for nothing.
    """

    edits: tuple[Edit, ...]
    tempo: str | None
    contrast: Contrast = AUTOMATIC
    lacking: str | None = None


def last(selection: Selection) -> Made | None:
    """What a visitor changed last in this network, given clips like this; None for nothing.

    The edit with which the page of interventions opens is nobody's until a control is set.
    """
    place, made = st.session_state.get(_LAST, (None, Made((), None)))
    fits = place == (selection.card.id, selection.spec)
    return made if fits and (made.edits or made.tempo) else None


def make_next(network: str, spec: InputSpec, wish: Wish, made: Made) -> None:
    """Has the page of interventions make a change when it is opened; for a callback.

    Args:
        network: Id of the checkpoint.
        spec: What the network is given.
        wish: What to ask for; its block is the selected one.
        made: What that makes.
    """
    controls: dict[str, str | list[str]] = {
        **contrast.controls(made.contrast),
        "v": AS_IT_IS if wish.importance is None else OPERATIONS["importance"][wish.importance],
        "theta": AS_IT_IS if wish.kernel is None else OPERATIONS["kernel"][wish.kernel],
        "where": next(text for text, where in _WHERE.items() if where == wish.where),
        "which": next(text for text, which in _WHICH.items() if which == wish.which),
        "tempo": AS_IT_IS if made.tempo is None else TEMPI[made.tempo].says,
        "edited": list(wish.chosen),
        "channels": wish.listed,
    }
    if wish.features is not None:
        controls["x"] = OPERATIONS["input"][wish.features]
    st.session_state[_LAST] = ((network, spec), made)
    st.session_state[_NEXT] = (network, controls)
    addressed.touch()


def make_nothing_next() -> None:
    """Takes back what `make_next` asked for, if it was not made yet; for a callback."""
    if st.session_state.pop(_NEXT, None) is not None:
        st.session_state.pop(_LAST, None)


def ask(selection: Selection, trace: TAMTrace, donor: Clip | None) -> Made:
    """Draws the controls.

    Args:
        selection: What the visitor is looking at.
        trace: What its blocks decide as they are.
        donor: Clip whose V and Θ can be put in; None if there is none.

    Raises:
        UserError: What is asked for does not fit the network.
    """
    defaults = _defaults(donor)
    addressed.take_up(defaults)
    network, controls = st.session_state.pop(_NEXT, ("", {}))
    if network == selection.card.id:
        st.session_state.update({"x": AS_IT_IS, **controls})
    with st.container(border=True):
        wish, tempo = _wish(selection, trace, donor)
        edits = edits_of(wish, trace, donor)
        lacking = describe_lacking(wish, edits, retimed=tempo is not None)
        if lacking is not None:
            st.info(sentence(lacking))
        text = edit_text(edits)
        if 0 < len(text) <= _LONGEST:
            st.caption(f"In the library: `parse_edits({text!r})`")  # letter for letter, to copy
        for question in questions(edits):
            st.caption(question)
        held = contrast.ask_contrast(selection)
        st.button("Reset", key="reset", on_click=_reset, help="Nothing edited, the clip as it is.")
    addressed.keep(defaults)
    made = Made(edits, tempo, held, lacking)
    chosen = made if addressed.touched() else Made((), None, held)
    st.session_state[_LAST] = ((selection.card.id, selection.spec), chosen)
    return made


def _defaults(donor: Clip | None) -> dict[str, str | list[str]]:
    """What every control is set to where nobody chose."""
    return {
        **{_KEYS[target]: _first(target, donor) for target in _KEYS},
        "tempo": AS_IT_IS,
        "where": next(iter(_WHERE)),
        "which": next(iter(_WHICH)),
        "edited": [],
        "channels": "",
        **contrast.controls(AUTOMATIC),
    }


def _first(target: Target, donor: Clip | None) -> str:
    """To begin with, V and Θ are those of another clip where there is one."""
    return OPERATIONS[target]["donor"] if donor and target != "input" else AS_IT_IS


def _wish(selection: Selection, trace: TAMTrace, donor: Clip | None) -> tuple[Wish, str | None]:
    """The pickers: what replaces V, Θ and x, where, and how the clip is played."""
    over = selection.basis.says
    first, second, third = st.columns(3)
    with first:
        importance = _operation("importance", "Replace V with", donor, over)
        where = _WHERE[_pick("where", "In which blocks", list(_WHERE))]
        chosen = _blocks(trace) if where == "chosen" else ()
    with second:
        kernel = _operation("kernel", "Replace Θ with", donor, over)
        nowhere = where == "chosen" and not chosen
        which = _WHICH[_pick("which", "For which channels", list(_WHICH), disabled=nowhere)]
        listed = _channels() if which == "listed" else ""
    with third:
        features = _operation("input", "Replace x, the input of TAM, with", donor, over)
        ways = {AS_IT_IS: None, **{tempo.says: name for name, tempo in TEMPI.items()}}
        tempo = ways[_pick("tempo", "Clip timing", list(ways))]
    if donor is None:
        st.caption("V, Θ or x of another clip: choose one beside this clip, in the sidebar.")
    channel = selection.channel_of(selection.clip())
    wish = Wish(
        importance, kernel, where, which, selection.block, channel, chosen, listed, features
    )
    return wish, tempo


def _reset() -> None:
    """Takes back every change; a callback."""
    for key in (*_KEYS.values(), "tempo"):
        st.session_state[key] = AS_IT_IS
    st.session_state["where"], st.session_state["which"] = next(iter(_WHERE)), next(iter(_WHICH))
    st.session_state["edited"], st.session_state["channels"] = [], ""


def _operation(target: Target, says: str, donor: Clip | None, over: str) -> str | None:
    """An operation on V, Θ or x."""
    names: dict[str, str | None] = {AS_IT_IS: None}
    names |= {text: op for op, text in OPERATIONS[target].items() if donor or op != "donor"}
    if st.session_state.get(_KEYS[target]) not in names:
        first = _first(target, donor)  # it was of a clip that is no longer beside this one
        st.session_state[_KEYS[target]] = first
    return names[
        st.selectbox(
            says,
            list(names),
            key=_KEYS[target],
            help=_HELP[target].format(over=over),
        )
    ]


def _pick(key: str, says: str, options: list[str], *, disabled: bool = False) -> str:
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]  # an address named no such option
    return st.selectbox(says, options, key=key, disabled=disabled)


def _blocks(trace: TAMTrace) -> tuple[str, ...]:
    there = [name for name in st.session_state.get("edited", ()) if name in trace.names]
    st.session_state["edited"] = there  # without blocks of another network
    return tuple(st.multiselect("Blocks", trace.names, key="edited"))


def _channels() -> str:
    return st.text_input("Channels", key="channels", placeholder="such as 0, 3-7")


def choose_edit(found: Sweep, key: str) -> None:
    """Makes the edit whose cell was clicked."""
    cell = clicked(key)
    if cell is None:
        return
    block, edit = found.blocks[int(cell[0])], found.edits[int(cell[1])]
    for target, name in _KEYS.items():
        done = edit.target == target
        if not done and name not in st.session_state and target == "input":
            continue  # as it is already
        st.session_state[name] = OPERATIONS[target][edit.op] if done else AS_IT_IS
    everywhere = block == ALL_BLOCKS
    st.session_state["where"] = next(iter(_WHERE)) if everywhere else "the selected block"
    st.session_state["which"] = next(iter(_WHICH))
    if not everywhere:
        st.session_state["block"] = block


def choose_block(key: str) -> None:
    """Takes the block whose point was clicked."""
    name = clicked(key)
    if name is not None:
        st.session_state["block"] = name
