"""The first page: TAM in one picture, three things worth seeing, and what each page answers."""

from __future__ import annotations

import streamlit as st

from tam_viz.literal import in_markdown
from tam_viz.panels import clip as panels
from tam_viz.panels import start
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.start import show_pages, show_showcases

selection = open_page(
    "tam_viz",
    "A **Temporal Adaptive Module** looks at a clip on two levels. Its local branch makes an "
    "*importance map* **V**: when in time each channel matters. Its global branch makes an "
    "*adaptive kernel* **Θ**: whether each channel looks at the past, the present or the future. "
    "Both are computed separately for each clip: `yₜ = Σₖ Θₖ · Vₜ₊ₖ · xₜ₊ₖ`, k from −1 to 1.",
)
with readable():
    clip = selection.clip()
show_notices(clip)
st.markdown(
    f"The clip: **{in_markdown(clip.source)}**. Pick another one, or give your own, in the sidebar."
)
with told():
    features = cache.features(selection.card.id, clip)[selection.block]
    untrained = cache.untrained_trace(selection.card.id, selection.basis, clip)
    channel = selection.channel_of(clip)
show(start.tam(clip, features, untrained[selection.block], channel), key="tam")

show_showcases(selection.link)
with told():
    runs = [cache.run(c.id, cache.clip(selection.source, c.input)) for c in selection.starters]
show(panels.answers(selection.starters, runs, clip.label), key="answers")
show_pages(selection.link)
