"""The prediction before and after an edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.names import wrapped

_TOLD = 0.005
"""Less would be written as 0.00, over the ticks beside it."""


@dataclass(frozen=True, eq=False)
class ClassBars:
    """Probabilities of the classes that are drawn, as one variant of a network gives them.

    Attributes:
        name: Of the variant.
        probabilities: In [0, 1], a value per class.
        colour: Of its bars.
    """

    name: str
    probabilities: Float[np.ndarray, " n"]
    colour: str


def answers(
    classes: Sequence[str],
    drawn: Sequence[ClassBars],
    reference: ClassBars | None,
    subject: int | None = None,
) -> go.Figure:
    """Bars of every variant, class by class, on one scale from 0 to 1.

    Args:
        classes: Names to write, from top to bottom.
        drawn: The variants, from top to bottom in each class.
        reference: A variant that is drawn as an upright tick, if there is one.
        subject: Which class stands out, if one does.
    """
    names = [wrapped(name, 28) for name in classes]
    if subject is not None:
        names[subject] = f"<b>{names[subject]}</b>"
    figure = go.Figure()
    for answer in drawn:
        figure.add_bar(
            x=answer.probabilities,
            y=names,
            name=in_plot(answer.name),
            orientation="h",
            marker_color=answer.colour,
            text=[f"{value:.2f}" if value >= _TOLD else "" for value in answer.probabilities],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}, {in_plot(answer.name)}: %{{x:.4f}}<extra></extra>",
        )
    if reference is not None:
        figure.add_scatter(
            x=reference.probabilities,
            y=names,
            name=reference.name,
            mode="markers",
            marker={"symbol": "line-ns", "size": 30, "line": {"width": 3, "color": theme.QUIET}},
            hovertemplate=f"%{{y}}, {reference.name}: %{{x:.4f}}<extra></extra>",
        )
    figure.update_xaxes(
        range=[0, 1.08],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
        title="probability",
        fixedrange=True,
        showgrid=True,
    )
    figure.update_yaxes(autorange="reversed", fixedrange=True, automargin=True, showgrid=False)
    figure.update_layout(barmode="group", bargap=0.3, bargroupgap=0)
    return theme.finish(figure, 110 + 40 * len(classes), legend=True)
