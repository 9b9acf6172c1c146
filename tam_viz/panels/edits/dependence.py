"""Panels on the channels, and on the frames and blocks, that an answer rests on."""

from __future__ import annotations

import numpy as np

from tam_viz.analysis.edits.contrasts import Subject
from tam_viz.analysis.edits.dependence import (
    DELETED,
    ChannelEffects,
    FrameEffects,
    channel_effect_table,
    describe_channels,
    describe_frames,
    frame_effect_table,
)
from tam_viz.analysis.tam.ranking import top
from tam_viz.panels.panel import Panel
from tam_viz.plots.edits import dependence as plots

_SHOWN = 24
_LEAST = 0.1


def channels(without: ChannelEffects, subject: Subject, chosen: int, over: str) -> Panel:
    """Which channels of a block the answer rests on.

    Args:
        without: The answers.
        subject: The class that is spoken of.
        chosen: The chosen channel.
        over: What the mean that is put in is over.
    """
    effect = without.effect(subject)
    rows = top(np.abs(effect), _SHOWN, chosen)
    return Panel(
        title=f"Which channels of {without.block} matter for the prediction?",
        see="Each bar: V and Θ of one channel are set to their mean over clips. Above 0, what the "
        f"channel does on this clip supports '{subject.name}'. Click a bar to choose the channel.",
        how=f"The mean is over {over}; the network is run again for each channel. The picture "
        f"shows the {len(rows)} largest of {len(effect)}; the table lists all.",
        figure=plots.channels(rows, effect[rows], chosen, subject.kind),
        says=describe_channels(without, subject),
        table=channel_effect_table(without, subject),
    )


def frames(without: FrameEffects, subject: Subject, over: str) -> Panel:
    """Which frame in which block matters.

    Args:
        without: The answers.
        subject: The class that is spoken of.
        over: What the mean that is put in is over.
    """
    changes = {way: without.change(way, subject) for way in DELETED}
    best = without.before.argmax()
    return Panel(
        title="Which frame matters in which block?",
        see="Each cell: V of one block is replaced in one frame, and the network is run again. "
        f"Red: the score of '{subject.name}' falls, so the frame supported it. Blue: it rises. A "
        "dot marks another prediction.",
        how="'V = 0' removes the frame from the output of TAM in that block (the shortcut still "
        f"carries it): does the frame matter? 'V = its mean over clips' (over {over}) weights the "
        "frame as in an average clip: does it matter that V is specific to this clip?",
        figure=plots.frames(
            without.blocks,
            changes,
            {way: without.logits[way].argmax(-1) != best for way in DELETED},
            max(_LEAST, *(float(np.abs(change).max()) for change in changes.values())),
            subject.kind,
        ),
        says=describe_frames(without, subject),
        table=frame_effect_table(without, subject),
    )
