"""The dependence of a prediction on channels of a block and on frames in blocks.

Everything is measured by running the network with V or Θ replaced, none of it estimated.
"""

from __future__ import annotations

import numpy as np

from tam_viz.analysis.edits.dependence import DELETED, ChannelEffects, FrameEffects
from tam_viz.capture.run import run
from tam_viz.capture.variants import variant_logits
from tam_viz.models.engine import LoadedModel
from tam_viz.types import BlockTrace, Clip, Step, Steps, TAMTrace, UserError

_ROWS = 8


def channel_effects(
    loaded: LoadedModel, clip: Clip, block: str, mean: TAMTrace
) -> Steps[ChannelEffects]:
    """Predictions with V and Θ of one channel of a block at their mean over clips.

    A step is some channels.

    Args:
        loaded: A network with TAM.
        clip: One view, prepared for it.
        block: One of its TAM blocks.
        mean: V and Θ, each the mean over clips.

    Raises:
        UserError: The network has no such block, or the clip does not fit it.
    """
    done = run(loaded, clip)
    own = _block(done.trace, block, loaded)
    other = _block(mean, block, loaded)
    count, rows = len(own.kernel), []
    for first in range(0, count, _ROWS):
        channels = np.arange(first, min(first + _ROWS, count))
        copies = np.arange(len(channels))
        v, theta = (np.repeat(a[None], len(channels), axis=0) for a in (own.importance, own.kernel))
        v[copies, channels] = other.importance[channels]
        theta[copies, channels] = other.kernel[channels]
        rows.append(variant_logits(loaded, clip, block, v, theta))
        last = first + _ROWS >= count
        effects = (
            ChannelEffects(block, done.prediction.logits, np.concatenate(rows)) if last else None
        )
        yield Step(min(first + _ROWS, count), count, effects)


def frame_effects(loaded: LoadedModel, clip: Clip, mean: TAMTrace) -> Steps[FrameEffects]:
    """Predictions with V of one block at zero, or at its mean, in one frame.

    With V at zero the frame does not enter what TAM gives out in that block; the shortcut carries
    it on. With V at its mean over clips it enters as it would in any clip.

    A step is a block.

    Args:
        loaded: A network with TAM.
        clip: One view, prepared for it.
        mean: V and Θ, each the mean over clips.

    Raises:
        UserError: The network has no TAM, or the clip does not fit it.
    """
    done, names = run(loaded, clip), loaded.block_names
    if not names:
        raise UserError(f"{loaded.card.id} has no TAM, so it has no block to edit; name a TANet.")
    rows: dict[str, list[np.ndarray]] = {name: [] for name in DELETED}
    for number, name in enumerate(names, start=1):
        own = _block(done.trace, name, loaded)
        frames = np.arange(own.importance.shape[1])
        theta = np.repeat(own.kernel[None], len(frames), axis=0)
        for way, given in zip(DELETED, (None, _block(mean, name, loaded)), strict=True):
            v = np.repeat(own.importance[None], len(frames), axis=0)
            v[frames, :, frames] = 0 if given is None else given.importance.T
            rows[way].append(variant_logits(loaded, clip, name, v, theta))
        effects = None
        if number == len(names):
            logits = {way: np.stack(kept) for way, kept in rows.items()}
            effects = FrameEffects(names, done.prediction.logits, logits)
        yield Step(number, len(names), effects)


def _block(trace: TAMTrace | None, name: str, loaded: LoadedModel) -> BlockTrace:
    if trace is None or name not in trace.names:
        raise UserError(f"{loaded.card.id} has no TAM block '{name}'; name a block of a TANet.")
    return trace[name]
