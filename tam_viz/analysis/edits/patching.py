"""Do the features before TAM already lack what the answer needs? One block is patched at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.edits.contrasts import Subject
from tam_viz.analysis.formatting import signed
from tam_viz.types import Target

DECISIONS, FEATURES, ALL_THREE = "V and Θ", "x alone", "x, V and Θ"
PATCHED: Mapping[str, Mapping[Target, Literal["donor", "own"]]] = {
    DECISIONS: {"importance": "donor", "kernel": "donor"},
    FEATURES: {"input": "donor", "importance": "own", "kernel": "own"},
    ALL_THREE: {"input": "donor"},
}
"""What one block is given from the donor, and what it keeps of the clip's own.

V and Θ are made of x: with x given and nothing kept they are the donor's as well.
"""

_LITTLE = 0.1
"""A change of the score that is hardly one: the odds change by a tenth."""


@dataclass(frozen=True, eq=False)
class Patched:
    """Predictions for a clip while one block has V, Θ or x of another clip.

    Attributes:
        blocks: The TAM blocks in forward order.
        own: Logits of the clip as it is.
        donor: Logits of the donor as it is.
        rows: By what is given (`PATCHED`), logits by block.
    """

    blocks: tuple[str, ...]
    own: Float[np.ndarray, " k"]
    donor: Float[np.ndarray, " k"]
    rows: Mapping[str, Float[np.ndarray, "b k"]]

    def change(self, what: str, to: Subject) -> Float[np.ndarray, " b"]:
        """Change of the score of a class by block."""
        return np.asarray(to.score(self.rows[what]) - to.score(self.own))


def patch_table(patched: Patched, null: Patched | None, to: Subject) -> pd.DataFrame:
    """Change of the score by block, from the donor and from the null donor."""
    columns = {f"{what} of the donor": patched.change(what, to) for what in PATCHED}
    if null is not None:
        columns |= {f"{what} of the null donor": null.change(what, to) for what in PATCHED}
    return pd.DataFrame(columns, index=pd.Index(patched.blocks, name="block"))


def describe_patches(patched: Patched, null: Patched | None, to: Subject) -> str:
    """Sentences on what takes the clip towards the donor, and whether any donor would."""
    own, donor_score = float(to.score(patched.own)), float(to.score(patched.donor))
    way = 1 if donor_score >= own else -1
    parts = []
    for what in PATCHED:
        change = patched.change(what, to)
        most = int((way * change).argmax())
        sentence = f"{what} in {patched.blocks[most]} {signed(change[most])}"
        if null is not None:
            other = null.change(what, to)
            best = int((way * other).argmax())
            sentence += f" (null donor at most {signed(other[best])}, in {null.blocks[best]})"
        turned = int((patched.rows[what].argmax(-1) != patched.own.argmax()).sum())
        parts.append(f"{sentence}, with another prediction in {turned} of {len(change)} blocks")
    does = "raises" if way > 0 else "lowers"
    return (
        f"As they are, the {to.measure} is {signed(own)} for the clip and "
        f"{signed(donor_score)} for the donor. What {does} it most: {'; '.join(parts)}."
        f"{_verdict(patched, null, to, way)}"
    )


def _verdict(patched: Patched, null: Patched | None, to: Subject, way: int) -> str:
    """What follows: by how much the best block of the donor does more than that of the null."""
    if null is None:
        return ""

    def gain(what: str) -> float:
        best = [float((way * patch.change(what, to)).max()) for patch in (patched, null)]
        return best[0] - max(best[1], 0.0)

    gains = {what: gain(what) for what in PATCHED}
    gains_text = ", ".join(f"{what} {signed(value)}" for what, value in gains.items())
    return f" Beyond the best of the null donor: {gains_text}. {_meaning(gains)}"


def _meaning(gains: Mapping[str, float]) -> str:
    """What follows from what each part of the donor does beyond the null donor."""
    decisions, features, both = (gains[what] for what in (DECISIONS, FEATURES, ALL_THREE))
    if max(gains.values()) < _LITTLE:
        return "The null donor does as much, so none of this says what the prediction depends on."
    if both > 2 * max(decisions, features, _LITTLE):
        return "Most of it takes all three: features and decisions cannot be told apart here."
    if features > 2 * max(decisions, _LITTLE):
        return (
            "Features do more than twice as much as V and Θ: what makes the difference is there "
            "before TAM."
        )
    if decisions > 2 * max(features, _LITTLE):
        return (
            "V and Θ do more than twice as much as features: what makes the difference is what TAM "
            "decides."
        )
    return "Features and decisions do about as much: this does not tell them apart."
