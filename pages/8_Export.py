"""Export: take the whole view along as one file, and open such a file again."""

from __future__ import annotations

import streamlit as st

from tam_viz.findings.finding import describe
from tam_viz.literal import sentence
from tam_viz.panels.files.export import NO_CHROME, chrome
from tam_viz.ui.clip import export
from tam_viz.ui.clip.evidence import Attachments, pick_change, pick_evidence, write_note
from tam_viz.ui.clip.opened_finding import show_opened
from tam_viz.ui.page import open_page, readable, show_notices, user_errors_shown
from tam_viz.ui.pickers import pick_networks
from tam_viz.ui.state import opened_findings

selection = open_page(
    "Export",
    "**Save this view**: a finding is one file with the frames, V and Θ, the predictions, the "
    "edits, the evidence that you looked at, a note, the hashes of video and weights, and the "
    "pictures. It opens again without the video, here or with `tam-viz open`, which also checks "
    "that the numbers can be reproduced. Single pictures and tables can be saved below each "
    "picture of every page.",
)
with readable():
    clip, second = selection.clip(), selection.second_clip()
show_notices(clip, second)

st.subheader("This view as a finding")
cards = pick_networks(selection.cards, selection.starters)
change = pick_change(selection)
evidence = pick_evidence()
note = write_note()
drawn = st.toggle("Pictures as PNG and SVG too", value=chrome(), disabled=not chrome())
if not chrome():
    st.caption(NO_CHROME)
with user_errors_shown():
    study = export.study(selection, cards, change, Attachments(evidence, note))
    st.markdown(sentence(describe(study.finding)))
    titles = ", ".join(panel.title for panel in study.panels)
    st.caption(sentence(f"Pictures in it: {titles}."))
    export.show_made(study, drawn=drawn)

st.subheader("Open a finding")
st.file_uploader(
    "The file of a finding; nothing in it is run",
    type="zip",
    key="finding",
    on_change=opened_findings.open_uploaded,
    args=("finding",),
)
problem = opened_findings.problem()
if problem is not None:
    st.error(sentence(problem))
for digest, finding in reversed(opened_findings.opened().items()):
    with user_errors_shown():
        show_opened(digest, finding)
