"""The origin of the prediction: before TAM, by channel, by frame and block."""

from __future__ import annotations

from functools import partial

import streamlit as st

from tam_viz.panels.edits import dependence as panels
from tam_viz.panels.edits.patching import patching
from tam_viz.types import Clip
from tam_viz.ui.edits import by_block, intervention
from tam_viz.ui.edits.precision import with_precision
from tam_viz.ui.figure import clicked, show
from tam_viz.ui.state import cache
from tam_viz.ui.state.choices import pick
from tam_viz.ui.state.selection import Selection

_NOTHING, _BEFORE, _CHANNELS, _FRAMES = "nothing", "before", "channels", "frames"
_PARTS = {
    _NOTHING: "nothing more",
    _BEFORE: "is the evidence missing before TAM?",
    _CHANNELS: "which channels of the block?",
    _FRAMES: "which frame in which block?",
}


def show_further(
    selection: Selection, clip: Clip, second: Clip | None, effect: intervention.Effect
) -> None:
    """One more picture of where the answer comes from, chosen by the visitor.

    Args:
        selection: What the visitor is looking at.
        clip: As it is.
        second: The clip beside it, the donor.
        effect: What the chosen edits do; the class that it speaks of is spoken of here too.
    """
    parts = dict(_PARTS)
    if second is None:
        del parts[_BEFORE]  # nothing can be taken from a second clip
    part = pick(st.segmented_control, "Look further", parts, "further")
    if part == _BEFORE and second is not None:
        _show_patches(selection, clip, second, effect)
    elif part == _CHANNELS:
        _show_channels(selection, clip, effect)
    elif part == _FRAMES:
        frames = by_block.frames(selection, clip)
        if frames is not None:
            panel = panels.frames(frames, effect.subject, _over(selection))
            show(with_precision(panel, selection.card), key="frame-effects")


def _show_patches(
    selection: Selection, clip: Clip, second: Clip, effect: intervention.Effect
) -> None:
    patched = by_block.patched(selection, clip, second, effect)
    if patched is not None:
        from_second, null, names = patched
        panel = patching(from_second, null, effect.subject, names)
        show(with_precision(panel, selection.card), key="patching")


def _show_channels(selection: Selection, clip: Clip, effect: intervention.Effect) -> None:
    channels = by_block.channels(selection, clip)
    if channels is not None:
        chosen, over = selection.channel_of(selection.clip()), _over(selection)
        panel = panels.channels(channels, effect.subject, chosen, over)
        panel = with_precision(panel, selection.card)
        show(panel, key="channel-effects", on_click=partial(_choose_channel, selection.block))


def _over(selection: Selection) -> str:
    return cache.mean_trace(selection.card.id, selection.basis).over


def _choose_channel(block: str, key: str) -> None:
    """Takes the channel whose bar was clicked."""
    channel = clicked(key)
    if channel is not None:
        st.session_state["block"], st.session_state["channel"] = block, int(channel)
