"""The arithmetic of long experiments: float32, or bfloat16 where the processor has it."""

from __future__ import annotations

import dataclasses

import streamlit as st

from tam_viz.panels.panel import Panel
from tam_viz.types import Card
from tam_viz.ui.edits.ask_to_wait import is_quick
from tam_viz.ui.state import cache

_KEY = "bfloat16"
_HELP = (
    "About half the waiting with a network of this size. Convolutions then round to two or three "
    "digits; V, Θ and the classifier stay in float32. Every value of an experiment is computed in "
    "the same way, so the column of pixel noise in the sweep holds the rounding too."
)
_ROUNDED = "Computed in bfloat16: a change below that by pixel noise may be rounding."
_NOT_FASTER = "bfloat16 was tried and is not faster on this machine: this was computed in float32."


def offer_bfloat16(card: Card) -> None:
    """Draws a switch to bfloat16 for a large network on a processor that has it."""
    if _worth_offering(card):
        st.toggle("Compute block-by-block experiments in bfloat16", key=_KEY, help=_HELP)


def in_bfloat16(card: Card) -> bool:
    """Whether the visitor wants what takes long with this network to be computed so."""
    return bool(st.session_state.get(_KEY)) and _worth_offering(card)


def with_precision(panel: Panel, card: Card) -> Panel:
    """The panel of an experiment, which says so if it was computed in bfloat16."""
    if not in_bfloat16(card):
        return panel
    if not cache.lowers_precision(card.id):
        return dataclasses.replace(panel, how=f"{panel.how} {_NOT_FASTER}".strip())
    return dataclasses.replace(
        panel,
        title=f"{panel.title} (bfloat16)",
        says=f"{panel.says} {_ROUNDED}",
    )


def _worth_offering(card: Card) -> bool:
    return not is_quick(card, len(card.blocks)) and cache.has_bfloat16()
