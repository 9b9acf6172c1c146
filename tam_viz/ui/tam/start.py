"""The offers of the first page: things worth seeing, and the question of each page."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from tam_viz.analysis.clip.examples import Showcase, read_showcases
from tam_viz.literal import sentence
from tam_viz.types import UserError
from tam_viz.ui.pages import PAGES, titled
from tam_viz.ui.state import cache
from tam_viz.ui.state.clip_picker import address_of
from tam_viz.video.library import GALLERY


def show_showcases(link: Mapping[str, str]) -> None:
    """Three things worth seeing, each a link to the page and the clip where it is seen.

    Args:
        link: The selection, of which each changes a part.
    """
    st.subheader("Three things to see")
    try:
        showcases = read_showcases(GALLERY)
    except UserError as error:
        st.info(sentence(str(error)))
        return
    for column, showcase in zip(st.columns(len(showcases)), showcases, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{showcase.title}**")
            st.markdown(showcase.says)
            st.page_link(
                titled(showcase.page).file,
                label="Look at it",
                icon=":material/arrow_forward:",
                query_params={**link, **query_of(showcase)},
            )


def show_pages(link: Mapping[str, str]) -> None:
    """The question of each page, as links that keep the selection."""
    st.subheader("Where next")
    for page in PAGES[1:]:
        label = f"**{page.title}**: {page.question}"
        st.page_link(page.file, label=label, query_params=link)


def query_of(showcase: Showcase) -> dict[str, str]:
    """The selection as the address has it."""
    clips, _ = cache.gallery()
    query = {"clip": address_of(showcase.clip, clips)}
    if showcase.second:
        query["second"] = address_of(showcase.second, clips)
    if showcase.block:
        query["block"] = showcase.block
    return query
