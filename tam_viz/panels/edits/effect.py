"""Panels on interventions: before and after, block by block, from clip to clip, in other time."""

from __future__ import annotations

from collections.abc import Sequence

from tam_viz.analysis.edits import effect as analysis
from tam_viz.analysis.edits.contrasts import Subject
from tam_viz.analysis.edits.edit_words import describe_changes
from tam_viz.panels.panel import Panel
from tam_viz.plots.edits import edited_trace as trace_plots
from tam_viz.plots.edits import effect as plots
from tam_viz.plots.shared import theme
from tam_viz.types import BlockTrace, Card, Edit, Prediction, TAMTrace

NOT_TRAINED_SO = (
    "Same weights, edited module: this is not the network that was trained without TAM."
)
_OFF = "TAM switched off"


def answers(
    card: Card,
    before: Prediction,
    after: Prediction,
    off: Prediction | None,
    subject: Subject,
    edits: Sequence[Edit],
    played: str | None = None,
    over: str = "clips",
) -> Panel:
    """Predictions before and after, and with TAM switched off.

    Args:
        card: Of the network.
        before: With nothing edited.
        after: Edited.
        off: With TAM switched off; None where there is no mean of V to put in.
        subject: The class that is spoken of.
        edits: What was edited.
        played: How the clip was played, in words; None for as it is.
        over: What V has its mean over with TAM switched off.
    """
    names = analysis.leading_classes([before, after], off, subject)
    class_indices = [card.classes.index(name) for name in names]
    tick = "✓" if subject.known else "▸"
    labels = [f"{tick} {name}" if name == subject.name else name for name in names]
    grey = (
        f"The grey tick is TAM switched off: V at its mean over {over} and Θ = [0, 1, 0] in all "
        "blocks, so that no block looks at other frames. "
    )
    reference = None
    predictions = {"before": before, "after": after}
    if off is not None:
        reference = plots.ClassBars(_OFF, off.probabilities[class_indices], theme.QUIET)
        predictions[_OFF] = off
    return Panel(
        title="Prediction before and after",
        see="The five most probable classes before and after, with the target and contrast class; "
        f"{tick} marks '{subject.name}' ({subject.role_says}).",
        how=f"All bars share one scale. {'' if off is None else grey}{NOT_TRAINED_SO}",
        figure=plots.answers(
            labels,
            [
                plots.ClassBars(
                    "before", before.probabilities[class_indices], theme.model_colour(card.temporal)
                ),
                plots.ClassBars("after", after.probabilities[class_indices], theme.EDITED),
            ],
            reference,
            names.index(subject.name) if subject.name in names else None,
        ),
        says=analysis.describe_answers(
            describe_changes(edits, played), before, after, off, subject
        ),
        table=analysis.score_table(predictions, subject),
    )


def downstream(
    before: TAMTrace, after: TAMTrace, second: TAMTrace, edits: Sequence[Edit], selected: str
) -> Panel:
    """How far V and Θ of each block move."""
    edited, other = analysis.change(before, after), analysis.change(before, second)
    names = before.names
    return Panel(
        title="V and Θ downstream, block by block",
        see="How far V and Θ of each block move. Squares: edited blocks. Circles: later blocks, "
        "which change because their input changed. Pink, for scale: the difference between the two "
        "clips with nothing edited. Click a block to choose it.",
        figure=trace_plots.downstream(
            names,
            edited,
            other,
            [
                analysis.edited_blocks(edits, names, "importance"),
                analysis.edited_blocks(edits, names, "kernel"),
            ],
            selected,
        ),
        says=analysis.describe_change(names, edited, other, edits),
        table=analysis.change_table(names, edited, other),
    )


def channel(before: BlockTrace, after: BlockTrace, second: BlockTrace, number: int) -> Panel:
    """V and Θ of one channel."""
    blocks = {"before": before, "after": after, "the second clip": second}
    return Panel(
        title=f"V and Θ of channel {number} of {before.name}",
        see="Purple, and bars in the colours of past, present and future: before. Brown: after. "
        "Pink: the second clip with nothing edited.",
        how="Dashed: ½ and ⅓, about what an untrained module gives. Shaded frames touch zero "
        "padding.",
        figure=trace_plots.channel(blocks, number),
        says=analysis.describe_channel_change(before, after, number),
        table=analysis.channel_change_table(blocks, number),
    )
