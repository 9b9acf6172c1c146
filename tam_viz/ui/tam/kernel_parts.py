"""The parts of the page of adaptive kernels."""

from __future__ import annotations

from functools import partial

import streamlit as st

from tam_viz.analysis.tam.ranking import kernel_apart, top
from tam_viz.analysis.tam.two_checkpoints import TwoCheckpoints
from tam_viz.panels.tam import adaptivity, kernel_lines, kernel_triangle, kernels
from tam_viz.panels.tam import two_checkpoints as two_panels
from tam_viz.panels.tam import usual as usual_panels
from tam_viz.panels.tam.kernel_study import KernelStudy
from tam_viz.types import Clip
from tam_viz.ui.figure import show
from tam_viz.ui.page import user_errors_shown
from tam_viz.ui.state.references import References
from tam_viz.ui.state.selection import Selection
from tam_viz.ui.tam.kernels import ablated, adaptation, adaptation_file, choose, not_asked, rival_of
from tam_viz.ui.tam.other_checkpoint import both_checkpoints, pick_checkpoint
from tam_viz.ui.tam.ranking import pick_ranking, show_list

_COLUMNS = 24
"""Channels side by side in the map of a block; more could not be told apart."""


def one_block(
    selection: Selection,
    study: KernelStudy,
    clip: Clip,
    second: Clip | None,
    references: References,
) -> None:
    """Every channel of the chosen block among those of the others."""
    choice = partial(choose, study.trace.names)
    with user_errors_shown():
        ranking = pick_ranking(selection, clip, second)
    show_list(study.trace[study.block], ranking, study.channel)
    alone = st.toggle("Only this block in the triangle", key="single", bind="query-params")
    show(kernel_triangle.simplex(study, alone=alone), key="simplex", on_click=choice)
    shown = ranking.shown(study.channel, _COLUMNS)
    show(kernels.block_map(study, shown, ranking.name), key="map", on_click=choice)
    usual = references.usual(study.block, study.channel, clip.label)
    if usual is not None:
        show(usual_panels.kernel(study, usual), key="usual")
    show(kernel_lines.frequencies(study, rival_of(selection)), key="frequencies")
    both = _both(selection, clip)
    if both is not None:
        first, other = both.block(study.block)
        several = len(first.kernel) > _COLUMNS
        differing = top(kernel_apart(first, other), _COLUMNS, study.channel) if several else None
        panel = two_panels.kernel_channels(both, study.block, study.channel, differing)
        show(panel, key="checkpoints-map", on_click=choice)


def _both(selection: Selection, clip: Clip) -> TwoCheckpoints | None:
    """The chosen checkpoint and another one on the clip, where one is asked for."""
    card = pick_checkpoint(selection)
    if card is None:
        return None
    with user_errors_shown():
        return both_checkpoints(selection, card, clip)
    return None


def all_blocks(selection: Selection, study: KernelStudy, clip: Clip) -> None:
    """Where the kernels of each block look."""
    show(kernels.taps(study, rival_of(selection)), key="taps")
    show(kernel_lines.depth(study), key="depth")
    both = _both(selection, clip)
    if both is not None:
        show(two_panels.kernel_blocks(both, study.block), key="checkpoints-blocks")


def worth(selection: Selection, study: KernelStudy, clip: Clip, second: Clip | None) -> None:
    """How much predictions depend on kernels that adapt."""
    st.markdown(
        "Kernels of an untrained network differ from clip to clip as well, so a difference alone "
        "says little. Here Θ is replaced by its mean over clips while the network runs: **how much "
        "does its prediction depend on kernels made for the clip?**"
    )
    with user_errors_shown():
        answer = adaptation(adaptation_file(selection.card))
    if answer is None:
        not_asked(selection.card)
    else:
        show(adaptivity.reliance(answer), key="reliance")
        show(adaptivity.readouts(answer), key="readouts")
    with user_errors_shown():
        first, other = ablated(selection, clip, second)
    names = study.trace.names
    show(
        adaptivity.on_clip(names, first, other, answer, difference=study.difference), key="ablated"
    )
