"""Watch a clip: what happens in it, which frames the networks see, and what they say."""

from __future__ import annotations

import mimetypes

import streamlit as st

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
    "Watch a clip", "What happens, which frames do the networks see, and what do they make of it?"
)
source = selection.source
with readable(selection):
    clip = cache.clip(source, selection.card.input)
names = [card.id for card in selection.cards]
chosen = st.multiselect("Networks", names, default=names, key="networks", bind="query-params")
cards = [card for card in selection.cards if card.id in chosen]

player, facts = st.columns([1, 2])
with player:
    kind = mimetypes.guess_type(source.name)[0] or "video/mp4"
    if kind.startswith("image/"):
        st.image(source.path.read_bytes(), caption=source.name, width="stretch")
    else:
        st.video(source.path.read_bytes(), format=kind, loop=True, autoplay=True, muted=True)
with facts:
    if clip.truth is not None:
        truth = clip.truth
        st.markdown(f"### {truth.label}")
        st.markdown(
            f"A generated clip of {clip.duration_s:.1f} s. The event lasts from "
            f"{truth.event_s[0]:.1f} to {truth.event_s[1]:.1f} s; the camera pans by "
            f"{truth.camera[0]:+.2f} frame widths to the right and {truth.camera[1]:+.2f} down; "
            f"the nuisances have strength {truth.difficulty:.2f} of 1."
        )
    else:
        st.markdown(f"### {clip.source}")
        st.markdown(
            f"{clip.video_frames} frames, {clip.duration_s:.1f} s. What happens in it is not "
            f"known to the program. Browsers play mp4 and webm; others may show no player."
        )
    for notice in clip.notices:
        st.warning(notice)

show(
    filmstrip.film_strip(clip),
    title="What the networks see",
    see="Frames of the view in order, each with its moment on the video's time axis; the orange "
    "band is the true event, where it is known.",
    says=describe_frames(clip),
    table=frame_table(clip),
    key="strip",
)
if not cards:
    st.info("Choose a network above to see what it says.")
    st.stop()
with readable(selection):
    runs = [cache.run(card.id, cache.clip(source, card.input)) for card in cards]
label = clip.truth.label if clip.truth else None
show(
    predictions.top_classes([(c, r.prediction) for c, r in zip(cards, runs, strict=True)], label),
    title="What they say",
    see="The five most probable classes of each network, all on one scale; the true class has a "
    "tick. The networks know the sixteen motions of MotionPairs and nothing else.",
    says=describe_predictions(cards, runs, label),
    table=prediction_table(cards, runs, label),
    key="top",
)
