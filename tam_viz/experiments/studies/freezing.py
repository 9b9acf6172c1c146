"""What an answer owes to kernels that adapt: Θ of a block is replaced while the clip runs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.bench.answers import log_odds
from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel
from tam_viz.types import ALL_BLOCKS, Clip, Edit, Run, TAMTrace


def freeze(
    loaded: LoadedModel, clip: Clip, label: int, given: TAMTrace
) -> Iterator[tuple[int, int, Float[np.ndarray, " b"] | None]]:
    """Log-odds of a class that are lost when Θ is that of another trace, block by block.

    Yields how many runs are done, how many there are, and with the last one the losses: one for
    each block in forward order, then that of all blocks at once. They are above 0 where the class
    becomes less likely, and do not add up, since a block may do what another one did.

    Args:
        loaded: A network with TAM.
        clip: One view, prepared for it.
        label: Number of the class that is asked about.
        given: Whose Θ is put in, such as the mean over clips.
    """
    blocks = (*loaded.block_names, ALL_BLOCKS)
    whole, total = _odds(run(loaded, clip), label), len(blocks) + 1
    yield 1, total, None
    lost = np.empty(len(blocks))
    for number, block in enumerate(blocks):
        edited = run(loaded, clip, [Edit(block, "kernel", "given")], given=given)
        lost[number] = whole - _odds(edited, label)
        yield number + 2, total, lost if number + 1 == len(blocks) else None


def _odds(done: Run, label: int) -> float:
    return float(log_odds(done.prediction.logits[None], np.array([label]))[0])
