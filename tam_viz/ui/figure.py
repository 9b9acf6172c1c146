"""How a panel is shown on a page."""

from __future__ import annotations

import streamlit as st

from tam_viz.panels.panel import Panel


def show(panel: Panel, key: str) -> None:
    """Draws a panel: heading, what to see, picture, the same in words and numbers.

    Args:
        panel: What to show.
        key: Unique name on the page.
    """
    st.subheader(panel.title)
    st.caption(panel.see)
    st.plotly_chart(
        panel.figure,
        key=key,
        config={"displaylogo": False},
        alt=f"{panel.title}. {panel.says}",
    )
    st.markdown(panel.says)
    with st.expander("The numbers"):
        st.dataframe(panel.table)
