"""The forms of the page Models: what is asked, what runs, and what it came to.

A press on a button marks the form as busy, so that the run that works draws the button greyed
out; what it came to is shown by the next run, with the form empty after a success.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import streamlit as st

from tam_viz.analysis.clip.audit_words import is_alarm
from tam_viz.literal import in_markdown, sentence
from tam_viz.types import Card, Offer, UserError
from tam_viz.ui.clip import model_import
from tam_viz.ui.state import cache

_BUSY, _OUTCOME, _FILLED = "busy with", "outcome of", "forms filled"


@dataclass(frozen=True)
class ImportOutcome:
    """The result of an import.

    Attributes:
        card: The new network; None if it was refused.
        says: Sentences: the reason, or what to know of the network.
    """

    card: Card | None
    says: tuple[str, ...]


def fetch_form(offer: Offer, link: Mapping[str, str]) -> None:
    """Fetches and imports published weights.

    Args:
        offer: Which ones; a program can fetch them.
        link: Parameters of the address that hold what is selected.
    """
    labels = None
    if offer.labels:
        labels = st.file_uploader("File of class names (else numbered)", key="offer_labels")
    busy = _is_busy("offer")
    st.button(
        "Fetch and import",
        key="fetch",
        type="primary",
        disabled=busy,
        on_click=_begin,
        args=("offer",),
    )
    if busy:
        key = (str(model_import.root()), offer.id, labels and labels.getvalue())
        _work("offer", "Fetching…", key, lambda: model_import.fetched(offer, labels))
    _show("offer", link)


def own_form(link: Mapping[str, str]) -> None:
    """Imports a file that the visitor has."""
    number = st.session_state.get(_FILLED, 0)
    again = f"-{number}" if number else ""  # a field with a new key is empty
    busy = _is_busy("own")
    with st.form("own", border=False):
        file = st.file_uploader(
            "Weights", key=f"weights{again}", max_upload_size=model_import.LIMIT_MB
        )
        name = st.text_input("Id of the network", key=f"name{again}", placeholder="my-tanet")
        labels = st.file_uploader("File of class names (else numbered)", key=f"own_labels{again}")
        order = st.radio("Classes are numbered", list(model_import.ORDERS), key=f"own_order{again}")
        frames = st.number_input(
            "Frames per clip, where the weights do not say (all but TANet)",
            min_value=1,
            max_value=256,
            value=None,
            placeholder="automatic",
            key=f"own_frames{again}",
        )
        part = st.selectbox(
            "Which network, if the file holds several",
            list(model_import.PARTS),
            key=f"own_part{again}",
            accept_new_options=True,
            help="Or the keys that lead to it, such as `student` or `state_dict_ema`.",
        )
        shift = st.selectbox(
            "Position of TSM's shift",
            list(model_import.SHIFTS),
            key=f"own_shift{again}",
            help="A shift has no weights. Choose it if the names of the weights were changed.",
        )
        st.form_submit_button("Import", disabled=busy, on_click=_begin, args=("own",))
    missing = ["Choose a file of weights."] if file is None else []
    missing += [] if name.strip() else ["Give the network an id."]
    if busy and missing:
        _finish("own", ImportOutcome(None, (" ".join(missing),)))
    elif busy and file is not None:
        own = model_import.Own(file, name.strip(), labels, order, frames, shift, part or "")
        _work("own", "Importing and auditing…", own.key, lambda: model_import.imported(own))
    _show("own", link)


def _begin(form: str) -> None:
    st.session_state[f"{_BUSY} {form}"] = True
    st.session_state.pop(f"{_OUTCOME} {form}", None)


def _is_busy(form: str) -> bool:
    return bool(st.session_state.get(f"{_BUSY} {form}"))


def _work(form: str, says: str, key: Hashable, make: Callable[[], model_import.Imported]) -> None:
    """Does what a form asks for, or waits where it is being done already."""
    try:
        with st.spinner(says):
            card, notices = model_import.works().result(key, make)
    except UserError as error:
        _finish(form, ImportOutcome(None, (str(error),)))
    model_import.works().take(key)
    cache.cards.clear()
    if form == "own":
        st.session_state[_FILLED] = st.session_state.get(_FILLED, 0) + 1
    _finish(form, ImportOutcome(card, tuple(notices)))


def _finish(form: str, outcome: ImportOutcome) -> None:
    """Shows what a form came to by a new run of the page."""
    st.session_state[f"{_BUSY} {form}"] = False
    st.session_state[f"{_OUTCOME} {form}"] = outcome
    st.rerun()


def _show(form: str, link: Mapping[str, str]) -> None:
    outcome = st.session_state.get(f"{_OUTCOME} {form}")
    if outcome is None:
        return
    if outcome.card is None:
        st.error(sentence(" ".join(outcome.says)))
        return
    card = outcome.card
    st.success(sentence(f"{card.id} is installed."))
    if card.temporal == "tam":
        st.page_link(
            "pages/1_Watch_a_clip.py",
            label=f"Use {in_markdown(card.id)}",
            icon=":material/arrow_forward:",
            query_params={**link, "model": card.id},
        )
    else:
        st.page_link(
            "pages/1_Watch_a_clip.py",
            label=f"Use {in_markdown(card.id)} on a clip",
            icon=":material/arrow_forward:",
            query_params={**link, "networks": [card.id]},
        )
    for notice in outcome.says:
        (st.warning if is_alarm(notice) else st.info)(sentence(notice))
