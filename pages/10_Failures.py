"""Failures: a scan of a whole dataset, from the accuracy of a class to the clips that fail."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.bench.paired import describe_comparison
from tam_viz.literal import in_markdown, sentence
from tam_viz.reports.failures import accuracy_panel, names_of_two
from tam_viz.scan.explore import compare
from tam_viz.scan.locations import runs
from tam_viz.scan.manifest import MANIFEST
from tam_viz.scan.summary import scores
from tam_viz.ui.bench import failures, failures_clips, failures_filter, scans
from tam_viz.ui.figure import show
from tam_viz.ui.page import open_page, readable, user_errors_shown
from tam_viz.ui.state import cache
from tam_viz.ui.state.choices import pick

selection = open_page(
    "Failures",
    "Networks over a whole dataset: **which clips fail, what do they have in common, and which "
    "network does better on them?**",
)
with readable():
    selection.clip()  # a bad upload is told on every page
with st.expander("Start a scan"):
    scans.start_form(cache.cards()[0])
there = runs()
if not there:
    st.info("There is no scan yet. Start one above, or on the command line: `tam-viz scan`.")
    st.stop()
failures_filter.restore()
name = pick(st.selectbox, "Scan", {name: in_markdown(name) for name in there}, "run")
scans.show_status(there[name])
with user_errors_shown():
    scan = failures.opened(there[name]) if (there[name] / MANIFEST).exists() else None
    if scan is None or not scan.answered:
        st.info("Nothing is scanned yet; the first results come with the first 64 clips.")
        st.stop()
    manifest = scan.manifest
    st.markdown(sentence(f"{manifest.dataset}: {manifest.clips:,} clips, begun {manifest.begun}."))
    for warning in scores(scan).warnings:
        st.warning(sentence(warning))
    network, other = failures_filter.pick_networks(scan)
    filtered = failures_filter.pick_filter(scan, network, other)
    if other:
        comparison = compare(scan, network, other, filtered.whatever_is_answered())
        names = names_of_two(scan, network, other)
        st.markdown(sentence(describe_comparison(*names, comparison)))
    if filtered != filtered.whatever_is_answered():
        st.caption(
            "The accuracies below ignore the filter's conditions on predictions, since an accuracy "
            "over clips chosen by their predictions means nothing. The confusion matrix also "
            "ignores its condition on the true class. The list of clips obeys the whole filter."
        )
    by = failures.pick_column(scan)
    panel = accuracy_panel(scan, network, other, filtered, by)
    if panel is not None:
        show(panel, key="accuracy")
    if other:
        failures.compared(scan, network, other, filtered, by)
    failures.confusion(scan, network, filtered)
    failures_clips.clips(scan, network, filtered)
    failures_filter.keep()
