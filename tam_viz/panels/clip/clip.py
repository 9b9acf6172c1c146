"""Panels on a clip: its frames, and what networks say of it."""

from __future__ import annotations

from collections.abc import Sequence

from tam_viz.analysis.clip import predictions as analysis
from tam_viz.analysis.clip.cost import Cost, cost_table, describe_costs
from tam_viz.analysis.formatting import listed
from tam_viz.panels.panel import Panel
from tam_viz.plots.clip import cost, predictions
from tam_viz.plots.shared import filmstrip
from tam_viz.types import Card, Clip, Run

_NAMED = 2
"""So many networks are named in a heading; of more the first one is."""


def frames(
    clip: Clip, cards: Sequence[Card] = (), runs: Sequence[Run] = (), sampling: str = ""
) -> Panel:
    """Which frames networks see that sample alike, and what they make of them.

    Args:
        clip: The frames.
        cards: The networks; none where all see these frames.
        runs: What they predict.
        sampling: How the frames are chosen, in words.
    """
    who = listed(card.id for card in cards) if cards else "the networks"
    if len(cards) > _NAMED:
        who = f"{cards[0].id} and {len(cards) - 1} others"
    verb = "sees" if len(cards) == 1 else "see"
    predicted = f" {analysis.describe_predictions(cards, runs, clip.label)}" if cards else ""
    return Panel(
        title=f"What {who} {verb}",
        see=f"{f'Sampling: {sampling}. ' if sampling else ''}The frames of the view in order, "
        "each marked at its time in the video; the orange band is the true event, where it is "
        "known.",
        figure=filmstrip.film_strip(clip),
        says=f"{analysis.describe_frames(clip)}{predicted}",
        table=analysis.frame_table(clip),
    )


def answers(cards: Sequence[Card], runs: Sequence[Run], truth: str | None) -> Panel:
    """Predictions of several networks for one video."""
    predicted = [(card, run.prediction) for card, run in zip(cards, runs, strict=True)]
    return Panel(
        title="What the networks predict",
        see="The five most probable classes of each network, all on one scale; the true class has "
        "a tick where it is known. A network knows only the classes that it was trained on.",
        figure=predictions.top_classes(predicted, truth),
        says=analysis.describe_predictions(cards, runs, truth),
        table=analysis.prediction_table(cards, runs, truth),
    )


def costs(measured: Sequence[Cost]) -> Panel:
    """The cost of a prediction of several networks."""
    return Panel(
        title="Cost of a prediction",
        see="Parameters, multiply-adds and milliseconds for one clip, each from zero. Bars are "
        "medians, whiskers interquartile ranges.",
        how="Each network is counted and timed at its own input on this machine; published "
        "tables use other sizes and numbers of frames, so they are not comparable. Timed is one "
        "forward pass on a decoded, resized clip; small networks run on one CPU thread. The "
        "networks take turns, in a new order each round, after two warm-up rounds.",
        figure=cost.costs(measured),
        says=describe_costs(measured),
        table=cost_table(measured),
    )
