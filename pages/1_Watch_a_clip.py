"""Watch a clip: what happens in it, which frames the networks see, and what they say."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.predictions import describe_clip
from tam_viz.analysis.protocol import protocol_table
from tam_viz.analysis.views import describe_views, together
from tam_viz.literal import in_markdown, sentence
from tam_viz.panels import clip as panels
from tam_viz.ui import cache
from tam_viz.ui.figure import in_table, show
from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.gallery import show_gallery
from tam_viz.ui.pickers import pick_networks
from tam_viz.video.movie import describe_preview

selection = open_page(
    "Watch a clip", "What happens, which frames do the networks see, and what do they make of it?"
)
show_gallery(selection.clips)
source = selection.source
with readable():
    clip = selection.clip()
cards = pick_networks(selection.cards, selection.starters)

player, facts = st.columns([1, 2])
with player:
    movie = cache.movie(source)
    if movie is None:
        st.info("Browsers do not play this format; its frames are below.")
    else:
        st.video(movie.data, format=movie.media_type, loop=True, autoplay=True, muted=True)
        if movie.preview:
            st.caption(describe_preview(movie))
with facts:
    st.markdown(f"### {in_markdown(clip.label or clip.source)}")
    st.markdown(sentence(describe_clip(clip)))
    show_notices(clip)

show(panels.frames(clip), key="strip")
if not cards:
    st.info("Choose a network above to see what it says.")
    st.stop()
with told():
    given = [selection.given(card) for card in cards]
    said = [cache.answers(source, card, spec) for card, spec in zip(cards, given, strict=True)]
joined = [together(runs, spec.average) for (_, runs), spec in zip(said, given, strict=True)]
show(panels.answers(cards, joined, clip.label), key="answers")
for (_, runs), spec in zip(said, given, strict=True):
    if len(runs) > 1:
        st.markdown(sentence(describe_views(runs, spec.average)))
names = tuple(card.id for card in cards)
with told():
    show(panels.costs(cache.costs(names)), key="costs")
st.button(
    "Measure again",
    key="measure-costs",
    icon=":material/refresh:",
    on_click=cache.forget_costs,
    args=(names,),
    help="The times are kept until then; when the machine is quiet they are steadier.",
)
with st.expander("Protocol card: what exactly each network was given"):
    looked_at = [
        clip if card is selection.card else views[len(views) // 2]
        for card, (views, _) in zip(cards, said, strict=True)
    ]
    st.table(in_table(protocol_table(list(zip(cards, given, looked_at, strict=True)))))
