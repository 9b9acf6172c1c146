"""Export: take the whole view along as one file, and open such a file again."""

from __future__ import annotations

import streamlit as st

from tam_viz.experiments.finding import describe
from tam_viz.literal import sentence
from tam_viz.panels.export import NO_CHROME, chrome
from tam_viz.ui import export, findings
from tam_viz.ui.edits import last
from tam_viz.ui.effects import said
from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.pickers import pick_networks

selection = open_page(
    "Export",
    "**Take the view along**: a finding is one file with the frames, V and Θ, the answers, the "
    "edits, the hashes of video and weights, and the pictures. It opens again without the video, "
    "here or by `tam-viz open`, and says whether the same numbers come out. Single pictures and "
    "tables are below each picture of every page.",
)
with readable():
    clip, second = selection.clip(), selection.second_clip()
show_notices(clip, second)

st.subheader("This view as a finding")
cards = pick_networks(selection.cards, selection.starters)
made = last(selection)
if made is None:
    st.caption("Nothing was changed on the page Intervene; what is changed there can go along.")
elif not st.toggle(
    f"With the change made on Intervene: {sentence(said(made, selection.frame))}", value=True
):
    made = None
drawn = st.toggle("Pictures as PNG and SVG too", value=chrome(), disabled=not chrome())
if not chrome():
    st.caption(NO_CHROME)
with told():
    study = export.study(selection, cards, made)
    st.markdown(sentence(describe(study.finding)))
    titles = ", ".join(panel.title for panel in study.panels)
    st.caption(sentence(f"Pictures in it: {titles}."))
    export.show_made(study, drawn=drawn)

st.subheader("Open a finding")
st.file_uploader(
    "The file of a finding; nothing in it is run",
    type="zip",
    key="finding",
    on_change=findings.open_uploaded,
    args=("finding",),
)
problem = findings.problem()
if problem is not None:
    st.error(sentence(problem))
for digest, finding in reversed(findings.opened().items()):
    with told():
        export.show_opened(digest, finding)
