"""What every page draws first: its title, the sidebar with the shared selection, messages.

The selection lives in the address (`bind="query-params"`), so it is kept when the page changes
and a copied link opens the same view.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from tam_viz.models.cards import starters
from tam_viz.types import Card, Clip, InputSpec, UserError
from tam_viz.ui import cache, uploads
from tam_viz.video.containers import EXTENSIONS
from tam_viz.video.library import Source

PAGES = Path(__file__).resolve().parents[2] / "pages"
_MESSAGE = "message"


@dataclass(frozen=True)
class Selection:
    """What the visitor is looking at.

    Attributes:
        source: The video.
        card: The TANet whose blocks are shown.
        cards: All networks, that TANet first.
        starters: Those to show at first, that TANet first.
        spec: What that TANet is given: one view, or those of its published test.
        view: Which of these views is looked at.
    """

    source: Source
    card: Card
    cards: tuple[Card, ...]
    starters: tuple[Card, ...]
    spec: InputSpec
    view: int

    def given(self, card: Card) -> InputSpec:
        """What a network is given by the chosen protocol, as far as it has one."""
        published = self.spec is not self.card.input
        return (card.published if published else None) or card.input


def open_page(title: str, question: str) -> Selection:
    """Draws the frame of a page and returns the selection; the first call of every page."""
    cache.warm_up()
    st.set_page_config(page_title=f"{title} · tam_viz", page_icon="🎞️", layout="wide")
    st.title(title)
    st.markdown(question)
    message = st.session_state.pop(_MESSAGE, None)
    if message:
        st.error(message)
    with told():
        return _sidebar()


@contextmanager
def told() -> Iterator[None]:
    """Shows a `UserError` as a sentence and ends the page there; a bug stays a bug."""
    try:
        yield
    except UserError as error:
        st.error(str(error))
        st.stop()


@contextmanager
def readable() -> Iterator[None]:
    """Like `told`, for reading the chosen video: an upload that fails is let go of.

    The visitor reads why and is back at the gallery, on every page.
    """
    try:
        yield
    except UserError as error:
        key = st.session_state.get("clip")
        if key not in uploads.mine():
            st.error(str(error))
            st.stop()
        uploads.drop(key)
        st.session_state[_MESSAGE] = f"{error} The gallery's first clip is shown instead."
        st.rerun()


def show_notices(clip: Clip) -> None:
    """What a person should know of how the clip was read."""
    for notice in clip.notices:
        st.warning(notice)


def _sidebar() -> Selection:
    gallery = cache.gallery()
    clips = {**uploads.mine(), **gallery}
    cards, problems = cache.cards()
    for problem in problems:
        st.warning(problem)
    adaptive = [name for name, card in cards.items() if card.temporal == "tam"]
    if not adaptive:
        raise UserError("There is no TANet among the checkpoints; make one: `tam-viz train tam`.")
    if st.session_state.get("clip", "") not in clips:
        st.session_state["clip"] = next(iter(gallery))
    with st.sidebar:
        _menu()
        key = st.selectbox(
            "Clip",
            list(clips),
            format_func=lambda name: _label(name, clips[name]),
            key="clip",
            bind="query-params",
        )
        st.file_uploader(
            "Or your own video",
            type=list(EXTENSIONS),
            key="upload",
            on_change=_keep_upload,
            help="It stays on this machine. Up to 200 MB.",
        )
        name = st.selectbox(
            "TANet", adaptive, key="model", bind="query-params", help="Whose blocks are shown."
        )
        spec, view = _protocol(cards[name])
        st.caption("The address of this page holds the selection: copy it to come back here.")
    others = [card for other, card in cards.items() if other != name]
    shown = cards[name]
    first = [card for card in others if card.id in starters(cards, shown.classes)]
    return Selection(clips[key], shown, (shown, *others), (shown, *first), spec, view)


def _protocol(card: Card) -> tuple[InputSpec, int]:
    """One view, or a view of the published test, where the TANet has one."""
    if card.published is None:
        return card.input, 0
    total = card.published.all_views
    names = {"one view": card.input, f"the published test ({total} views)": card.published}
    spec = names[st.radio("Protocol", list(names), key="protocol", bind="query-params")]
    if spec is card.input:
        return spec, 0
    view = st.number_input(
        f"View (1 to {total})",
        min_value=1,
        max_value=total,
        value=total // 2 + 1,
        key="view",
        bind="query-params",
        help="Whose frames, V and Θ are shown. Answers are those of all views together.",
    )
    return spec, int(view) - 1


def _menu() -> None:
    """Links to the pages, found in their folder; the selection goes along in the address."""
    st.page_link("app.py", label="Start here", query_params=st.query_params.to_dict())
    for page in sorted(PAGES.glob("*.py")):
        label = page.stem.split("_", 1)[1].replace("_", " ")
        st.page_link(f"pages/{page.name}", label=label, query_params=st.query_params.to_dict())
    st.divider()


def _label(key: str, source: Source) -> str:
    """What a clip is called in the picker and in the address; no two are called alike."""
    if source.truth is None:
        return f"{source.name} · {key[-4:]}"
    return f"{source.truth.label} · {source.name.removesuffix('.mp4').rsplit('_', 1)[-1]}"


def _keep_upload() -> None:
    file = st.session_state["upload"]
    if file is not None:
        st.session_state["clip"] = uploads.keep(file.name, file.getvalue())
