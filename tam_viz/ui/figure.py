"""How a panel is shown on a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from tam_viz.literal import in_markdown, sentence
from tam_viz.panels.files import export
from tam_viz.panels.panel import Panel
from tam_viz.plots.shared.dark import on_dark
from tam_viz.ui.clip import viewed_pictures


def show(panel: Panel, key: str, on_click: Callable[[str], None] | None = None) -> None:
    """Draws a panel: heading, what to see, picture, the same in words, numbers and files.

    Args:
        panel: What to show.
        key: Unique name on the page.
        on_click: Called with `key` when a point of the picture is clicked, before the page runs
            again; `clicked` says which point.
    """
    viewed_pictures.remember(key, panel)
    st.subheader(in_markdown(panel.title))
    st.caption(sentence(panel.see))
    if panel.how:
        with st.popover("How to read this", type="tertiary"):
            st.markdown(_paragraphs(panel.how))
    more: dict[str, Any] = {}
    if on_click is not None:
        more = {"on_select": partial(on_click, key), "selection_mode": "points"}
    dark = st.context.theme.type == "dark"
    st.plotly_chart(
        on_dark(panel.figure) if dark else panel.figure,
        key=key,
        config={"displayModeBar": False},  # it lies on titles; files are below
        alt=f"{panel.title}. {panel.says}",
        **more,
    )
    st.markdown(_paragraphs(panel.says))
    _more(panel, key)


def _paragraphs(text: str) -> str:
    return "\n\n".join(map(sentence, text.split("\n\n")))


@st.fragment
def _more(panel: Panel, key: str) -> None:
    """Numbers and files; a page has many, so each is drawn when it is opened, and alone."""
    box = st.expander("Data and downloads", key=f"{key}-more", on_change="rerun")
    if not box.open:
        return
    with box:
        st.dataframe(panel.table)
        with st.container(horizontal=True):
            _save(panel, key, "CSV", partial(export.csv, panel))
            _save(panel, key, "PNG", partial(export.picture, panel, "png"))
            _save(panel, key, "SVG", partial(export.picture, panel, "svg"))
            _save(panel, key, "HTML", partial(export.html, panel))


def in_table(table: pd.DataFrame) -> pd.DataFrame:
    """A table for `st.table`, which reads its cells as Markdown."""
    texts = table.map(lambda cell: in_markdown(cell) if isinstance(cell, str) else cell)
    return texts.rename(columns=_shown, index=_shown)


def _shown(name: object) -> object:
    return in_markdown(name) if isinstance(name, str) else name


def clicked(key: str) -> Any | None:  # noqa: ANN401  # whatever the figure wrote there
    """The `customdata` of the point of a figure that was clicked last; None if none was."""
    chosen = st.session_state.get(key)
    points = [] if chosen is None else chosen["selection"]["points"]
    return points[0].get("customdata") if points else None


def _save(panel: Panel, key: str, kind: str, make: Callable[[], bytes]) -> None:
    """A button that makes a file when it is pressed.

    Errors inside a download callback are never shown, so the button is disabled up front.
    """
    drawn = kind in ("PNG", "SVG")
    st.download_button(
        kind,
        make,
        file_name=export.file_name(panel, kind.lower()),
        key=f"{key}-{kind}",
        on_click="ignore",
        disabled=drawn and not export.chrome(),
        help=export.NO_CHROME if drawn and not export.chrome() else None,
    )
