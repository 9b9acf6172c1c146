"""Panels of the lesson on the two levels: apart, together, and in all channels of a block."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.tam import alike as pairs
from tam_viz.analysis.tam import levels as analysis
from tam_viz.analysis.tam.levels import Variant
from tam_viz.panels.panel import Panel
from tam_viz.plots.shared import theme
from tam_viz.plots.tam import levels as plots
from tam_viz.types import BlockFeatures

_BASELINES = (
    " Grey: separate networks, trained that way from the start. One clip shows what can happen; "
    "their accuracy on the test clips, below, shows what usually does."
)


def matrices(
    importance: Float[np.ndarray, " t"], kernel: Float[np.ndarray, " k"], channel: int
) -> Panel:
    """The frames of a channel through V alone, Θ alone, both, and a fixed kernel."""
    levels = analysis.level_matrices(importance, kernel)
    return Panel(
        title=f"Channel {channel}: one level, two levels, a fixed kernel",
        see="Cell (t, s): how much output frame t takes from input frame s; the stronger the "
        "colour, the larger the weight.",
        how="V alone fills one diagonal; Θ alone makes three even ones; together each column has "
        "its own strength. TSM has the same matrix for every clip: an eighth of its channels "
        "reads the past, an eighth the future, and the rest keep the present.",
        figure=plots.matrices(levels),
        says=analysis.describe_matrices(importance, kernel),
        table=analysis.matrix_table(levels),
    )


def variants(compared: Sequence[Variant], about: str, *, known: bool) -> Panel:
    """Predictions with one level, both and neither, beside networks trained that way."""
    classes = compared[0].prediction.classes
    return Panel(
        title="What the prediction needs",
        see="Brown: the chosen network, edited in all blocks. Beside each bar: its prediction. "
        "Dotted: chance.",
        how="The weights of the chosen network were trained with both levels."
        f"{_BASELINES if any(v.trained for v in compared) else ''}",
        figure=plots.probabilities(
            [variant.name for variant in compared],
            [analysis.probability(variant, about) for variant in compared],
            [variant.prediction.top(1)[0][0] for variant in compared],
            [variant.trained for variant in compared],
            about,
            1 / len(classes),
        ),
        says=analysis.describe_variants(compared, about, known=known),
        table=analysis.variant_table(compared, about),
    )


def alike(features: BlockFeatures) -> Panel:
    """Do like profiles get like kernels, and like V?"""
    groups = pairs.alike(features.pooled, features.kernel, features.importance)
    if groups is None:
        says = "Fewer than 10 pairs of channels are active in this clip: too few to compare."
        table = pd.DataFrame({"pairs": [0]})
        figure = plots.pair_lines([], {})
    else:
        says, table = pairs.describe_alike(groups), pairs.alike_table(groups)
        figure = plots.pair_lines(
            [
                ("V", groups.importance, theme.IMPORTANCE),
                ("kernels", groups.kernel, theme.FUTURE),
            ],
            {"V": groups.importance_all, "kernels": groups.kernel_all},
        )
    return Panel(
        title=f"One function for all channels of {features.block}",
        see="Pairs of active channels in ten groups, by the similarity of their profiles. "
        "Do similar profiles get similar kernels, and similar V? Dotted: the mean over all "
        "pairs.",
        how="G is one function for all channels and sees nothing but the profile. L has separate "
        "weights for each channel, so V can differ for similar profiles.",
        figure=figure,
        says=says,
        table=table,
    )
