"""Importance maps: which frames does each channel of a TAM block pass on?"""

from __future__ import annotations

import streamlit as st

from tam_viz.ui.page import open_page, readable, show_notices, user_errors_shown
from tam_viz.ui.state import cache, references
from tam_viz.ui.tam.importance import (
    controls,
    show_blocks,
    show_channels,
    show_frames,
    show_two_checkpoints,
)

selection = open_page(
    "Importance maps",
    "The local branch weights every channel at every frame: **which frames does each channel "
    "pass on?** V lies between 0 (the frame is suppressed) and 1 (it passes unchanged). Three "
    "references are shown. What the clip frozen at one frame shows too is not caused by motion. "
    "What an untrained network shows too was not learned. What the mean over clips shows too is "
    "not specific to this clip.",
)
with readable():
    clip, second = selection.clip(), selection.second_clip()
show_notices(clip)
waiting = st.container()
so_far = references.so_far(selection, clip)
with user_errors_shown():
    trace = cache.trace(selection.card.id, clip)
    beside = controls(selection, clip, so_far)
    show_blocks(selection, clip, trace, beside)
    show_channels(selection, clip, second, trace, beside, so_far)
    show_frames(selection, clip, trace[selection.block])
    show_two_checkpoints(selection, clip, trace)
with waiting, user_errors_shown():
    references.join(selection, so_far, clip)
