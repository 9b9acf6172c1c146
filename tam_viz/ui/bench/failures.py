"""What the page of failures shows of a scan: accuracies, changes, confusions."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import streamlit as st

from tam_viz.analysis.bench.confusion import describe_confusion
from tam_viz.literal import in_markdown, sentence
from tam_viz.plots.bench import failures as plots
from tam_viz.reports.failures import changes_panel
from tam_viz.scan import explore
from tam_viz.scan.compact import contents
from tam_viz.scan.filters import Filter
from tam_viz.scan.manifest import read_manifest
from tam_viz.scan.opened import Scan, open_scan
from tam_viz.ui.bench.failures_filter import choose
from tam_viz.ui.figure import show
from tam_viz.ui.state.choices import pick


@st.cache_resource(show_spinner="Opening the scan…", max_entries=8)
def _opened(run: Path, shards: str) -> Scan:  # noqa: ARG001  # part of the key
    return open_scan(run)


def opened(run: Path) -> Scan:
    """A scan, opened anew when shards came.

    Raises:
        UserError: The folder holds none.
    """
    return _opened(run, contents(run, read_manifest(run)))


def pick_column(scan: Scan) -> str:
    """The column by whose values accuracy is shown."""
    names = ["label", *explore.columns(scan)]
    return pick(st.selectbox, "Accuracy by", {name: in_markdown(name) for name in names}, "by")


def compared(scan: Scan, network: str, other: str, filtered: Filter, by: str) -> None:
    """What changes from one network or protocol to another, and the clips that flip."""
    panel = changes_panel(scan, network, other, filtered, by)
    if panel is None:
        return
    show(panel, key="changes")
    row = st.container(horizontal=True)
    for key, answers, label in (
        ("fixed", ("wrong", "right"), "The clips that become right"),
        ("broken", ("right", "wrong"), "The clips that become wrong"),
    ):
        row.button(
            label,
            key=f"flips-{key}",
            on_click=choose,
            args=({"answer": answers[0], "other_answer": answers[1]},),
        )


def confusion(scan: Scan, network: str, filtered: Filter) -> None:
    """The confusion matrix; a click on a cell chooses its clips."""
    every_class = dataclasses.replace(filtered.whatever_is_answered(), true=())
    matrix = explore.confusion(scan, network, every_class)
    if not matrix.classes:
        return
    words = describe_confusion(matrix)
    st.subheader("Which classes are confused")
    st.caption(
        "Rows are true classes, columns predictions; the stronger the colour of a cell, the "
        "larger its share of the row. Classes that are often confused stand next to each other. "
        "Click a cell to see its clips."
    )
    order = plots.cell_order(matrix)

    def pick_cell() -> None:
        picked = st.session_state["confusion"]["selection"]["selected"]
        if picked and picked[0]["data_indices"]:
            row, column = order[picked[0]["data_indices"][0]]
            true, predicted = matrix.classes[row], matrix.classes[column]
            last = len(matrix.classes) - 1 if matrix.together else -1  # several classes in one
            if last not in (row, column):
                labels = [
                    label for label in scan.manifest.labels if _is(scan, network, label, true)
                ]
                choose({"true": labels, "predicted": [predicted]})

    st.echarts_chart(
        plots.confusion(matrix),
        height=plots.confusion_height(matrix),
        key="confusion",
        on_select=pick_cell,
        alt=f"Confusion matrix of {network}. {words}",
    )
    st.markdown(sentence(words))
    with st.expander("Data and downloads"):
        names = list(matrix.classes)
        st.dataframe(pd.DataFrame(matrix.counts, index=names, columns=names))


def _is(scan: Scan, network: str, label: str, name: str) -> bool:
    """Whether a label of the dataset is this class of the network."""
    known = scan.networks[network]
    number = known.numbers.get(label, -1)
    return number >= 0 and known.classes[number] == name
