"""The first page: TAM in one picture, three things worth seeing, and what each page answers."""

from __future__ import annotations

import streamlit as st

from tam_viz.literal import in_markdown
from tam_viz.panels.clip import clip as panels
from tam_viz.panels.tam import start
from tam_viz.ui.figure import show
from tam_viz.ui.page import open_page, readable, show_notices, user_errors_shown
from tam_viz.ui.state import cache, references
from tam_viz.ui.tam.start import show_pages, show_showcases

selection = open_page(
    "tam_viz",
    "A **Temporal Adaptive Module** (TAM) works on two levels. Its local branch computes an "
    "*importance map* **V**: how much of each frame a channel passes on. Its global branch "
    "computes an *adaptive kernel* **Θ**: the weight a channel gives to the previous, current and "
    "next frame. Both are computed separately for each clip: `yₜ = Σₖ Θₖ · Vₜ₊ₖ · xₜ₊ₖ`, k from −1 "
    "to 1.",
)
with readable():
    clip = selection.clip()
show_notices(clip)
st.markdown(
    f"The clip: **{in_markdown(clip.source)}**. Pick another one, or upload your own, in the "
    "sidebar."
)
with user_errors_shown():
    features = cache.features(selection.card.id, clip)[selection.block]
    channel = selection.channel_of(clip)
so_far = references.so_far(selection, clip)
untrained = None if so_far.untrained is None else so_far.untrained[selection.block]
sameness = so_far.sameness(selection.block)
show(start.tam(clip, features, channel, untrained, so_far.fitted, sameness), key="tam")
waiting = st.container()

show_showcases(selection.link)
with user_errors_shown():
    runs = [cache.run(c.id, cache.clip(selection.source, c.input, 0)) for c in selection.starters]
show(panels.answers(selection.starters, runs, clip.label), key="answers")
show_pages(selection.link)
with waiting, user_errors_shown():
    references.join(selection, so_far, clip)
