"""Attribution: which frames, and what in them, an answer rests on."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.attribution import reach
from tam_viz.panels import attribution as panels
from tam_viz.ui.attribution import (
    choose_frame,
    choose_networks,
    clips_of,
    delete,
    explain,
    pick_filling,
    pick_question,
)
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told

selection = open_page(
    "Attribution on frames",
    "**Which frames, and what in them, does an answer rest on?** The whole clip goes through the "
    "network at once, so a frame is credited with what it does through its neighbours too. What is "
    "explained are the log-odds of a class, log(p / (1 − p)), which compare between networks.",
)
with readable():
    clip = selection.clip()
show_notices(clip)
cards = choose_networks(selection)
if not cards:
    st.info("Choose a network above to see what its answer rests on.")
    st.stop()
asked = pick_question(cards)
left, right = st.columns(2)
with left:
    shared = st.toggle("Same scale for all networks", key="shared", bind="query-params")
with right:
    beside = st.toggle("Untrained below", value=True, key="untrained", bind="query-params")

with readable():
    given = list(zip(cards, clips_of(selection, cards), strict=True))
with told():
    explained = explain(selection, given, asked, untrained=beside)
if not explained:
    st.stop()
both = [one for e in explained for one in (e.found, e.untrained) if one is not None]
limit = max(reach(one) for one in both) if shared else None
for one in explained:
    panel = panels.maps(one, frame=selection.frame, limit=limit)
    show(panel, key=f"maps-{one.card.id}", on_click=choose_frame)

filling = pick_filling()
with told():
    tested = delete(selection, explained, filling)
show(panels.deletion(tested, asked.method, selection.frame), key="deletion")
