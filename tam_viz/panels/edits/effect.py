"""Panels on interventions: before and after, block by block, from clip to clip, in other time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import UInt8

from tam_viz.analysis.edits import effect as analysis
from tam_viz.analysis.edits import sweep as sweeps
from tam_viz.analysis.edits.contrasts import Subject, log_odds
from tam_viz.analysis.edits.edit_words import describe_changes
from tam_viz.panels.panel import Panel
from tam_viz.plots.edits import effect as plots
from tam_viz.plots.edits import sweep as sweep_plots
from tam_viz.plots.shared import theme
from tam_viz.types import BlockTrace, Card, Edit, Prediction, TAMTrace

NOT_TRAINED_SO = (
    "Same weights, edited module: this is not the network that was trained without TAM."
)
_OFF = "TAM switched off"
_MIRRORED = (
    "A network that knows the direction of time crosses zero on the right when the clip of a "
    "mirrored pair is played backwards. "
)


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
    """What the network says before and after, and with TAM switched off.

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
        reference = plots.Answer(_OFF, off.probabilities[class_indices], theme.QUIET)
        predictions[_OFF] = off
    return Panel(
        title="Prediction before and after",
        see="The five most probable classes before and after, with the target and contrast class; "
        f"{tick} marks '{subject.name}' ({subject.role_says}).",
        how=f"All bars share one scale. {'' if off is None else grey}{NOT_TRAINED_SO}",
        figure=plots.answers(
            labels,
            [
                plots.Answer(
                    "before", before.probabilities[class_indices], theme.model_colour(card.temporal)
                ),
                plots.Answer("after", after.probabilities[class_indices], theme.EDITED),
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
        figure=plots.downstream(
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
        figure=plots.channel(blocks, number),
        says=analysis.describe_channel(before, after, number),
        table=analysis.channel_table(blocks, number),
    )


def block_by_edit(
    sweep: sweeps.Sweep,
    subject: Subject,
    marked: tuple[int, int] | None = None,
    limit: float | None = None,
    network: str | None = None,
) -> Panel:
    """What each edit of each block does to the score of the class.

    Args:
        sweep: The answers.
        subject: The class that is spoken of.
        marked: Row and column of the cell whose edit is in force.
        limit: End of the colour scale; by default that of these answers.
        network: What it is called where there are two.
    """
    for_rival = "" if subject.rival is None else f", for '{subject.rival}'"
    whose = "" if network is None else f" ({network})"
    return Panel(
        title=f"Ablation sweep: block × edit, change in the {subject.measure}{whose}",
        see="Rows: the edited block. Columns: the edit. "
        f"Blue supports '{subject.name}', red opposes it{for_rival}; a dot marks another "
        "prediction. Click a cell to make that edit; it gets a frame.",
        how="Read 'of another clip' beside 'shuffled' and 'its mean over clips': any out-of-place "
        "V or Θ lowers the score. 'V = 1' about doubles the features of a block and 'x of another "
        "clip' replaces them, so neither sets the colours or leads the sentence below. The last "
        "column is the noise floor: nothing edited, pixels changed by up to 2 grey levels, anew in "
        f"each row. {NOT_TRAINED_SO}",
        figure=sweep_plots.block_by_edit(
            sweep.rows,
            sweep.headings,
            sweep.change(subject),
            sweep.noise_change(subject),
            sweep.flips,
            sweep.answers,
            sweep.limit(subject) if limit is None else limit,
            subject.kind,
            marked,
        ),
        says=sweeps.describe_sweep(sweep, subject),
        table=sweeps.sweep_table(sweep, subject),
        kind="sweep",
        classes=_classes(subject),
    )


def swaps(
    there: sweeps.Swaps,
    back: sweeps.Swaps,
    classes: tuple[str, ...],
    names: tuple[str, str | None],
) -> Panel:
    """Which block carries the decision between two clips.

    Args:
        there: The first clip, given the second one's.
        back: The second clip, given the first one's.
        classes: Class names in the order of the logits.
        names: The class above zero, and the one below; None for all others together.
    """
    rival = None if names[1] is None else classes.index(names[1])
    to = Subject(names[0], classes.index(names[0]), "chosen", names[1], rival)
    below = names[1] or "all other classes"
    ways = [
        sweep_plots.Direction(
            title,
            float(to.score(swapped.own)),
            float(to.score(swapped.other)),
            {what: to.score(rows) for what, rows in swapped.single.items()},
            {what: to.score(rows) for what, rows in swapped.up_to.items()},
        )
        for title, swapped in (
            ("first clip, given the second's", there),
            ("second clip, given the first's", back),
        )
    ]
    return Panel(
        title="Which block carries the decision? Activation patching of V and Θ",
        see="Dashed: the clip as it is. Dotted: the other clip. If a line moves from the dashed to "
        "the dotted level, the swapped part carries the decision.",
        how=f"The {to.kind} is above zero where '{names[0]}' is likelier, below it where "
        f"{below if names[1] is None else repr(below)} is. Above: one block at a time; below: all "
        "blocks up to here. The features are still those of the clip, so a line need not get all "
        "the way.",
        figure=sweep_plots.swaps(there.blocks, ways, (names[0], below), end_of(ways), to.kind),
        says=sweeps.describe_swaps(there, to),
        table=sweeps.swap_table(there, back, to),
        kind="swaps",
        classes=_classes(to),
    )


def _classes(subject: Subject) -> tuple[str, ...]:
    return (subject.name,) if subject.rival is None else (subject.name, subject.rival)


def end_of(ways: Sequence[sweep_plots.Direction]) -> float:
    """End of the axis of swaps, on both sides, with room for the names of the classes."""
    levels = [np.array([way.own, way.other]) for way in ways]
    lines = [row for way in ways for part in (way.single, way.up_to) for row in part.values()]
    return 1.25 * axis_end([*levels, *lines])


def tempi(
    by_network: Mapping[str, sweeps.Played],
    cards: Mapping[str, Card],
    subject: Subject,
    words: Mapping[str, str],
    strips: Sequence[UInt8[np.ndarray, "t h w 3"]],
) -> Panel:
    """What several networks say of the clip however it is played.

    Args:
        by_network: By network; all of them know the same classes.
        cards: The networks; whatever else is in `by_network` is an edited one.
        subject: The class that is spoken of.
        words: What each way to play the clip is called, in the order of the rows.
        strips: The frames of each way.
    """
    series = []
    for name, played in by_network.items():
        rows = np.stack([played[way].logits for way in words])
        columns = [log_odds(rows, subject.class_index), subject.against_rival(rows)]
        colour = theme.model_colour(cards[name].temporal) if name in cards else theme.EDITED
        says = [played[way].top(1)[0][0] for way in words]
        kept = [column for column in columns if column is not None]
        series.append(sweep_plots.Series(name, colour, kept, says))
    count = len(next(iter(cards.values())).classes)
    titles = [f"log-odds of '{subject.name}'", subject.measure]
    chances = [-float(np.log(count - 1)), 0.0]
    axes = [
        sweep_plots.Axis(titles[i], axis_end([one.columns[i] for one in series]), chances[i])
        for i in range(len(series[0].columns))
    ]
    return Panel(
        title="Temporal controls: reversed, shuffled, frozen, half, double speed",
        see="Each row plays the same frames in another order. Dots: the score of each network. "
        "Dotted line: chance. TSN averages its frames, so their order cannot matter to it.",
        how=f"{_MIRRORED if subject.rival_role == 'mirrored' else ''}The dots are of "
        f"{subject.says}.",
        figure=sweep_plots.tempi(list(words.values()), strips, series, axes),
        says=sweeps.describe_tempi(by_network, subject),
        table=sweeps.tempo_table(by_network, subject, words),
        kind="tempi",
        classes=_classes(subject),
    )


def axis_end(columns: Sequence[np.ndarray]) -> float:
    """End of an axis that holds some scores, on both sides."""
    return 1.1 * max(1.0, *(float(np.abs(column).max()) for column in columns))
