"""Adaptive kernels: which frames does each channel of a TAM block blend?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from tam_viz.panels import adaptivity, kernel_lines, kernels
from tam_viz.panels.kernels import View
from tam_viz.types import Clip
from tam_viz.ui import references
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.kernels import (
    ALL,
    ONE,
    adaptation_of,
    choose,
    held,
    not_asked,
    pick_difference,
    pick_part,
    rival_of,
    view_of,
)
from tam_viz.ui.selection import Selection


def one_block(selection: Selection, view: View) -> None:
    """Every channel of the chosen block among those of the others."""
    alone = st.toggle("Only this block in the triangle", key="single", bind="query-params")
    pick = partial(choose, view.trace.names)
    show(kernels.simplex(view, alone=alone), key="simplex", on_click=pick)
    show(kernels.block_map(view), key="map", on_click=pick)
    show(kernel_lines.frequencies(view, rival_of(selection)), key="frequencies")


def all_blocks(selection: Selection, view: View) -> None:
    """Where the kernels of each block look."""
    show(kernels.taps(view, rival_of(selection)), key="taps")
    show(kernel_lines.depth(view), key="depth")


def worth(selection: Selection, view: View, clip: Clip, second: Clip | None) -> None:
    """How much predictions depend on kernels that adapt."""
    st.markdown(
        "Kernels of an untrained network differ from clip to clip as well, so a difference alone "
        "says little. Here Θ is replaced by its mean over clips while the network runs: **how much "
        "does its prediction depend on kernels made for the clip?**"
    )
    with told():
        answer = adaptation_of(selection.card)
    if answer is None:
        not_asked(selection.card)
    else:
        show(adaptivity.reliance(answer), key="reliance")
        show(adaptivity.readouts(answer), key="readouts")
    with told():
        first, other = held(selection, clip, second)
    names = view.trace.names
    show(adaptivity.on_clip(names, first, other, answer, difference=view.difference), key="held")


selection = open_page(
    "Adaptive kernels",
    "The global branch gives every channel a kernel made for this clip: **how much weight does it "
    "give to the previous, the current and the next frame?** For comparison there are a second "
    "clip, kernels that are the same for every video, and in grey an untrained network: what that "
    "shows as well was not learned.",
)
with readable():
    clip, second = selection.clip(), selection.second_clip()
show_notices(clip, second)
part, waiting = pick_part(), st.container()
there = references.found(selection, clip, second)
with told():
    view = view_of(selection, clip, second, there, difference=pick_difference(second))
if part == ONE:
    one_block(selection, view)
elif part == ALL:
    all_blocks(selection, view)
else:
    worth(selection, view, clip, second)
with waiting, told():
    references.join(selection, there, clip, second)
