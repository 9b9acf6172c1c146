"""Panels that hold networks against each other on one clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.bench import answers_on_clip
from tam_viz.analysis.bench import operators as weights
from tam_viz.analysis.bench.mechanisms import mechanism
from tam_viz.analysis.bench.operators import Look
from tam_viz.analysis.formatting import counted, two_digits
from tam_viz.panels.panel import Panel
from tam_viz.plots.bench import answers_on_clip as plots
from tam_viz.plots.bench import operators
from tam_viz.plots.bench.operators import SHARES, WEIGHTS, Square
from tam_viz.plots.shared import theme
from tam_viz.types import Operator, OperatorKind, Run


@dataclass(frozen=True)
class Named:
    """How a network appears in a picture.

    Attributes:
        name: What it is called.
        temporal: Its temporal module.
        untrained: Whether its weights are random.
    """

    name: str
    temporal: str
    untrained: bool = False

    @property
    def colour(self) -> str:
        """Of its family; grey for one that learned nothing."""
        return "#8C8C8C" if self.untrained else theme.model_colour(self.temporal)


_LOOKS: dict[Look, str] = {
    "mean": "the mean over channels, in which opposite signs cancel and opposite shifts blur",
    "size": "the root mean square over channels: how strongly, without sign",
    "channel": "channel {channel} of each network; the numbers do not correspond between networks",
}


def temporal_operators(
    operators_of: Sequence[tuple[Named, Mapping[str, Operator]]],
    block: str,
    look: Look,
    channel: int,
) -> Panel:
    """The weights that the temporal module of a block gives to each frame, by network.

    A network without a module in the block is shown by its nearest block that has one.

    Args:
        operators_of: The operators of each network by block, TANet's first.
        block: Which block.
        look: One matrix for all channels, or of one channel.
        channel: Which one.
    """
    raw, items, missing, moved = {}, [], [], []
    for named, blocks in operators_of:
        nearest, title = weights.nearest_block(blocks, block), named.name
        operator = blocks.get(nearest)
        matrix = None if operator is None else weights.look_at(operator, look, channel)
        if operator is None or matrix is None:
            missing.append(named.name)
            continue
        if nearest != block:
            title = f"{named.name} ({nearest})"
            moved.append(
                f" {named.name} has no module in {block}; shown is its nearest, that of {nearest}."
            )
        raw[title] = matrix
        note = _weight_note(operator.kind, matrix)
        items.append(Square(title, named.colour, weights.to_scale(matrix), note, matrix))
    shown = _LOOKS[look].format(channel=channel)
    left = f" Without such a matrix: {', '.join(missing)}." if missing else ""
    return Panel(
        title=f"The temporal operator of {block}",
        see="Cell (t, s): how much output frame t takes from input frame s. On the diagonal: the "
        "same frame; below: the past; above: the future. Purple: positive weight; orange: "
        "negative.",
        how=f"Shown is {shown}. All matrices share one scale, each divided by its largest row "
        "sum: the batch norm that follows removes a common factor. A fixed kernel repeats the "
        "same row, shifted; in TANet, V weights each column. Dotted rows are affected by zero "
        "padding. TSM and I3D act on the features that enter the block, Non-local and TimeSformer "
        "on those that leave it, the others inside it. I3D mixes channels, so the size of each "
        "tap is shown, without its sign. A network without a module in this block is represented "
        "by its nearest block with one, which is named beside it. Other networks that mix "
        "channels or gate positions have no such matrix.",
        figure=operators.squares(items, WEIGHTS),
        says=weights.describe_operators(raw, operators_of[0][0].name) + "".join(moved) + left,
        table=weights.matrix_table(raw),
    )


def _weight_note(kind: OperatorKind, matrix: Float[np.ndarray, "t t"]) -> str:
    reach = weights.reach(matrix)
    return {
        "weights": f"past {reach.past:.0%}, future {reach.future:.0%}",
        "attention": f"attention, others {reach.elsewhere:.0%}",
        "taps": f"tap sizes, others {reach.elsewhere:.0%}",
        "identity": "no module in any block",
    }[kind]


def influence(
    matrices: Sequence[tuple[Named, Float[np.ndarray, "_ _s"]]],
    probes: int,
    untrained: str | None = None,
) -> Panel:
    """The frames that the features of each frame depend on, through the whole network.

    Args:
        matrices: ‖∂f_t/∂x_s‖ of each network: first the TANet, as it is and with V and Θ detached.
        probes: Random directions that it was estimated from.
        untrained: What the untrained TANet among them is called, where it is there.
    """
    shares = {named.name: weights.rows_to_one(matrix) for named, matrix in matrices}
    items = [
        Square(named.name, named.colour, matrix, _reach_note(matrix), matrix)
        for (named, _), matrix in zip(matrices, shares.values(), strict=True)
    ]
    trained, detached = list(shares)[:2]
    return Panel(
        title="Influence of frame s on the features of frame t, through the whole network",
        see="Rows: output frame t, whose features reach the classifier. Columns: input frame s. "
        "Yellow: a small change of frame s changes the features of frame t a lot.",
        how="A cell is the size of the gradient, ‖∂f_t/∂x_s‖ over all pixels and features, "
        f"estimated from {counted(probes, 'random direction')} and divided by the sum of its row. "
        "It is a gradient at this clip: how features respond to a small change of a frame, not "
        "what happens without it. Influence far from the diagonal comes through several blocks or, "
        "in TANet, through Θ and V, which see more of the clip: with both fixed, only the "
        "aggregation is left.",
        figure=operators.squares(items, SHARES),
        says=weights.describe_influence(shares, trained, detached, untrained),
        table=weights.matrix_table(shares),
    )


def _reach_note(shares: Float[np.ndarray, "r s"]) -> str:
    reach = weights.reach_of(shares)
    if reach is None:
        return f"{len(shares)} time steps for {shares.shape[1]} frames"
    return f"others {reach.elsewhere:.0%}, beyond ±1 {reach.far:.0%}"


def clip_answers(runs: Mapping[str, Run], temporals: Mapping[str, str], truth: str | None) -> Panel:
    """Which networks predict what for a clip.

    Args:
        runs: By the name of the network.
        temporals: The temporal module of each.
        truth: The true class, where it is known.
    """
    families = {name: mechanism(temporal) for name, temporal in temporals.items()}
    table = answers_on_clip.answer_table(runs, families, truth)
    classes = len(next(iter(runs.values())).prediction.classes)
    return Panel(
        title="Predictions by network",
        see="Rows: networks. Columns: predicted classes, the most frequent first; the number is "
        "the probability of the prediction. Colours: what a network does with time. "
        "The true class, where it is known, has a tick. "
        f"Chance among {classes} classes is {two_digits(1 / classes)}.",
        figure=plots.clip_answers(table, temporals, truth),
        says=answers_on_clip.describe_answers(table, truth),
        table=table,
    )
