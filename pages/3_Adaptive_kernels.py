"""Adaptive kernels: which way in time does each channel of a TAM block look?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from tam_viz.panels import adaptivity, kernel_lines, kernels
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.kernels import adaptation_of, choose, held, pick_difference, rival_of, view_of

selection = open_page(
    "Adaptive kernels",
    "The global branch gives every channel a kernel made for this clip: **does it look at the "
    "past, the present or the future?** Its weights sum to 1. Beside it stand another clip, "
    "kernels that are the same for every video, and in grey an untrained network of the same "
    "shape: what that shows as well was not learned.",
)
with readable():
    clip, second = selection.clip(), selection.second_clip()
show_notices(clip, second)
with told():
    view = view_of(selection, clip, second, difference=pick_difference(second))
    answer = adaptation_of(selection.card)
rival = rival_of(selection)
pick = partial(choose, view.trace.names)

alone = st.toggle("Only this block in the triangle", key="single", bind="query-params")
show(kernels.simplex(view, alone=alone), key="simplex", on_click=pick)
show(kernels.block_map(view), key="map", on_click=pick)
show(kernels.taps(view, rival), key="taps")
show(kernel_lines.depth(view), key="depth")
show(kernel_lines.frequencies(view, rival), key="frequencies")

st.header("Do they have to adapt?", anchor=False)
st.markdown(
    "That kernels differ from clip to clip says little: those of an untrained network do too. "
    "So Θ is held still while the network runs, and the question is **what that costs its answer**."
)
if answer is None:
    st.info(
        f"{selection.card.id} was not asked over many clips: `tam-viz probe {selection.card.id}` "
        "does that, for networks trained on MotionPairs."
    )
else:
    show(adaptivity.reliance(answer), key="reliance")
    show(adaptivity.readouts(answer), key="readouts")
with told():
    first, other = held(selection, clip, second)
names = view.trace.names
show(adaptivity.on_clip(names, first, other, answer, difference=view.difference), key="held")
