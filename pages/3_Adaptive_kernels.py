"""Adaptive kernels: which frames does each channel of a TAM block blend?"""

from __future__ import annotations

import streamlit as st

from tam_viz.ui.page import open_page, readable, show_notices, user_errors_shown
from tam_viz.ui.state import references
from tam_viz.ui.tam.kernel_parts import all_blocks, one_block, worth
from tam_viz.ui.tam.kernels import ALL, ONE, pick_difference, pick_part, study_of

selection = open_page(
    "Adaptive kernels",
    "The global branch gives every channel a kernel made for this clip: **how much weight does it "
    "give to the previous, the current and the next frame?** For comparison: a second clip, "
    "kernels that are the same for every video, and in grey an untrained network. Whatever that "
    "shows too was not learned.",
)
with readable():
    clip, second = selection.clip(), selection.second_clip()
show_notices(clip, second)
part, waiting = pick_part(), st.container()
so_far = references.so_far(selection, clip, second)
with user_errors_shown():
    study = study_of(selection, clip, second, so_far, difference=pick_difference(second))
if part == ONE:
    one_block(selection, study, clip, second, so_far)
elif part == ALL:
    all_blocks(selection, study, clip)
else:
    worth(selection, study, clip, second)
with waiting, user_errors_shown():
    references.join(selection, so_far, clip, second)
