"""The first page: what TAM is, on a clip, and where to go on."""

from __future__ import annotations

import streamlit as st

from tam_viz.panels import clip as panels
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told

selection = open_page(
    "tam_viz",
    "A **Temporal Adaptive Module** looks at a clip on two levels. Its local branch makes an "
    "*importance map* **V**: when in time each channel matters. Its global branch makes an "
    "*adaptive kernel* **Θ**: whether each channel looks at the past, the present or the future. "
    "Both are made anew for every clip: `y[t] = Σₖ Θ[k] · V[t+k−1] · x[t+k−1]`.",
)
with readable():
    clip = cache.clip(selection.source, selection.card.input)

show_notices(clip)
st.markdown(f"The clip: **{clip.source}**. Pick another one, or give your own, in the sidebar.")
show(panels.frames(clip), key="strip")
with told():
    runs = [cache.run(c.id, cache.clip(selection.source, c.input)) for c in selection.starters]
show(panels.answers(selection.starters, runs, clip.label), key="answers")

st.subheader("Where to go on")
st.markdown(
    "- **Watch a clip**: what happens, and which network sees it?\n"
    "- **Importance maps**: when does each channel listen?\n"
    "- **Adaptive kernels**: which way in time does each channel look?\n"
    "- **The bench**: eighteen temporal modules, trained alike: which sees what?\n"
    "- **Models**: which networks are here, and how does one add published weights?\n\n"
    "The pages are in the sidebar; the clip that you pick goes along."
)
