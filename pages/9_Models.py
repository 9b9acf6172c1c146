"""Models: the networks that are here, published weights to fetch, and weights of one's own."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.models import card_table, describe_offer, offer_table
from tam_viz.literal import sentence
from tam_viz.models.published.catalogue import offers
from tam_viz.types import UserError
from tam_viz.ui import cache, weights
from tam_viz.ui.frame import open_page, readable, told

selection = open_page(
    "Models", "Which networks are here, and how do **published weights** become one of them?"
)
with readable():
    cache.clip(selection.source, selection.card.input)  # a bad upload is told on every page

st.subheader("The networks that are here")
st.dataframe(card_table(selection.cards), hide_index=True)

st.subheader("Published weights")
st.caption(
    "Accuracies are those that the publishers state, each for its own protocol: rows of different "
    "protocols do not compare."
)
with told():
    known = offers()
data = st.selectbox("Trained on", sorted({offer.data for offer in known.values()}), key="data")
found = [offer for offer in known.values() if offer.data == data]
st.dataframe(offer_table(found), hide_index=True)
chosen = known[st.selectbox("Weights", [offer.id for offer in found], key="offer")]
st.markdown(describe_offer(chosen))
if chosen.address:
    labels = None
    if chosen.labels:
        labels = st.file_uploader("File of class names (else numbered)", key="offer_labels")
    if st.button("Fetch and import", key="fetch", type="primary"):
        with st.spinner("Fetching…"):
            try:
                weights.told(weights.fetched(chosen, labels))
            except UserError as error:
                st.error(sentence(str(error)))

st.subheader("A file of your own")
st.caption(
    "Weights of TANet, TSM, TSN, I3D, SlowOnly or torchvision's video networks in `.pth`, "
    "`.pth.tar` or safetensors. Nothing in the file is run."
)
with st.form("own", border=False):
    file = st.file_uploader("Weights", key="weights", max_upload_size=weights.LIMIT_MB)
    name = st.text_input("Id of the network", key="name", placeholder="my-tanet")
    own_labels = st.file_uploader("File of class names (else numbered)", key="own_labels")
    order = st.radio("Classes are numbered", list(weights.ORDERS), key="own_order")
    frames = st.number_input(
        "Frames of a clip, where the weights do not say (TSM, TSN, I3D, SlowOnly)",
        min_value=1,
        max_value=256,
        value=None,
        placeholder="as assumed",
        key="own_frames",
    )
    if st.form_submit_button("Import") and file is not None:
        try:
            weights.told(weights.imported(file, name, own_labels, order, frames))
        except UserError as error:
            st.error(sentence(str(error)))
