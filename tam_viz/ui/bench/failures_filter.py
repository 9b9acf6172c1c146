"""Which networks, and which clips, the page of failures looks at."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from tam_viz.literal import in_markdown
from tam_viz.reports.failures import name_of
from tam_viz.scan.filters import Answered, Filter, from_address, save, saved
from tam_viz.scan.locations import runs
from tam_viz.scan.opened import Scan, open_scan
from tam_viz.types import UserError
from tam_viz.ui.state.choices import pick

_NONE, _LEFT = "none", "failures when left"
_FILTER = ("true", "predicted", "text", "unreadable", "answer", "other_answer", "sure")
_CONTROLS = (
    *("run", "network", "rival_network", "by", "clip order", "first row"),
    *(f"f_{name}" for name in (*_FILTER, "disagreement")),
)
_ANSWERS: dict[Answered, str] = {"": "right or wrong", "right": "right", "wrong": "wrong"}


def restore() -> None:
    """Sets the controls as they were when the page was left, unless the address says otherwise."""
    kept: dict[str, object] = st.session_state.get(_LEFT, {})
    for name, value in kept.items():
        address = "where" if name.startswith("f_") or name == "first row" else name
        if name not in st.session_state and address not in st.query_params:
            st.session_state[name] = value


def keep() -> None:
    """Remembers the controls, which Streamlit forgets when their page is left."""
    state = st.session_state
    state[_LEFT] = {name: state[name] for name in _CONTROLS if name in state}


def pick_networks(scan: Scan) -> tuple[str, str]:
    """The network whose failures are looked at, and the one it is compared with, or nothing.

    Other protocols of the network come first among those to compare with.
    """
    names = {key: in_markdown(name_of(scan, key)) for key in scan.answered}
    left, right = st.columns(2)
    network = pick(left.selectbox, "Network", names, "network")
    same = scan.networks[network].id
    rest = sorted(
        (key for key in names if key != network), key=lambda key: scan.networks[key].id != same
    )
    other = pick(
        right.selectbox,
        "Compare with",
        {_NONE: _NONE} | {key: names[key] for key in rest},
        "rival_network",
        help="Another network, another checkpoint, or another protocol of the same one.",
    )
    return network, "" if other == _NONE else other


def pick_filter(scan: Scan, network: str, other: str) -> Filter:
    """Which clips to look at; stands in the address, and can be saved with the scan."""
    _take_address()
    labels, classes = list(scan.manifest.labels), list(scan.networks[network].classes)
    for key, there in (("f_true", labels), ("f_predicted", classes)):  # another scan has others
        st.session_state[key] = [name for name in st.session_state[key] if name in there]
    with st.container(border=True):
        _pick_saved(scan)
        left, middle, right = st.columns(3)
        true = left.multiselect("True class", labels, key="f_true", format_func=in_markdown)
        predicted = middle.multiselect(
            "Predicted class", classes, key="f_predicted", format_func=in_markdown
        )
        text = right.text_input("Path contains", key="f_text", max_chars=200)
        left, middle, right = st.columns(3)
        with left:
            answer = _pick_answer(name_of(scan, network), "f_answer")
        with middle:
            name = name_of(scan, other)
            other_answer = _pick_answer(name, "f_other_answer") if other else ""
        right.slider("Confidence", 0.0, 1.0, key="f_sure", step=0.05)
        sure: tuple[float, float] = st.session_state["f_sure"]
        left, right = st.columns(2)
        disagreement = left.slider(
            "Minimum disagreement",
            0.0,
            1.0,
            key="f_disagreement",
            step=0.05,
            help="Probability of the predicted class minus that of the true class. High values are "
            "confident mistakes.",
        )
        unreadable = right.toggle("Only clips that could not be read", key="f_unreadable")
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


def _take(filtered: Filter) -> None:
    """Sets the controls to a saved filter, its networks too; for a callback."""
    if filtered.network:
        st.session_state["network"] = filtered.network
        st.session_state["rival_network"] = filtered.other or _NONE
    _set(filtered)


def _set(filtered: Filter) -> None:
    state = st.session_state
    state["f_true"], state["f_predicted"] = list(filtered.true), list(filtered.predicted)
    state["f_text"], state["f_unreadable"] = filtered.text, filtered.unreadable
    state["f_answer"], state["f_other_answer"] = filtered.answer, filtered.other_answer
    state["f_sure"], state["f_disagreement"] = filtered.sure, filtered.disagreement
    state["first row"] = 0


def _pick_saved(scan: Scan) -> None:
    buttons = st.container(horizontal=True)
    for filtered in saved(scan):
        label = in_markdown(filtered.name)
        buttons.button(label, key=f"saved-{filtered.name}", on_click=_take, args=(filtered,))
    buttons.button("Clear the filter", on_click=_set, args=(Filter(),))
    elsewhere = [
        (name, filtered)
        for name, folder in runs().items()
        if folder != scan.folder
        for filtered in _saved_with(folder)
    ]
    if not elsewhere:
        return
    with buttons.popover("Filters of other scans"):
        for name, filtered in elsewhere:
            label = in_markdown(f"{filtered.name} ({name})")
            st.button(label, key=f"saved-{name}-{filtered.name}", on_click=_take, args=(filtered,))


def _saved_with(folder: Path) -> tuple[Filter, ...]:
    """The filters of another scan; none if it cannot be read."""
    try:
        return saved(open_scan(folder))
    except UserError:
        return ()


def choose(values: Mapping[str, object]) -> None:
    """Sets some controls of the filter, by their names; for a callback."""
    for name, value in values.items():
        st.session_state[f"f_{name}"] = value
    st.session_state["first row"] = 0


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
