"""One figure together with everything that must stand beside it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class Panel:
    """A picture and its text alternative.

    Attributes:
        title: Heading above it.
        see: What to look at, in a sentence or two.
        figure: The picture.
        says: What it shows for this clip, in a sentence with numbers.
        table: The numbers.
        how: How to read it: axes, colours, what it is compared with; empty where `see` says all.
        kind: What `panels.edits.redrawn` knows it by, which draws it again from its table; empty
            for what cannot be drawn so.
        classes: The class that it speaks of and, if there is one, the class against it.
    """

    title: str
    see: str
    figure: go.Figure
    says: str
    table: pd.DataFrame
    how: str = ""
    kind: str = ""
    classes: tuple[str, ...] = ()
