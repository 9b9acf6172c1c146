"""The panels of a whole study: one video, several networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tam_viz.analysis.tam.importance import varies
from tam_viz.analysis.tam.ranking import top
from tam_viz.panels.clip import clip as clip_panels
from tam_viz.panels.panel import Panel
from tam_viz.panels.tam import (
    importance,
    importance_channel,
    kernel_lines,
    kernel_triangle,
    kernels,
)
from tam_viz.panels.tam.importance_references import ControlTraces, block_beside
from tam_viz.panels.tam.kernel_study import KernelStudy
from tam_viz.types import Card, Clip, Run, TAMTrace

_ROWS = 64
"""Channels of a block that a map shows; more could not be told apart."""


@dataclass(frozen=True, eq=False)
class Looked:
    """A network with TAM as it was looked at.

    Attributes:
        clip: What it was given.
        kernel_study: What it decided, beside what, and which block and channel are shown.
        frozen: What it decided on one frame, shown all along.
        frame: That frame, which is also pointed at, from 0.
    """

    clip: Clip
    kernel_study: KernelStudy
    frozen: TAMTrace
    frame: int


def study_panels(
    results: Sequence[tuple[Card, Clip, Run]], networks: Sequence[Looked]
) -> list[Panel]:
    """Frames and answers, then V and Θ of networks with TAM.

    Args:
        results: One entry per network, of one video.
        networks: The networks with TAM to show.
    """
    cards, clips, runs = zip(*results, strict=True)
    panels = [clip_panels.frames(clips[0]), clip_panels.answers(cards, runs, clips[0].label)]
    for network in networks:
        panels += _network(network)
    return panels


def _network(looked: Looked) -> list[Panel]:
    clip, study = looked.clip, looked.kernel_study
    block = study.trace[study.block]
    whole = ControlTraces(
        looked.frozen,
        looked.frame,
        study.untrained,
        study.mean,
        over=study.over,
        fitted=study.fitted,
    )
    beside = block_beside(whole, study.block)
    scores = varies(block.importance, beside.frozen.importance)
    return [
        importance.overview(clip, study.trace, whole, study.block),
        importance.block_map(
            clip,
            block,
            beside,
            channel=study.channel,
            shown=top(scores, _ROWS, study.channel) if len(scores) > _ROWS else None,
            ranked_by="V against the frozen clip",
        ),
        importance_channel.channel_line(
            clip, block, beside, channel=study.channel, frame=looked.frame
        ),
        kernel_triangle.simplex(study),
        kernels.block_map(study),
        kernels.taps(study),
        kernel_lines.depth(study),
        kernel_lines.frequencies(study),
    ]
