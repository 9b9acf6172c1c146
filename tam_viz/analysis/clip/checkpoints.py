"""Two checkpoints of one architecture: do their answers rest on the same frames?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.clip.attribution import (
    Explained,
    Tested,
    frame_sums,
    measure,
    named,
    rank_agreement,
)
from tam_viz.analysis.formatting import signed
from tam_viz.types import Card, Method


def same_architecture(first: Card, second: Card) -> bool:
    """Whether two networks differ in nothing but their weights and how clips are prepared."""
    shapes = [
        (card.temporal, card.layers, card.width, dict(card.options), card.input.frames)
        for card in (first, second)
    ]
    return shapes[0] == shapes[1] and first.classes == second.classes


@dataclass(frozen=True, eq=False)
class CheckpointPair:
    """Two checkpoints asked for the same class.

    Attributes:
        explained: Their maps.
        tested: What each loses without each frame.
    """

    explained: tuple[Explained, Explained]
    tested: tuple[Tested, Tested]

    @property
    def drops(self) -> tuple[Float[np.ndarray, " t"], Float[np.ndarray, " t"]]:
        """The drop of each checkpoint's score without each frame."""
        return self.tested[0].result.drops, self.tested[1].result.drops


def describe_maps(pair: CheckpointPair) -> str:
    """Sentences on the sums of the two maps, and on their rank correlation."""
    first, second = pair.explained
    parts = [
        f"{side.card.id}: {measure(side.result)} {signed(side.result.score)}, the map adds up to "
        f"{signed(frame_sums(side.result).sum())}"
        for side in pair.explained
    ]
    return f"{'; '.join(parts)}. {_alike(first.result.maps, second.result.maps, 'maps')}"


def describe_frames(pair: CheckpointPair) -> str:
    """Sentences on the frame that each needs most, and on their rank correlation."""
    parts = [f"{side.card.id} {_most(side.result.drops)}" for side in pair.tested]
    return f"{'; '.join(parts)}. {_alike(*pair.drops, 'losses')}"


def _most(drops: Float[np.ndarray, " t"]) -> str:
    frame = int(drops.argmax())
    if drops[frame] <= 0:
        return "loses nothing without any single frame"
    return f"loses most without frame {frame + 1} ({drops[frame]:.2f})"


def _alike(first: np.ndarray, second: np.ndarray, what: str) -> str:
    if first.shape != second.shape:
        return f"The {what} have different sizes and are not correlated."
    alike = rank_agreement(first, second)
    if alike is None:
        return f"One of the {what} is the same throughout, so there is no order to compare."
    return f"Rank correlation of the two {what}: {signed(alike[0])} ({first.size:,} values)."


def pair_table(pair: CheckpointPair, method: Method) -> pd.DataFrame:
    """A row per frame: what each checkpoint loses without it, and what its map says of it."""
    columns: dict[str, np.ndarray] = {"seconds": pair.explained[0].clip.times_s.round(3)}
    for side in pair.tested:
        columns[f"{side.card.id}: lost without it"] = side.result.drops
        columns[f"{side.card.id}: sum of {method}"] = side.sums
    index = pd.RangeIndex(1, len(pair.drops[0]) + 1, name="frame")
    return pd.DataFrame(columns, index=index)


def title_of(pair: CheckpointPair) -> str:
    """The class, and the one it is compared with, that both were asked for."""
    return named(pair.explained[0].result)
