"""Intervene: what becomes of the answer when V, Θ or the clip's time are changed?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from tam_viz.literal import sentence
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
    made = ask(selection, trace, second)
    effects.offer_off(selection, clip)
    found = effects.effect(selection, clip, second, made)

show_notices(clip, second)
if made.lacking is not None:
    st.info(sentence(made.lacking))
effects.show_scores(found)
answers, downstream, channel = effects.panels_of(selection, found, made)
show(answers, key="answers")
show(downstream, key="downstream", on_click=choose_block)
show(channel, key="channel-edited")

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
        classes = effects.two_classes(selection, second, found, made)
        show(panels.swaps(*swaps, selection.card.classes, classes), key="swaps")
with told():
    said = effects.played(selection, made.edits)
if said is not None:
    cards = {card.id: card for card in selection.starters}
    strips = effects.strips(clip, selection.frame)
    words = effects.tempo_words(selection.frame)
    show(panels.tempi(said, cards, found.subject, words, strips), key="tempi")
