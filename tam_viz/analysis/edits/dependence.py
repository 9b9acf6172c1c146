"""The dependence of a prediction on channels of a block and on frames in blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.edits.contrasts import Subject
from tam_viz.analysis.formatting import listed, signed
from tam_viz.analysis.tam.ranking import order

ZERO, MEAN = "V = 0", "V = its mean over clips"
DELETED = (ZERO, MEAN)
"""How V of a block is taken away in one frame."""


@dataclass(frozen=True, eq=False)
class ChannelEffects:
    """Predictions with V and Θ of one channel of a block at their mean over clips.

    Attributes:
        block: The block.
        before: Logits with nothing edited.
        logits: By channel.
    """

    block: str
    before: Float[np.ndarray, " k"]
    logits: Float[np.ndarray, "c k"]

    def effect(self, to: Subject) -> Float[np.ndarray, " c"]:
        """By how much the score of a class is higher with each channel as the clip has it."""
        return np.asarray(to.score(self.before) - to.score(self.logits))


@dataclass(frozen=True, eq=False)
class FrameEffects:
    """Predictions with V of one block removed in one frame.

    Attributes:
        blocks: The TAM blocks in forward order.
        before: Logits with nothing edited.
        logits: By how it is taken away (`DELETED`), by block and frame.
    """

    blocks: tuple[str, ...]
    before: Float[np.ndarray, " k"]
    logits: Mapping[str, Float[np.ndarray, "b t k"]]

    def change(self, way: str, to: Subject) -> Float[np.ndarray, "b t"]:
        """Change of the score of a class by block and frame."""
        return np.asarray(to.score(self.logits[way]) - to.score(self.before))


def describe_channels(channels: ChannelEffects, to: Subject, most: int = 3) -> str:
    """A sentence on the channels that the answer rests on most."""
    effect = channels.effect(to)
    first = order(np.abs(effect))[:most]
    names = listed(f"{c} ({signed(effect[c], 3)})" for c in first)
    size = np.abs(effect)
    half = int((np.cumsum(np.sort(size)[::-1]) < size.sum() / 2).sum()) + 1
    return (
        f"V and Θ as this clip has them change the {to.measure} most in channels {names} of "
        f"{channels.block}; {half} of its {len(effect)} channels make up half of all changes."
    )


def channel_effect_table(channels: ChannelEffects, to: Subject) -> pd.DataFrame:
    """The effect of every channel, the largest first."""
    effect = channels.effect(to)
    rows = order(np.abs(effect))
    return pd.DataFrame(
        {f"effect on the {to.kind}": effect[rows]}, index=pd.Index(rows, name="channel")
    )


def describe_frames(frames: FrameEffects, to: Subject) -> str:
    """A sentence on the frame and block that each way of taking V away hits most."""
    parts = []
    for way in DELETED:
        change = frames.change(way, to)
        b, t = np.unravel_index(np.abs(change).argmax(), change.shape)
        turned = int((frames.logits[way].argmax(-1) != frames.before.argmax()).sum())
        parts.append(
            f"'{way}' changes it most in {frames.blocks[b]}, frame {t + 1} "
            f"({signed(change[b, t])}), and changes the prediction in {turned} of {change.size} "
            "cells"
        )
    return (
        f"With nothing edited the {to.measure} is {signed(float(to.score(frames.before)))}. "
        f"{'; '.join(parts)}."
    )


def frame_effect_table(frames: FrameEffects, to: Subject) -> pd.DataFrame:
    """Change of the score, a row per block, a column per frame for each way."""
    columns = {}
    for way in DELETED:
        for t, values in enumerate(frames.change(way, to).T, start=1):
            columns[f"{way}, frame {t}"] = values
    return pd.DataFrame(columns, index=pd.Index(frames.blocks, name="block"))
