"""Intervene: what becomes of the answer when V, Θ, x or the clip's timing is changed?"""

from __future__ import annotations

import streamlit as st

from tam_viz.panels.edits import sweep as sweep_panels
from tam_viz.ui.clip import donors
from tam_viz.ui.edits import by_block, clip_timing, dependence, intervention, sweeps
from tam_viz.ui.edits.edit_controls import ask, choose_block
from tam_viz.ui.edits.precision import offer_bfloat16, with_precision
from tam_viz.ui.edits.scores import show_scores
from tam_viz.ui.figure import show
from tam_viz.ui.page import open_page, readable, show_notices, user_errors_shown
from tam_viz.ui.state import cache
from tam_viz.ui.state.deferred import Later

selection = open_page(
    "Intervene",
    "Change what TAM decides and **see what depends on it**: edit V, Θ or the input x, in some "
    "blocks or in all, or change the clip's timing.",
)
with readable():
    clip = selection.clip()
    second = selection.second_clip()
donors.show_donors(selection)
later = Later()
with user_errors_shown():
    trace = cache.trace(selection.card.id, clip)
    change = ask(selection, trace, second)
    intervention.offer_off(selection, clip)
    edits = intervention.without_mean(selection, change, later)
    effect = intervention.effect(selection, clip, second, edits, later)

show_notices(clip, second)
waiting = st.container()
show_scores(effect)
show(intervention.answers_panel(selection, effect, edits), key="answers")
with user_errors_shown():
    downstream, channel = intervention.trace_panels(selection, effect, edits)
show(downstream, key="downstream", on_click=choose_block)
show(channel, key="channel-edited")
with waiting, user_errors_shown():
    later.join()

offer_bfloat16(selection.card)
with user_errors_shown():
    sweeps.show_sweep(selection, clip, second, effect, change)
if second is None:
    st.info(
        "Choose a second clip under Compare with, in the sidebar, to swap V, Θ and x between the "
        "two."
    )
else:
    with user_errors_shown():
        swaps = by_block.swapped(selection, clip, second)
    if swaps is not None:
        classes = intervention.two_classes(effect)
        panel = sweep_panels.swaps(*swaps, selection.card.classes, classes)
        show(with_precision(panel, selection.card), key="swaps")
with user_errors_shown():
    played = clip_timing.played(selection, change.edits)
if played is not None:
    cards = {card.id: card for card in selection.starters}
    strips = clip_timing.strips(clip, selection.frame)
    words = clip_timing.tempo_words(selection.frame)
    show(sweep_panels.tempi(played, cards, effect.subject, words, strips), key="tempi")
with user_errors_shown():
    dependence.show_further(selection, clip, second, effect)
