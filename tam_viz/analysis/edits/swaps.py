"""V and Θ of one clip given to another, block by block and from the first block on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.edits.contrasts import Subject
from tam_viz.analysis.edits.sweep import AS_IT_IS, BOTH, THETA, V
from tam_viz.analysis.formatting import signed

SWAPPED = (V, THETA, BOTH)


@dataclass(frozen=True, eq=False)
class Swaps:
    """Predictions for a clip that is given V, Θ or both of another clip.

    Attributes:
        blocks: The TAM blocks in forward order.
        own: Logits of the clip as it is.
        other: Logits of the other clip as it is.
        single: By what is swapped, logits with one block swapped.
        up_to: The same with all blocks swapped from the first one up to each.
    """

    blocks: tuple[str, ...]
    own: Float[np.ndarray, " k"]
    other: Float[np.ndarray, " k"]
    single: Mapping[str, Float[np.ndarray, "b k"]]
    up_to: Mapping[str, Float[np.ndarray, "b k"]]


def swap_table(forth: Swaps, back: Swaps, to: Subject) -> pd.DataFrame:
    """Score of the class, a row per block, for both directions."""
    columns = {
        f"{clip}, {what} {how}": to.score(values[what])
        for clip, swaps in (("first clip", forth), ("second clip", back))
        for how, values in (("of this block", swaps.single), ("up to this block", swaps.up_to))
        for what in SWAPPED
    }
    for clip, swaps in (("first clip", forth), ("second clip", back)):
        columns[f"{clip}, {AS_IT_IS}"] = np.full(len(forth.blocks), float(to.score(swaps.own)))
    return pd.DataFrame(columns, index=pd.Index(forth.blocks, name="block"))


def describe_swaps(forth: Swaps, to: Subject) -> str:
    """Two sentences on how far V and Θ of the second clip carry the first one's answer."""
    own, other = (float(to.score(x)) for x in (forth.own, forth.other))
    swapped = {what: float(to.score(forth.up_to[what][-1])) for what in SWAPPED}
    moves = to.score(forth.single[BOTH]) - own
    most = int(np.abs(moves).argmax())
    return (
        f"As they are, the {to.measure} is {signed(own)} for the "
        f"first clip and {signed(other)} for the second. With the second clip's in all blocks the "
        f"first clip gets {signed(swapped[V])} (V), {signed(swapped[THETA])} (Θ) and "
        f"{signed(swapped[BOTH])} (both); the single block that moves it most is "
        f"{forth.blocks[most]} ({signed(moves[most])}, both)."
    )
