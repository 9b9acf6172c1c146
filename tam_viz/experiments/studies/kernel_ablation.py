"""Ablation of adaptive kernels: Θ of a block is replaced while the clip runs."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.bench.answers import true_log_odds
from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel
from tam_viz.types import ALL_BLOCKS, Clip, Edit, Run, Step, Steps, TAMTrace


def freeze(
    loaded: LoadedModel, clip: Clip, label: int, given: TAMTrace
) -> Steps[Float[np.ndarray, " b"]]:
    """Log-odds of a class that are lost when Θ is that of another trace, block by block.

    A step is a forward pass. The result has the loss of each block in forward order, then that of
    all blocks at once. Losses are above 0 where the class
    becomes less likely, and do not add up, since a block may do what another one did.

    Args:
        loaded: A network with TAM.
        clip: One view, prepared for it.
        label: Number of the class that is asked about.
        given: Whose Θ is put in, such as the mean over clips.
    """
    blocks = (*loaded.block_names, ALL_BLOCKS)
    whole, total = _odds(run(loaded, clip), label), len(blocks) + 1
    yield Step(1, total)
    lost = np.empty(len(blocks))
    for number, block in enumerate(blocks):
        edited = run(loaded, clip, [Edit(block, "kernel", "given")], given=given)
        lost[number] = whole - _odds(edited, label)
        yield Step(number + 2, total, lost if number + 1 == len(blocks) else None)


def _odds(done: Run, label: int) -> float:
    return float(true_log_odds(done.prediction.logits[None], np.array([label]))[0])
