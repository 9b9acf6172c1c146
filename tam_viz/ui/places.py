"""Where the answer rests: on which channels of the chosen block, on which frame in which block."""

from __future__ import annotations

from functools import partial

import streamlit as st

from tam_viz.panels import places as panels
from tam_viz.types import Clip
from tam_viz.ui import cache, effects
from tam_viz.ui.figure import clicked, show
from tam_viz.ui.selection import Selection


def show_places(selection: Selection, clip: Clip, found: effects.Effect) -> None:
    """Draws both pictures, each once it is asked for where it takes long.

    Args:
        selection: What the visitor is looking at.
        clip: As it is.
        found: What the chosen edits do; the class that it speaks of is spoken of here too.
    """
    channels = effects.channels(selection, clip)
    if channels is not None:
        chosen, over = selection.channel_of(selection.clip()), _over(selection)
        panel = panels.channels(channels, found.subject, chosen, over)
        show(panel, key="channel-effects", on_click=partial(_choose_channel, selection.block))
    frames = effects.frames(selection, clip)
    if frames is not None:
        show(panels.frames(frames, found.subject, _over(selection)), key="frame-effects")


def _over(selection: Selection) -> str:
    return cache.mean_trace(selection.card.id, selection.basis).over


def _choose_channel(block: str, key: str) -> None:
    """Takes the channel whose bar was clicked."""
    channel = clicked(key)
    if channel is not None:
        st.session_state["block"], st.session_state["channel"] = block, int(channel)
