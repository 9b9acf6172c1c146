"""The panels of a whole study: one video, several networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tam_viz.panels import clip as clip_panels
from tam_viz.panels import importance, kernel_lines, kernels
from tam_viz.panels.kernels import View
from tam_viz.panels.panel import Panel
from tam_viz.types import Card, Clip, Run


@dataclass(frozen=True, eq=False)
class Looked:
    """A network with TAM as it was looked at.

    Attributes:
        clip: What it was given.
        view: What it decided, beside what, and which block and channel are shown.
        frame: The frame that is pointed at, from 0.
    """

    clip: Clip
    view: View
    frame: int


def study_panels(
    results: Sequence[tuple[Card, Clip, Run]], looked: Sequence[Looked]
) -> list[Panel]:
    """Frames and answers, then V and Θ of networks with TAM.

    Args:
        results: One entry per network, of one video.
        looked: The networks with TAM to show.
    """
    cards, clips, runs = zip(*results, strict=True)
    panels = [clip_panels.frames(clips[0]), clip_panels.answers(cards, runs, clips[0].label)]
    for one in looked:
        panels += _network(one.clip, one.view, one.frame)
    return panels


def _network(clip: Clip, view: View, frame: int) -> list[Panel]:
    block, base = view.trace[view.block], view.untrained[view.block]
    mean = None if view.mean is None else view.mean[view.block]
    return [
        importance.overview(clip, view.trace, view.untrained, view.mean),
        importance.block_map(clip, block, base, channel=view.channel, mean=mean),
        importance.channel_line(clip, block, base, channel=view.channel, mean=mean, frame=frame),
        kernels.simplex(view),
        kernels.block_map(view),
        kernels.taps(view),
        kernel_lines.depth(view),
        kernel_lines.frequencies(view),
    ]
