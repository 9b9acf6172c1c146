"""The results of a network's audit, on the page Models."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tam_viz.analysis.clip.audit_words import Order, facts, order_seen, warnings
from tam_viz.literal import sentence
from tam_viz.models.cards import find, read_audit
from tam_viz.types import Audit, Card, UserError
from tam_viz.ui.clip import model_import

_ORDER: dict[Order, str] = {
    "seen": "seen",
    "direction not seen": "shuffling only",
    "not seen": "not seen",
    "one frame": "one frame",
    "no answer": "no answer",
}
"""Whether a network sees the order of frames, short enough for a column."""


def audits_of(cards: Sequence[Card]) -> dict[str, Audit | None]:
    """The audits that lie beside the cards, by id."""
    audits: dict[str, Audit | None] = {}
    for card in cards:
        try:
            audits[card.id] = read_audit(find(card.id), card)
        except UserError:  # it was removed meanwhile
            audits[card.id] = None
    return audits


def order_column(audits: dict[str, Audit | None]) -> list[str]:
    """Whether each network sees the order of frames, for a table."""
    return [
        "not audited" if audit is None else _ORDER[order_seen(audit)] for audit in audits.values()
    ]


def show_audit(cards: Sequence[Card], audits: dict[str, Audit | None]) -> None:
    """Picks a network and shows what its audit found; it can be made anew."""
    name = st.selectbox("Audit of", [card.id for card in cards], key="audited")
    card = next(card for card in cards if card.id == name)
    audit = audits[name]
    if audit is None:
        st.info(sentence(f"{name} has not been audited since its weights were made."))
    else:
        for warning in warnings(audit, card.temporal):
            st.warning(sentence(warning))
        st.markdown(" ".join(facts(audit)))
        st.caption(sentence(f"Clips: {', '.join(audit.clips)}."))
    if st.button("Audit this network", key="audit", icon=":material/fact_check:"):
        try:
            model_import.audited(name)
        except UserError as error:
            st.error(sentence(str(error)))
        else:
            st.rerun()
