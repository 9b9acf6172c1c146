"""Pickers of protocol, networks, block, channel, frame, order and cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import streamlit as st

from tam_viz.analysis.bench.bench_cost import Cost
from tam_viz.analysis.tam.importance import Order
from tam_viz.types import Card, InputSpec
from tam_viz.ui.state.choices import pick
from tam_viz.video.tempo import middle

_RANKED = "ranked"
_ORDERS: dict[str, str] = {
    "peak": "by peak frame",
    "variance": "by variance over time",
    "stored": "as stored",
    _RANKED: "as ranked",
}

AUTO = "auto"
"""The word for no choice of a channel in the address."""
_AUTOMATIC = "automatic"
"""The same in the picker."""

_COSTS: dict[str, str] = {"mmacs": "multiply-adds", "ms": "milliseconds"}
_ONE, PUBLISHED = "one", "published"


def whole(text: str) -> int | None:
    """A whole number of up to six digits, as an address or a finding has it; None for others."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def protocols(card: Card) -> dict[str, InputSpec]:
    """Possible inputs of a network, by key: one view, or those of its published test."""
    return {_ONE: card.input} | ({} if card.published is None else {PUBLISHED: card.published})


def pick_protocol(card: Card) -> tuple[InputSpec, int]:
    """One view, or a view of the published test, where a TANet has one."""
    specs = protocols(card)
    if len(specs) == 1:
        return card.input, 0
    if st.session_state.get("protocol") not in specs:
        st.session_state.pop("protocol", None)
    total = specs[PUBLISHED].all_views
    labels = {_ONE: "one view", PUBLISHED: f"the published test ({total} views)"}
    spec = specs[st.radio("Protocol", list(specs), format_func=labels.__getitem__, key="protocol")]
    if spec is card.input:
        return spec, 0
    _within("view", total)
    view = st.number_input(
        f"View (1 to {total})",
        min_value=1,
        max_value=total,
        value=total // 2 + 1,
        key="view",
        help="Frames, V and Θ of this view are shown. Predictions are averaged over all views.",
    )
    return spec, int(view) - 1


def _within(key: str, high: int) -> None:
    """Forgets a number that was carried over from where there are more."""
    if (st.session_state.get(key) or 0) > high:
        del st.session_state[key]


def pick_block(names: Sequence[str]) -> str:
    """A TAM block; the last but one to begin with."""
    if st.session_state.get("block") not in names:
        st.session_state.pop("block", None)  # of another network
    first = max(0, len(names) - 2)
    return st.selectbox("Block", names, index=first, key="block")


def pick_channel(channels: int) -> int | None:
    """A channel of a block; None for the one whose V differs most from that of the frozen clip."""
    _within("channel", channels - 1)
    number = st.number_input(
        f"Channel (0–{channels - 1})",
        min_value=0,
        max_value=channels - 1,
        value=None,
        placeholder=_AUTOMATIC,
        key="channel",
        help="Counted from 0, as in the weights. Leave empty to pick the channel whose V changes "
        "most against the clip frozen at its middle frame. Importance maps and Adaptive kernels "
        "rank the channels.",
    )
    return None if number is None else int(number)


def pick_frame(frames: int) -> int:
    """A frame of the view, from 0; the middle one to begin with."""
    _within("frame", frames)
    number = st.number_input(
        f"Frame (1–{frames})",
        min_value=1,
        max_value=frames,
        value=middle(frames) + 1,
        key="frame",
        help="Counted from 1, in the order of the network's input.",
    )
    return int(number) - 1


def pick_networks(cards: Sequence[Card], first: Sequence[Card]) -> list[Card]:
    """Some networks, in the order in which they are given; `first` to begin with."""
    chosen = st.multiselect(
        "Networks",
        [card.id for card in cards],
        default=[card.id for card in first],
        key="networks",
        bind="query-params",
    )
    return [card for card in cards if card.id in chosen]


def pick_order() -> Order | None:
    """The order of the channels from top to bottom; None for that of their ranking."""
    order = pick(st.selectbox, "Order of channels", _ORDERS, "order")
    return None if order == _RANKED else cast("Order", order)


def pick_cost() -> Cost:
    """Picker of the cost of a clip: arithmetic or time."""
    return cast("Cost", pick(st.radio, "Cost in", _COSTS, "cost", horizontal=True))
