"""Clips that were found in a scan: one is opened on every page, and the next one from there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from tam_viz.scan import explore
from tam_viz.scan.filters import from_address
from tam_viz.scan.items import Item
from tam_viz.scan.locations import runs
from tam_viz.scan.opened import Scan, open_scan
from tam_viz.scan.store import Address
from tam_viz.types import Source, UserError

PREFIX = "scan "
"""How the keys of such clips begin."""

_FOUND, _LAST = "found clips", "clip found last"


@dataclass(frozen=True)
class ScannedClip:
    """A clip of a scan, and where it stands among those that a filter lets through.

    Attributes:
        run: Folder of the scan.
        where: The filter, as in an address.
        order: The column by which the clips are sorted.
        number: Of the clip among them, from 0.
        path: Of the clip in the dataset.
        label: Its class by the dataset; empty where it has none.
    """

    run: Address
    where: str
    order: str
    number: int
    path: str
    label: str

    @property
    def key(self) -> str:
        """What it is called in the picker and in the address."""
        return f"{PREFIX}{self.run.name}: {self.path}"

    def source(self, scan: Scan) -> Source:
        """The clip, ready to be read."""
        return scan.manifest.root.source(Item(self.path, self.label))


def mine() -> dict[str, Source]:
    """The clips that this visitor opened from a scan, by way of the address too."""
    opened: dict[str, Source] = st.session_state.setdefault(_FOUND, {})
    for name in ("clip", "second"):
        text = st.query_params.get(name, "")
        run, _, path = text.removeprefix(PREFIX).partition(": ")
        asked = text.startswith(PREFIX) and path and text not in opened
        if asked and run in (there := runs()):
            source = _named(there[run], path)
            if source is not None:
                opened[text] = source
    return opened


def _named(run: Path, path: str) -> Source | None:
    try:
        scan = open_scan(run)
        rows = scan.query("SELECT label FROM dataset WHERE path = ?", [path])
    except UserError:
        return None
    return None if rows.empty else scan.manifest.root.source(Item(path, str(rows["label"].iloc[0])))


def open_found(clip: ScannedClip, model: str = "") -> None:
    """Chooses a clip on every page; for a callback, before the page runs again.

    Args:
        clip: The clip.
        model: The network to look at it with; empty for the one that is chosen.
    """
    source = clip.source(open_scan(clip.run))
    st.session_state.setdefault(_FOUND, {})[clip.key] = source
    st.session_state["clip"] = clip.key
    if model:
        st.session_state["model"] = model
    st.session_state[_LAST] = clip


def show_steps() -> None:
    """The way to the clip before and after, where the chosen one was opened from a scan."""
    clip: ScannedClip | None = st.session_state.get(_LAST)
    if clip is None or st.session_state.get("clip") != clip.key:
        return
    try:
        around, total = _around(clip)
    except UserError:  # the scan was removed meanwhile
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    for label, number in (("Previous", clip.number - 1), ("Next", clip.number + 1)):
        other = around.get(number)
        row.button(label, disabled=other is None, on_click=open_found, args=(other,))
    st.caption(f"Clip {clip.number + 1:,} of {total:,} of the scan")


def _around(clip: ScannedClip) -> tuple[dict[int, ScannedClip], int]:
    """The clips before and after, by their numbers, and how many there are."""
    first = max(0, clip.number - 1)
    page, total = explore.clips(
        open_scan(clip.run), from_address(clip.where), order=clip.order, first=first, count=3
    )
    rows = enumerate(page[["path", "label"]].to_dict("records"), start=first)
    return {
        number: ScannedClip(
            clip.run, clip.where, clip.order, number, str(row["path"]), str(row["label"])
        )
        for number, row in rows
    }, total
