"""Watch a clip: what happens in it, which frames the networks see, and what they say."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.clip.predictions import describe_clip
from tam_viz.analysis.clip.protocol import describe_sampling, protocol_table
from tam_viz.analysis.clip.views import describe_views, seen_alike, together
from tam_viz.experiments.kinds import trained_on
from tam_viz.literal import in_markdown, sentence
from tam_viz.panels.clip import clip as panels
from tam_viz.ui.clip.gallery import show_gallery
from tam_viz.ui.figure import in_table, show
from tam_viz.ui.page import open_page, readable, show_notices, user_errors_shown
from tam_viz.ui.pickers import pick_networks
from tam_viz.ui.state import cache
from tam_viz.ui.state.labels import pick_label
from tam_viz.video.clip import is_damaged
from tam_viz.video.movie import describe_preview

selection = open_page(
    "Watch a clip", "What happens, which frames does each network see, and what does it predict?"
)
show_gallery(selection.clips)
source = selection.source
with readable():
    clip = selection.clip()
chosen = pick_networks(selection.cards, selection.starters)
cards = [selection.card, *(card for card in chosen if card is not selection.card)]

player, facts = st.columns([1, 2])
with player:
    movie = cache.movie(source)
    if movie is None:
        st.info("Browsers do not play this format; its frames are below.")
    elif is_damaged(clip) and not movie.preview:
        st.info("The file is damaged, so it is not played; the frames that can be read are below.")
    else:
        st.video(movie.data, format=movie.media_type, loop=True, autoplay=True, muted=True)
        if movie.preview:
            st.caption(describe_preview(movie))
with facts:
    st.markdown(f"### {in_markdown(clip.label or clip.source)}")
    st.markdown(sentence(describe_clip(clip)))
    pick_label(st.session_state["clip"], source, selection.card.classes)
    show_notices(clip)

with user_errors_shown():
    specs = [selection.given(card) for card in cards]
    answers = [cache.answers(source, card, spec) for card, spec in zip(cards, specs, strict=True)]
joined = [together(runs, spec.average) for (_, runs), spec in zip(answers, specs, strict=True)]
shown = [clip, *(views[len(views) // 2] for views, _ in answers[1:])]
for number, group in enumerate(seen_alike(shown)):
    first = group[0]
    strip = panels.frames(
        shown[first],
        [cards[i] for i in group],
        [joined[i] for i in group],
        describe_sampling(specs[first]),
    )
    show(strip, key=f"strip-{number}")
show(panels.answers(cards, joined, clip.label), key="answers")
for (_, runs), spec in zip(answers, specs, strict=True):
    if len(runs) > 1:
        st.markdown(sentence(describe_views(runs, spec.average)))
names = tuple(card.id for card in cards)
with user_errors_shown():
    show(panels.costs(cache.costs(names)), key="costs")
st.button(
    "Measure again",
    key="measure-costs",
    icon=":material/refresh:",
    on_click=cache.forget_costs,
    args=(names,),
    help="The times are kept until then. They are steadier when the machine is idle.",
)
with st.expander("Protocol card: what exactly each network was given"):
    inputs = list(zip(cards, specs, shown, strict=True))
    st.table(in_table(protocol_table(inputs, [trained_on(card) for card in cards])))
