"""The frame of every page: title, sidebar with the shared selection, messages.

All pickers of the shared selection are in the sidebar of every page; `carried` keeps it when the
page changes and in the address, so that a copied link opens the same view.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from tam_viz.experiments.kinds import trained_on
from tam_viz.literal import sentence
from tam_viz.models.cards import starters
from tam_viz.types import Clip, UserError
from tam_viz.ui.bench import clip_list
from tam_viz.ui.clip import donors
from tam_viz.ui.pages import PAGES
from tam_viz.ui.pickers import pick_block, pick_channel, pick_frame, pick_protocol
from tam_viz.ui.state import cache, clip_picker, edit_address, messages, page_address
from tam_viz.ui.state.selection import Selection
from tam_viz.ui.state.specimen import first_shown

INTERVENE = "Intervene"
"""The page whose controls a link to it carries."""
_MESSAGE = "message"
_STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 3.5rem 2.5rem 4rem; }
[data-testid="stElementContainer"]:has(h2.heard) {
  clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute; width: 1px;
}
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding: 3.5rem 1rem 4rem; }
  [data-testid="stElementContainer"]:has(
    [data-testid="stPlotlyChart"], [data-testid="stEChartsChart"]
  ) { overflow-x: auto; }
  [data-testid="stFullScreenFrame"]:has(
    [data-testid="stPlotlyChart"], [data-testid="stEChartsChart"]
  ) { min-width: 680px; }
  [data-testid="stMainBlockContainer"] [data-testid="stPageLink"] * {
    height: auto; overflow: visible; white-space: normal;
  }
}
</style>"""
"""Pictures need the width that Streamlit leaves empty on a laptop; a heading can be heard only.

On a phone a picture keeps the width at which its titles stand apart, and is pushed sideways.
"""


def open_page(title: str, question: str, *, headed: bool = True) -> Selection:
    """Draws the frame of a page and returns the selection; the first call of every page.

    Args:
        title: Its name, the heading of the first level.
        question: What it answers; empty for nothing.
        headed: Whether the pictures, whose headings are of the third level, get a heading of the
            second one that is heard and not seen; a page that has one of its own needs none.
    """
    cache.warm_up()
    st.set_page_config(page_title=f"{title} · tam_viz", page_icon="🎞️", layout="wide")
    st.html(_STYLE)
    st.title(title)
    if question:
        st.markdown(question)
    message = messages.once("error", st.session_state.pop(_MESSAGE, None))
    if message:
        st.error(sentence(message))
    with user_errors_shown():
        selection = _sidebar(title)
    moved = cache.ran_elsewhere(selection.card.id)
    if moved:
        st.warning(sentence(moved))
    if headed:
        subject = html.escape(f"{selection.source.name}, {selection.card.id}")
        st.html(f'<h2 class="heard">{subject}</h2>')
    return selection


@contextmanager
def user_errors_shown() -> Iterator[None]:
    """Shows a `UserError` as a sentence and ends the page there; a bug stays a bug."""
    try:
        yield
    except UserError as error:
        st.error(sentence(str(error)))
        st.stop()


@contextmanager
def readable() -> Iterator[None]:
    """Like `user_errors_shown`, for reading the chosen videos: an upload that fails is let go of.

    The visitor reads why and is back at the gallery, on every page.
    """
    try:
        yield
    except UserError as error:
        if not clip_picker.let_go():
            st.error(sentence(str(error)))
            st.stop()
        st.session_state[_MESSAGE] = f"{error} The gallery's first clip is shown instead."
        st.rerun()


def show_notices(*clips: Clip | None) -> None:
    """Notices on how the clips were read."""
    for notice in dict.fromkeys(n for clip in clips if clip is not None for n in clip.notices):
        st.warning(sentence(notice))


def _sidebar(page: str) -> Selection:
    cards, problems = cache.cards()
    for problem in problems:
        st.warning(sentence(problem))
    adaptive = [name for name, card in cards.items() if card.temporal == "tam"]
    if not adaptive:
        raise UserError("There is no TANet among the checkpoints; train one: `tam-viz train tam`.")
    with st.sidebar:
        menu = st.container()
        clips = clip_picker.available()
        arrival = page_address.take_up(page, clips, first_shown(cards[adaptive[0]], clips))
        source = clip_picker.pick(clips)
        clip_list.show_steps()
        if st.session_state.get("model") not in adaptive:
            st.session_state.pop("model", None)
        name = st.selectbox(
            "Model", adaptive, key="model", help="The TANet whose blocks are shown."
        )
        card = cards[name]
        st.caption(sentence(f"Trained on {trained_on(card)}."))
        spec, view = pick_protocol(card)
        left, right = st.columns(2)
        with left:
            block = pick_block(list(card.blocks))
            frame = pick_frame(card.input.frames)
        with right:
            channel = pick_channel(card.blocks[block])
        clips = donors.suggest(page, clips, source, card, spec)
        second = clip_picker.pick_second(clips)
        link = page_address.keep(clips, arrival)
        st.caption("Copy this page's URL to share exactly this view.")
        with menu:
            _menu(link.query)
    notice = messages.once("notice", link.notice)
    messages.seen()
    if notice:
        st.warning(sentence(notice))
    others = [card for other, card in cards.items() if other != name]
    first = [other for other in others if other.id in starters(cards, card.classes)]
    return Selection(
        source=source,
        clips=clips,
        card=card,
        cards=(card, *others),
        starters=(card, *first),
        spec=spec,
        view=view,
        block=block,
        channel=channel,
        frame=frame,
        second=second,
        link=link.query,
    )


def _menu(selected: dict[str, str]) -> None:
    """Links to the pages; the selection goes along."""
    for page in PAGES:
        more = edit_address.kept() if page.title == INTERVENE else {}
        st.page_link(page.file, label=page.title, query_params={**selected, **more})
    st.divider()
