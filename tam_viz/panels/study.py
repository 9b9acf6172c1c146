"""The panels of a whole study: one video, several networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tam_viz.analysis.importance import most_variable
from tam_viz.panels import clip as clip_panels
from tam_viz.panels import importance, kernel_lines, kernels
from tam_viz.panels.panel import Panel
from tam_viz.types import Card, Clip, Run, TAMTrace


@dataclass(frozen=True, eq=False)
class References:
    """What a trace is held against.

    Attributes:
        backwards: Trace of the same clip played backwards.
        untrained: Trace of the untrained network of the same shape.
    """

    backwards: TAMTrace
    untrained: TAMTrace


def study_panels(
    results: Sequence[tuple[Card, Clip, Run]], references: Mapping[str, References]
) -> list[Panel]:
    """Frames and answers, then V and Θ of every network with TAM.

    Args:
        results: One entry per network, of one video.
        references: By checkpoint id, for the networks with TAM.
    """
    cards, clips, runs = zip(*results, strict=True)
    panels = [clip_panels.frames(clips[0]), clip_panels.answers(cards, runs, clips[0].label)]
    for card, clip, run in results:
        if run.trace is not None:
            panels += _network(clip, run.trace, references[card.id])
    return panels


def _network(clip: Clip, trace: TAMTrace, against: References) -> list[Panel]:
    block = trace.blocks[max(0, len(trace.blocks) - 2)]
    base = against.untrained[block.name]
    channel = most_variable(block.importance)
    view = kernels.View(
        name=clip.source,
        trace=trace,
        untrained=against.untrained,
        block=block.name,
        channel=channel,
        second=kernels.Second(f"{clip.source}, played backwards", against.backwards),
    )
    return [
        importance.overview(clip, trace, against.untrained),
        importance.block_map(clip, block, base, channel=channel),
        importance.channel_line(clip, block, base, channel=channel),
        kernel_lines.depth(view),
        kernels.taps(view),
        kernels.simplex(view),
        kernels.block_map(view),
    ]
