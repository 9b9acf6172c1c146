"""The first page: what TAM is, on a clip, and where to go on."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis import kernels
from tam_viz.analysis.predictions import (
    describe_frames,
    describe_predictions,
    frame_table,
    prediction_table,
)
from tam_viz.plots import filmstrip, predictions
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable

selection = open_page(
    "tam_viz",
    "A **Temporal Adaptive Module** looks at a clip twice: a local branch makes an *importance "
    "map* **V**, which says where in time each channel matters, and a global branch makes a "
    "*kernel* **Θ**, which says whether each channel looks at the past, the present or the "
    "future. Both are made anew for every clip: `y[t] = Σₖ Θ[k] · V[t+k−1] · x[t+k−1]`.",
)
with readable(selection):
    clip = cache.clip(selection.source, selection.card.input)
    runs = [cache.run(card.id, cache.clip(selection.source, card.input)) for card in selection.cards]
truth = clip.truth.label if clip.truth else None
trace = cache.trace(selection.card.id, clip)

for notice in clip.notices:
    st.warning(notice)
show(
    filmstrip.film_strip(clip),
    title=f"The clip: {clip.source}",
    see="The frames that the networks see, and where they lie in the video. Pick another clip, "
    "or give your own, in the sidebar.",
    says=describe_frames(clip),
    table=frame_table(clip),
    key="strip",
)
show(
    predictions.top_classes(
        [(c, r.prediction) for c, r in zip(selection.cards, runs, strict=True)], truth
    ),
    title="What the networks say",
    see="The same frames, the same ResNet; only the temporal module differs. TSN has none: it "
    "cannot tell a motion from its reversal.",
    says=describe_predictions(selection.cards, runs, truth),
    table=prediction_table(selection.cards, runs, truth),
    key="top",
)
st.subheader("Where to go on")
st.page_link("pages/1_Watch_a_clip.py", label="Watch a clip: what happens, and who sees it?")
st.page_link(
    "pages/2_Importance_maps.py", label="Importance maps: when does each channel listen?"
)
st.page_link(
    "pages/3_Adaptive_kernels.py", label="Adaptive kernels: which way in time does it look?"
)
leans = kernels.lean_table({"future − past": trace})["future − past"]
st.markdown(
    f"In this clip the kernels of **{leans.idxmax()}** lean most to the future "
    f"({leans.max():+.2f}) and those of **{leans.idxmin()}** most to the past ({leans.min():+.2f})."
)
