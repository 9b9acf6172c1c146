"""What the page of importance maps asks for, and what a click on its pictures chooses."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tam_viz.analysis.adaptivity import InsideProbe, read_inside_probes
from tam_viz.analysis.importance import centred, channel_order, reach
from tam_viz.models.cards import find
from tam_viz.types import BlockTrace, Card, TAMTrace
from tam_viz.ui.figure import clicked
from tam_viz.ui.pickers import pick_order

_SCALES = ("of this block", "of all blocks", "of all that V can do")


def choose_block(key: str) -> None:
    """Takes the block whose cell was clicked."""
    name = clicked(key)
    if name is not None:
        st.session_state["block"] = name


def choose_channel(key: str) -> None:
    """Takes the channel whose cell was clicked."""
    channel = clicked(key)
    if channel is not None:
        st.session_state["channel"] = int(channel)


def choose_frame(key: str) -> None:
    """Takes the frame that was clicked."""
    frame = clicked(key)
    if frame is not None:
        st.session_state["frame"] = int(frame) + 1


def order_of(block: BlockTrace, ranked: Sequence[int]) -> Sequence[int]:
    """Asks for the order of the channels, from top to bottom.

    Args:
        block: V of the channels.
        ranked: Them in the order of their ranking.
    """
    by = pick_order()
    return ranked if by is None else channel_order(block.importance, by).tolist()


def pick_limit(trace: TAMTrace, block: BlockTrace) -> float:
    """The end of the colour scale of centred V."""
    scale = st.selectbox("Colour scale", _SCALES, key="scale", bind="query-params")
    if scale == _SCALES[0]:
        return reach(centred(block.importance))
    if scale == _SCALES[1]:
        return max(reach(centred(one.importance)) for one in trace.blocks)
    return 1.0


def probes_of(card: Card) -> tuple[InsideProbe, InsideProbe] | None:
    """The probes of the event that were fitted to a network and to it untrained, if any.

    Raises:
        UserError: Their file is damaged.
    """
    return read_inside_probes(find(card.id))
