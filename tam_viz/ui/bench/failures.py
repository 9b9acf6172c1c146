"""What is picked on the page of failures, and the clips that are found."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from tam_viz.analysis.bench.confusion import describe_confusion
from tam_viz.literal import in_markdown, sentence
from tam_viz.panels.bench import failures as panels
from tam_viz.panels.panel import Panel
from tam_viz.plots.bench import failures as plots
from tam_viz.scan import explore
from tam_viz.scan.filters import Answered, Filter, from_address, save, saved
from tam_viz.scan.folder import read_manifest
from tam_viz.scan.opened import Scan, contents, open_scan
from tam_viz.types import UserError
from tam_viz.ui.bench.clip_list import Found, open_found
from tam_viz.ui.state import cache

_NONE = "none"
_ANSWERS: dict[Answered, str] = {"": "right or wrong", "right": "right", "wrong": "wrong"}
_ROWS, _PICTURES = 50, 12
_STRIP_PX = 64


def pick_networks(scan: Scan) -> tuple[str, str]:
    """The network whose failures are looked at, and the one it is compared with, or nothing."""
    names = list(scan.networks)
    left, right = st.columns(2)
    network = left.selectbox(
        "Network", names, key="network", bind="query-params", format_func=in_markdown
    )
    others = [_NONE, *(name for name in names if name != network)]
    other = right.selectbox(
        "Compare with",
        others,
        key="rival_network",
        bind="query-params",
        format_func=in_markdown,
        help="Another network, another checkpoint, or another protocol of the same one.",
    )
    return network, "" if other == _NONE else other


def pick_filter(scan: Scan, network: str, other: str) -> Filter:
    """Which clips to look at; stands in the address, and can be saved with the scan."""
    _take_address()
    labels, classes = list(scan.manifest.labels), list(scan.networks[network].classes)
    with st.container(border=True):
        _pick_saved(scan)
        one, two, three = st.columns(3)
        true = one.multiselect("True class", labels, key="f_true", format_func=in_markdown)
        predicted = two.multiselect(
            "Predicted class", classes, key="f_predicted", format_func=in_markdown
        )
        text = three.text_input("Path holds", key="f_text", max_chars=200)
        four, five, six = st.columns(3)
        with four:
            answer = _pick_answer(network, "f_answer")
        with five:
            other_answer = _pick_answer(other, "f_other_answer") if other else ""
        six.slider("Confidence", 0.0, 1.0, key="f_sure", step=0.05)
        sure: tuple[float, float] = st.session_state["f_sure"]
        seven, eight = st.columns(2)
        disagreement = seven.slider(
            "Disagreement at least",
            0.0,
            1.0,
            key="f_disagreement",
            step=0.05,
            help="Probability of the predicted class less that of the true one: sure and wrong.",
        )
        unreadable = eight.toggle("Only clips that could not be read", key="f_unreadable")
        filtered = Filter(
            network=network,
            answer=answer,
            true=tuple(true),
            predicted=tuple(predicted),
            sure=sure,
            disagreement=disagreement,
            other=other,
            other_answer=other_answer,
            text=text,
            unreadable=unreadable,
        )
        _save_form(scan, filtered)
    address = filtered.in_address()
    if st.query_params.get("where", "") != address:
        st.query_params["where"] = address
    return filtered


def _pick_answer(network: str, key: str) -> Answered:
    options: list[Answered] = list(_ANSWERS)
    picked = st.segmented_control(
        f"{in_markdown(network)} is", options, format_func=lambda name: _ANSWERS[name], key=key
    )
    return picked or ""


def _take_address() -> None:
    """Sets the controls to what the address says, once a visit; else to nothing."""
    if "f_sure" in st.session_state:
        return
    _set(from_address(st.query_params.get("where", "")))


def _set(filtered: Filter) -> None:
    state = st.session_state
    state["f_true"], state["f_predicted"] = list(filtered.true), list(filtered.predicted)
    state["f_text"], state["f_unreadable"] = filtered.text, filtered.unreadable
    state["f_answer"], state["f_other_answer"] = filtered.answer, filtered.other_answer
    state["f_sure"], state["f_disagreement"] = filtered.sure, filtered.disagreement
    state["first row"] = 0


def _pick_saved(scan: Scan) -> None:
    kept = {one.name: one for one in saved(scan)}
    buttons = st.container(horizontal=True)
    for name, one in kept.items():
        buttons.button(in_markdown(name), key=f"saved-{name}", on_click=_set, args=(one,))
    buttons.button("Clear the filter", on_click=_set, args=(Filter(),))


def _save_form(scan: Scan, filtered: Filter) -> None:
    with st.popover("Save this filter"):
        name = st.text_input("Name", key="filter name", max_chars=60)
        if st.button("Save", disabled=not name.strip()):
            try:
                save(scan, dataclasses.replace(filtered, name=name.strip()))
            except UserError as error:
                st.error(str(error))
            else:
                st.rerun()


def accuracy(scan: Scan, network: str, other: str, filtered: Filter) -> Panel | None:
    """Accuracy by a column of the table, which is picked; None where no clip is let through."""
    names = ["label", *explore.columns(scan)]
    by = st.selectbox("Accuracy by", names, key="by", bind="query-params", format_func=in_markdown)
    everything = dataclasses.replace(filtered, answer="", other_answer="", predicted=())
    shown = [name for name in (network, other) if name]
    tables = {name: explore.accuracy(scan, name, everything, by) for name in shown}
    if tables[network].empty:
        return None
    return panels.accuracy(tables, by)


def confusion(scan: Scan, network: str, filtered: Filter) -> None:
    """The confusion matrix; a click on a cell chooses its clips."""
    everything = dataclasses.replace(filtered, answer="", predicted=())
    found = explore.confusion(scan, network, everything)
    if not found.classes:
        return
    said = describe_confusion(found)
    st.subheader("Which class is taken for which")
    st.caption(
        "Rows are true classes, columns predictions; the darker a cell, the larger its share of "
        "the row. Classes taken for each other are neighbours. Click a cell to see its clips."
    )
    order = plots.cell_order(found)

    def choose() -> None:
        picked = st.session_state["confusion"]["selection"]["selected"]
        if picked and picked[0]["data_indices"]:
            row, column = order[picked[0]["data_indices"][0]]
            names = (found.classes[row], found.classes[column])
            if "other" not in names:
                st.session_state["f_true"], st.session_state["f_predicted"] = (
                    [
                        label
                        for label in scan.manifest.labels
                        if _is(scan, network, label, names[0])
                    ],
                    [names[1]],
                )
                st.session_state["first row"] = 0

    st.echarts_chart(
        plots.confusion(found),
        height=plots.confusion_height(found),
        key="confusion",
        on_select=choose,
        alt=f"Confusion matrix of {network}. {said}",
    )
    st.markdown(sentence(said))
    with st.expander("The numbers"):
        table = pd.DataFrame(found.counts, index=list(found.classes), columns=list(found.classes))
        st.dataframe(table)


def _is(scan: Scan, network: str, label: str, name: str) -> bool:
    """Whether a label of the dataset is this class of the network."""
    known = scan.networks[network]
    number = known.numbers.get(label, -1)
    return number >= 0 and known.classes[number] == name


def clips(scan: Scan, network: str, filtered: Filter) -> None:
    """The clips that the filter lets through: a table and pictures, a page at a time."""
    st.subheader("The clips")
    columns = {
        f"-{network}.disagreement": "sure and wrong first",
        f"{network}.log_odds": "lowest log-odds of the true class first",
        f"{network}.probability": "least confident first",
        "path": "by path",
    }
    order = st.selectbox(
        "Order", list(columns), format_func=lambda name: columns[name], key="clip order"
    )
    first = min(int(st.session_state.get("first row", 0)), 10**9)
    page, total = explore.clips(scan, filtered, order=order, first=first, count=_ROWS)
    if not total:
        st.info("No clip is let through by this filter.")
        return
    _turn(first, total)
    st.dataframe(page, hide_index=True)
    _gallery(scan, network, filtered, order, page, first)


def _turn(first: int, total: int) -> None:
    def go(to: int) -> None:
        st.session_state["first row"] = to

    last = min(first + _ROWS, total)
    row = st.container(horizontal=True, vertical_alignment="center")
    row.button("Earlier", on_click=go, args=(max(0, first - _ROWS),), disabled=first == 0)
    row.button("Later", on_click=go, args=(first + _ROWS,), disabled=last >= total)
    row.markdown(f"{first + 1:,} to {last:,} of {total:,} clips")


def _gallery(
    scan: Scan, network: str, filtered: Filter, order: str, page: pd.DataFrame, first: int
) -> None:
    """The frames that the network was given, and what opens the clip on every page."""
    spec = scan.networks[network].spec
    columns = st.columns(3)
    for n, row in enumerate(page.head(_PICTURES).to_dict("records")):
        where = filtered.in_address()
        found = Found(scan.folder, where, order, first + n, str(row["path"]), str(row["label"]))
        with columns[n % 3].container(border=True):
            try:
                frames = cache.clip(found.source(scan), spec).frames
            except UserError as error:
                st.caption(sentence(str(error)))
            else:
                step = max(1, frames.shape[1] // _STRIP_PX)
                strip = np.concatenate(list(frames[:, ::step, ::step]), axis=1)
                st.image(strip, width="stretch", alt=f"Frames of {row['path']}")
            st.caption(_answer(row, network))
            st.button(
                "Open this clip",
                key=f"open-{n}",
                on_click=open_found,
                args=(found,),
                help=row["path"],
            )


def _answer(row: Mapping[Hashable, Any], network: str) -> str:
    true, predicted = row["label"] or "no label", row.get(f"{network}.predicted")
    if not isinstance(predicted, str):
        return in_markdown(f"{true}: not scanned")
    probability = row[f"{network}.probability"]
    return in_markdown(f"True class: {true}; predicted: {predicted} ({probability:.2f})")


@st.cache_resource(show_spinner="Opening the scan…", max_entries=8)
def _opened(run: Path, shards: str) -> Scan:  # noqa: ARG001  # part of the key
    return open_scan(run)


def opened(run: Path) -> Scan:
    """A scan, opened anew when shards came.

    Raises:
        UserError: The folder holds none.
    """
    return _opened(run, contents(run, read_manifest(run)))
