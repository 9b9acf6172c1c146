"""Compare models: what TANet and its rivals do with time, on one clip and on the test clips."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.bench.bench import describe_bench
from tam_viz.literal import sentence
from tam_viz.panels.bench import bench as panels
from tam_viz.ui.bench import compare, compare_testset, influence
from tam_viz.ui.clip.failure_trail import lead_on
from tam_viz.ui.figure import show
from tam_viz.ui.page import open_page, readable, show_notices, user_errors_shown
from tam_viz.ui.pickers import pick_cost
from tam_viz.ui.state import cache
from tam_viz.ui.state.deferred import Later
from tam_viz.ui.state.references import say_fitted
from tam_viz.ui.state.selection import Selection


def this_clip(selection: Selection) -> None:
    """Predictions of each network for the chosen clip, and how they come about."""
    show_notices(selection.clip())
    waiting, later = st.container(), Later()
    with user_errors_shown():
        lead_on(selection)
        able = compare.answering(selection)
        cards = [card for card in compare.pick_networks(selection) if card in able]
        show(compare.answers_here(selection, able), key="answers")
        show(compare.operators(selection, cards, later), key="operators")
        say_fitted(selection)
        panel = influence.influence(selection, cards, later)
    if panel is not None:
        show(panel, key="influence")
    with waiting, user_errors_shown():
        later.join()


def test_clips(selection: Selection) -> None:
    """Every network on the same test clips."""
    with user_errors_shown():
        bench = cache.results(cache.bench_file())
        answers = compare_testset.stored_answers(compare_testset.answers_file())
    if bench is None:
        st.info("No results yet: `tam-viz evaluate all` writes them.")
        st.stop()
    st.markdown(sentence(describe_bench(bench)))
    compare_testset.tell_if_not_measured(bench, selection)
    show(panels.accuracy(bench), key="accuracy")
    compare_testset.show_reported(bench, selection)
    show(panels.pairs(bench), key="pairs")
    show(panels.hardness(bench), key="hardness")
    if bench.budgets:
        show(panels.budgets(bench), key="budgets")
    show(panels.cost(bench, pick_cost()), key="price")
    if answers is None:
        st.info("No predictions for single clips yet: `tam-viz evaluate all` writes them.")
        st.stop()
    compare_testset.warn_of_other_weights(answers, selection)
    show(compare_testset.agreement(answers, bench), key="agreement")
    pair = compare_testset.pick_pair(bench, answers, selection)
    if pair is not None:
        show(compare_testset.gains(answers, bench, pair), key="gains")
        clips = compare_testset.clips(answers, pair)
        show(clips, key="clips", on_click=compare_testset.choose)
        compare_testset.show_clips(clips.table, pair, selection.card.input)


selection = open_page(
    "Compare models",
    "Temporal modules side by side: **what does each do with this clip, and which is more "
    "accurate?**",
)
with readable():
    selection.clip()  # a bad upload is told on every page
scope = compare.pick_scope()
if scope == compare.THIS:
    this_clip(selection)
else:
    test_clips(selection)
