"""The bench: every temporal module in the same network, trained and measured alike."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.bench import describe_bench
from tam_viz.panels import bench as panels
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, told
from tam_viz.ui.pickers import pick_cost

selection = open_page(
    "The bench", "Eighteen ways to look at time, trained alike: **which one sees what?**"
)
with readable():
    cache.clip(selection.source, selection.card.input)  # a bad upload is told on every page
with told():
    bench = cache.results()
if bench is None:
    st.info("No results yet: `tam-viz evaluate all` writes them.")
    st.stop()

st.markdown(describe_bench(bench))
show(panels.accuracy(bench), key="accuracy")
show(panels.pairs(bench), key="pairs")
show(panels.hardness(bench), key="hardness")
show(panels.cost(bench, pick_cost()), key="price")
