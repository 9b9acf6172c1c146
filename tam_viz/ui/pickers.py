"""The pickers of block, channel, order and cost; what is picked lives in the address."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.bench import Cost
from tam_viz.analysis.importance import Order
from tam_viz.types import TAMTrace

_ORDERS: dict[str, Order] = {
    "by peak frame": "peak",
    "by variance": "variance",
    "as stored": "stored",
}

_COSTS: dict[str, Cost] = {"multiply-adds": "mmacs", "milliseconds": "ms"}


def pick_block(trace: TAMTrace) -> str:
    """A TAM block; the last but one to begin with."""
    first = max(0, len(trace.names) - 2)
    return st.selectbox("Block", trace.names, index=first, key="block", bind="query-params")


def pick_channel(channels: int, default: int) -> int:
    """A channel of a block; `default` is the channel that varies most."""
    asked = st.number_input(
        f"Channel (0 to {channels - 1}; empty: the one that varies most)",
        min_value=0,
        max_value=channels - 1,
        value=None,
        placeholder=str(default),
        key="channel",
        bind="query-params",
    )
    return default if asked is None else int(asked)


def pick_order() -> Order:
    """The order of the channels."""
    return _ORDERS[
        st.selectbox("Order of channels", list(_ORDERS), key="order", bind="query-params")
    ]


def pick_cost() -> Cost:
    """What a clip costs: arithmetic or time."""
    return _COSTS[
        st.radio("Cost in", list(_COSTS), horizontal=True, key="cost", bind="query-params")
    ]
