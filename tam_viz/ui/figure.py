"""How a figure is shown: the picture, what to see in it, and the same in words and numbers."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st


def show(
    figure: go.Figure, *, title: str, see: str, says: str, table: pd.DataFrame, key: str
) -> None:
    """Draws a figure with its caption and its text alternative.

    Args:
        figure: The picture.
        title: Heading above it.
        see: What to look at, and how to read the axes.
        says: What it shows for this clip, in a sentence with numbers.
        table: The numbers.
        key: Unique name on the page.
    """
    st.subheader(title)
    st.caption(see)
    st.plotly_chart(figure, key=key, config={"displaylogo": False}, alt=f"{title}. {says}")
    st.markdown(says)
    with st.expander("The numbers"):
        st.dataframe(table)
