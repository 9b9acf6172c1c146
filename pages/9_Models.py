"""Models: the networks that are here, published weights to fetch, and weights of one's own."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.clip.models import card_table, describe_offer, offer_table
from tam_viz.experiments.kinds import trained_on
from tam_viz.models.published.catalogue import offers
from tam_viz.models.published.families import names
from tam_viz.ui.clip.audits import audits_of, order_column, show_audit
from tam_viz.ui.clip.model_import_form import fetch_form, own_form
from tam_viz.ui.page import open_page, readable, user_errors_shown
from tam_viz.ui.state import cache

selection = open_page(
    "Models", "Which networks are installed, and how do you add **published weights**?"
)
with readable():
    cache.clip(selection.source, selection.card.input, 0)  # a bad upload is told on every page

st.subheader("Installed models")
audits = audits_of(selection.cards)
trained = [trained_on(card) for card in selection.cards]
st.dataframe(card_table(selection.cards, trained, order_column(audits)), hide_index=True)
st.caption(
    "An audit runs a few clips of the gallery through a network, also reversed and shuffled: "
    "does its prediction depend on the order of the frames, and do V and Θ depend on the clip?"
)
show_audit(selection.cards, audits)

st.subheader("Published weights")
st.caption(
    "Accuracies are those that the publishers state, each for its own protocol: rows of "
    "different protocols are not comparable."
)
with user_errors_shown():
    known = offers()
data = st.selectbox("Trained on", sorted({offer.data for offer in known.values()}), key="data")
matching = [offer for offer in known.values() if offer.data == data]
st.dataframe(offer_table(matching), hide_index=True)
chosen = known[st.selectbox("Weights", [offer.id for offer in matching], key="offer")]
st.markdown(describe_offer(chosen))
if chosen.address:
    fetch_form(chosen, selection.link)

st.subheader("Your own file")
st.caption(
    f"Weights of {names()}, in `.pth`, `.pth.tar` or safetensors. Nothing in the file is executed."
)
own_form(selection.link)
