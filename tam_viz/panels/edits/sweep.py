"""Panels on many interventions: block × edit, swaps by block, the clip in another time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import UInt8

from tam_viz.analysis.edits import clip_timing
from tam_viz.analysis.edits import sweep as sweeps
from tam_viz.analysis.edits.contrasts import Subject, log_odds
from tam_viz.analysis.edits.swaps import Swaps, describe_swaps, swap_table
from tam_viz.motionpairs.motions import MOTIONS
from tam_viz.panels.edits.effect import NOT_TRAINED_SO
from tam_viz.panels.panel import Panel
from tam_viz.plots.edits import clip_timing as timing_plots
from tam_viz.plots.edits import swaps as swap_plots
from tam_viz.plots.edits import sweep as sweep_plots
from tam_viz.plots.shared import theme
from tam_viz.types import Card

_REVERSAL = (
    "Each of the two classes is the other played backwards. So in the plot on the right the score "
    "of a network that sees the direction of time changes its sign when the clip is reversed. "
)
_REVERSALS = {frozenset(motion.classes) for motion in MOTIONS if motion.reversal}
"""Pairs of classes."""


def block_by_edit(
    sweep: sweeps.Sweep,
    subject: Subject,
    marked: tuple[int, int] | None = None,
    limit: float | None = None,
    network: str | None = None,
) -> Panel:
    """The effect of each edit of each block on the score of the class.

    Args:
        sweep: The answers.
        subject: The class that is spoken of.
        marked: Row and column of the cell whose edit is in force.
        limit: End of the colour scale; by default that of these answers.
        network: What it is called where there are two.
    """
    over_rival = "" if subject.rival is None else f" over '{subject.rival}'"
    whose = "" if network is None else f" ({network})"
    return Panel(
        title=f"Ablation sweep: block × edit, change in the {subject.measure}{whose}",
        see="Rows: the edited block. Columns: the edit. "
        f"Blue: the edit raises the score of '{subject.name}'{over_rival}; red: it lowers it. A "
        "dot marks another prediction. Click a cell to make that edit; it gets a frame.",
        how="Compare 'of another clip' with 'shuffled' and 'its mean over clips': any V or Θ that "
        "does not fit the clip may lower the score. 'V = 1' about doubles the features of a block "
        "and 'x of another clip' replaces them, so neither sets the colour scale or leads the "
        "sentence below. The last column is the noise floor: no edit, but pixels changed by up "
        f"to 2 grey levels, drawn anew for each row. {NOT_TRAINED_SO}",
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
    forth: Swaps,
    back: Swaps,
    classes: tuple[str, ...],
    names: tuple[str, str | None],
) -> Panel:
    """Which block carries the decision between two clips.

    Args:
        forth: The first clip, given the second one's.
        back: The second clip, given the first one's.
        classes: Class names in the order of the logits.
        names: The class above zero, and the one below; None for all others together.
    """
    rival = None if names[1] is None else classes.index(names[1])
    to = Subject(names[0], classes.index(names[0]), "chosen", names[1], rival)
    below = names[1] or "all other classes"
    ways = [
        swap_plots.Direction(
            title,
            float(to.score(swapped.own)),
            float(to.score(swapped.other)),
            {what: to.score(rows) for what, rows in swapped.single.items()},
            {what: to.score(rows) for what, rows in swapped.up_to.items()},
        )
        for title, swapped in (
            ("first clip, given the second's", forth),
            ("second clip, given the first's", back),
        )
    ]
    return Panel(
        title="Which block carries the decision? Activation patching of V and Θ",
        see="Dashed: the clip as it is. Dotted: the other clip. If a line moves from the dashed to "
        "the dotted level, the swapped part carries the decision.",
        how=f"The {to.kind} is above zero where '{names[0]}' is likelier, below it where "
        f"{below if names[1] is None else repr(below)} is. Above: one block at a time; below: all "
        "blocks up to here. The features are still those of the clip, so a line need not reach "
        "the other level.",
        figure=swap_plots.swaps(forth.blocks, ways, (names[0], below), end_of(ways), to.kind),
        says=describe_swaps(forth, to),
        table=swap_table(forth, back, to),
        kind="swaps",
        classes=_classes(to),
    )


def _classes(subject: Subject) -> tuple[str, ...]:
    return (subject.name,) if subject.rival is None else (subject.name, subject.rival)


def end_of(ways: Sequence[swap_plots.Direction]) -> float:
    """End of the axis of swaps, on both sides, with room for the names of the classes."""
    levels = [np.array([way.own, way.other]) for way in ways]
    lines = [row for way in ways for part in (way.single, way.up_to) for row in part.values()]
    return 1.25 * axis_end([*levels, *lines])


def tempi(
    by_network: Mapping[str, clip_timing.Played],
    cards: Mapping[str, Card],
    subject: Subject,
    words: Mapping[str, str],
    strips: Sequence[UInt8[np.ndarray, "t h w 3"]],
) -> Panel:
    """Predictions of several networks for every timing of the clip.

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
        series.append(timing_plots.Series(name, colour, kept, says))
    count = len(next(iter(cards.values())).classes)
    titles = [f"log-odds of '{subject.name}'", subject.measure]
    chances = [-float(np.log(count - 1)), 0.0]
    axes = [
        timing_plots.Axis(
            titles[i], axis_end([network.columns[i] for network in series]), chances[i]
        )
        for i in range(len(series[0].columns))
    ]
    return Panel(
        title="Temporal controls: reversed, shuffled, frozen, half, double speed",
        see="Each row plays the clip in a different way. Dots: the score of each network. Dotted "
        "line: chance. TSN averages its frames, so their order cannot matter to it.",
        how=f"{_REVERSAL if {subject.name, subject.rival} in _REVERSALS else ''}The dots are of "
        f"{subject.says}.",
        figure=timing_plots.tempi(list(words.values()), strips, series, axes),
        says=clip_timing.describe_tempi(by_network, subject),
        table=clip_timing.tempo_table(by_network, subject, words),
        kind="tempi",
        classes=_classes(subject),
    )


def axis_end(columns: Sequence[np.ndarray]) -> float:
    """End of an axis that holds some scores, on both sides."""
    return 1.1 * max(1.0, *(float(np.abs(column).max()) for column in columns))
