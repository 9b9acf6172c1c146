"""Attribution: which frames, and what in them, an answer rests on."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.clip.attribution import colour_limit
from tam_viz.panels.clip import attribution as panels
from tam_viz.panels.clip import checkpoints
from tam_viz.ui.clip import viewed_pictures
from tam_viz.ui.clip.attribution import clips_of, delete, explain, explain_pair
from tam_viz.ui.clip.attribution_controls import (
    choose_frame,
    choose_networks,
    pick_filling,
    pick_look,
    pick_question,
)
from tam_viz.ui.figure import show
from tam_viz.ui.page import open_page, readable, show_notices, user_errors_shown
from tam_viz.ui.state.deferred import Later
from tam_viz.ui.state.references import say_fitted
from tam_viz.ui.tam.other_checkpoint import pick_checkpoint

selection = open_page(
    "Attribution on frames",
    "**Which frames, and what in them, does a prediction depend on?** The whole clip goes "
    "through the network at once, so a frame also gets credit for its effect through its "
    "neighbours.",
)
with readable():
    clip = selection.clip()
show_notices(clip)
cards = choose_networks(selection)
if not cards:
    st.info("Choose a network above to see what its prediction depends on.")
    st.stop()
with user_errors_shown():
    request = pick_question(selection, cards)
other = pick_checkpoint(selection)
shared, beside, smooth = pick_look(request)

waiting, later = st.container(), Later()
with readable():
    inputs = list(zip(cards, clips_of(selection, cards), strict=True))
with user_errors_shown():
    explained = explain(selection, inputs, request, later if beside else None)
if not explained:
    st.stop()
maps = [m for network in explained for m in (network.result, network.untrained) if m is not None]
limit = max(colour_limit(m) for m in maps) if shared else None
viewed_pictures.forget("")
for network in explained:
    panel = panels.maps(network, frame=selection.frame, limit=limit, smooth=smooth)
    show(panel, key=f"maps-{network.card.id}", on_click=choose_frame)
    viewed_pictures.attach(f"maps-{network.card.id}", maps=[network.result])

if beside:
    say_fitted(selection)

filling = pick_filling()
with user_errors_shown():
    tested = delete(selection, explained, filling, later)
show(panels.deletion(tested, request.method, selection.frame), key="deletion")
viewed_pictures.attach("deletion", losses=[network.result for network in tested])

if other is not None:
    with user_errors_shown():
        pair = explain_pair(selection, other, request, filling)
    if pair is not None:
        shown = checkpoints.maps(pair, request.method, frame=selection.frame, smooth=smooth)
        show(shown, key="checkpoints-maps", on_click=choose_frame)
        viewed_pictures.attach(
            "checkpoints-maps", maps=[network.result for network in pair.explained]
        )
        show(checkpoints.frames(pair, request.method, selection.frame), key="checkpoints-frames")
with waiting, user_errors_shown():
    later.join()
