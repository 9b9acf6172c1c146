"""Intervene: what becomes of the answer when V, Θ or the clip's time are changed?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from tam_viz.panels import effect as panels
from tam_viz.ui import cache, effects
from tam_viz.ui.edits import ask, choose_block, choose_edit
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told

selection = open_page(
    "Intervene",
    "Change what TAM decides and see **what hangs on it**: put other values in for V or Θ, in some "
    "blocks or in all, or play the clip in another time.",
)
with readable():
    clip = selection.clip()
    second = selection.second_clip()
with told():
    trace = cache.trace(selection.card.id, clip)
    edits, tempo = ask(selection, trace, second)
    found = effects.effect(selection, clip, second, edits, tempo)
after, beside = effects.traced(found.after), effects.traced(found.second)
name, channel = selection.block, selection.channel_of(trace)
words = effects.tempo_words(selection.frame)

show_notices(clip, second)
if not edits and tempo is None:
    st.info("Nothing is changed yet: choose above what becomes of V, of Θ or of the clip's time.")
effects.show_scores(found)
answers = [run.prediction for run in (found.before, found.after, found.off)]
played = None if tempo is None else words[tempo]
show(panels.answers(selection.card, *answers, found.subject, edits, played), key="answers")
show(panels.downstream(trace, after, beside, edits, name), "downstream", on_click=choose_block)
show(panels.channel(trace[name], after[name], beside[name], channel), key="channel-edited")

with told():
    sweep = effects.sweep(selection, clip, second)
if sweep is not None:
    panel = panels.block_by_edit(sweep, found.subject)
    show(panel, key="sweep", on_click=partial(choose_edit, sweep))
if second is None:
    st.info("Choose a clip beside this one, in the sidebar, to exchange V and Θ between the two.")
else:
    with told():
        swaps = effects.swapped(selection, clip, second)
    if swaps is not None:
        classes = effects.two_classes(selection, second, found)
        show(panels.swaps(*swaps, selection.card.classes, classes), key="swaps")
with told():
    said = effects.played(selection, edits)
if said is not None:
    cards = {card.id: card for card in selection.starters}
    strips = effects.strips(clip, selection.frame)
    show(panels.tempi(said, cards, found.subject, words, strips), key="tempi")
