"""The clips that a filter lets through: a table, and the frames that a network saw."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from tam_viz.literal import in_markdown, sentence
from tam_viz.scan import explore
from tam_viz.scan.filters import Filter
from tam_viz.scan.network import Network
from tam_viz.scan.opened import Scan
from tam_viz.types import UserError
from tam_viz.ui.bench.clip_list import ScannedClip, open_found
from tam_viz.ui.state import cache

_ROWS, _PICTURES, _ACROSS = 50, 12, 3
_STRIP_PX = 64


def clips(scan: Scan, network: str, filtered: Filter) -> None:
    """The clips that the filter lets through: a table and pictures, a page at a time."""
    st.subheader("The clips")
    columns = {
        f"-{network}.disagreement": "most confident mistakes first",
        f"{network}.log_odds": "lowest log-odds of the true class first",
        f"{network}.probability": "least confident first",
        "path": "by path",
    }
    if st.session_state.get("clip order") not in columns:  # of another network
        st.session_state.pop("clip order", None)
    order = st.selectbox(
        "Order", list(columns), format_func=lambda name: columns[name], key="clip order"
    )
    first = min(int(st.session_state.get("first row", 0)), 10**9)
    page, total = explore.clips(scan, filtered, order=order, first=first, count=_ROWS)
    if not total:
        st.info("No clip is let through by this filter.")
        return
    if page.empty:  # the filter lets fewer through than before
        st.session_state["first row"] = first = 0
        page, _ = explore.clips(scan, filtered, order=order, count=_ROWS)
    _turn(first, total)
    st.dataframe(page, hide_index=True, column_order=_first(page, network))
    pages = -(-len(page) // _PICTURES)
    shown = st.pagination(pages, key=f"pictures-{first}") if pages > 1 else 1
    start = (shown - 1) * _PICTURES
    pictured = [
        ScannedClip(scan.folder, filtered.in_address(), order, first + n, str(path), str(label))
        for n, (path, label) in enumerate(zip(page["path"], page["label"], strict=True))
    ]
    rows = page.to_dict("records")
    _gallery(scan, network, pictured[start : start + _PICTURES], rows[start : start + _PICTURES])


def _first(page: pd.DataFrame, network: str) -> list[str]:
    """The columns of the table, the answers of a network before the others."""
    first = ["path", "label", f"{network}.predicted", f"{network}.probability", "error"]
    return [*first, *(column for column in page.columns if column not in first)]


def _turn(first: int, total: int) -> None:
    def go(to: int) -> None:
        st.session_state["first row"] = to

    last = min(first + _ROWS, total)
    row = st.container(horizontal=True, vertical_alignment="center")
    row.button("Previous page", on_click=go, args=(max(0, first - _ROWS),), disabled=first == 0)
    row.button("Next page", on_click=go, args=(first + _ROWS,), disabled=last >= total)
    row.markdown(f"{first + 1:,} to {last:,} of {total:,} clips")


def _gallery(
    scan: Scan,
    network: str,
    pictured: Sequence[ScannedClip],
    rows: Sequence[Mapping[Hashable, Any]],
) -> None:
    """The frames that the network was given, and what opens the clip on every page."""
    used = scan.networks[network]
    for n, (clip, row) in enumerate(zip(pictured, rows, strict=True)):
        if n % _ACROSS == 0:  # row by row, so that a phone keeps their order
            columns = st.columns(_ACROSS)
        with columns[n % _ACROSS].container(border=True):
            _frames(clip, scan, used)
            st.caption(_answer(row, network))
            st.button(
                "Open this clip",
                key=f"open-{n}",
                on_click=open_found,
                args=(clip, used.id if used.tam else ""),
                help=clip.path,
            )


def _frames(clip: ScannedClip, scan: Scan, used: Network) -> None:
    """One row of the frames of the first view, or why there are none."""
    try:
        frames = cache.clip(clip.source(scan), used.spec, 0).frames
    except UserError as error:
        st.caption(sentence(str(error)))
        return
    step = max(1, frames.shape[1] // _STRIP_PX)
    strip = np.concatenate(list(frames[:, ::step, ::step]), axis=1)
    st.image(strip, width="stretch", alt=f"Frames of {clip.path}")


def _answer(row: Mapping[Hashable, Any], network: str) -> str:
    true, predicted = row["label"] or "no label", row.get(f"{network}.predicted")
    if not isinstance(predicted, str):
        return in_markdown(f"{true}: not scanned")
    probability = row[f"{network}.probability"]
    return in_markdown(f"True class: {true}; predicted: {predicted} ({probability:.2f})")
