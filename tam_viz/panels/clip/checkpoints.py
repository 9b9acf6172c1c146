"""Panels on two checkpoints of one architecture: their maps and their frames on one scale."""

from __future__ import annotations

from tam_viz.analysis.clip import checkpoints as analysis
from tam_viz.analysis.clip.attribution import colour_limit, measure
from tam_viz.analysis.clip.checkpoints import CheckpointPair
from tam_viz.analysis.tam.importance import inside_event
from tam_viz.panels.panel import Panel
from tam_viz.plots.clip import attribution as plots
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.blending import Strip
from tam_viz.plots.shared.overlay import overlay_strips
from tam_viz.types import Method


def maps(pair: CheckpointPair, method: Method, *, frame: int, smooth: bool = False) -> Panel:
    """The maps of both checkpoints.

    Args:
        pair: The two.
        method: What made the maps.
        frame: Frame to point at, from 0.
        smooth: Whether cells of a map run into each other.
    """
    end = max(colour_limit(side.result) for side in pair.explained)
    first = pair.explained[0]
    return Panel(
        title=f"Two checkpoints, one clip: {method} for {analysis.title_of(pair)}",
        see="The same clip through two checkpoints of one architecture, both maps on one colour "
        "scale: any difference comes from the weights. Blue supports the class, red speaks against "
        "it, grey is neither.",
        figure=overlay_strips(
            [
                Strip(side.clip, side.result.maps, -end, end, side.card.id, smooth)
                for side in pair.explained
            ],
            colours=theme.CHANGE,
            title=measure(first.result),
            highlight=frame if frame < len(first.clip.frames) else None,
        ),
        says=analysis.describe_maps(pair),
        table=analysis.pair_table(pair, method),
    )


def frames(pair: CheckpointPair, method: Method, frame: int) -> Panel:
    """Losses of each checkpoint without each frame, side by side.

    Args:
        pair: The two.
        method: What made the maps, for the table.
        frame: Frame to point at, from 0.
    """
    first = pair.explained[0]
    kind = measure(first.result)
    return Panel(
        title="Two checkpoints: which frames each needs",
        see=f"How far the {kind} of {analysis.title_of(pair)} falls when one frame is replaced; "
        "filled bars are the first checkpoint, hatched bars the second. Orange: frames inside the "
        "true event, where it is known.",
        figure=plots.paired_bars(
            first.clip,
            inside_event(first.clip),
            {side.card.id: side.result.drops for side in pair.tested},
            theme.model_colour(first.card.temporal),
            frame,
            kind,
        ),
        says=analysis.describe_frames(pair),
        table=analysis.pair_table(pair, method),
    )
