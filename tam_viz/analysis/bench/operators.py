"""Temporal operators and influence: matrices that say how much frame t takes from frame s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.formatting import listed
from tam_viz.types import Operator

Look = Literal["mean", "size", "channel"]


def nearest_block(operators: Mapping[str, Operator], block: str) -> str:
    """The block whose operator is shown for `block`: the nearest that has a module.

    `block` itself where the network has one in it, or has none in any block. Of two blocks that
    are as near, the one of the same stage, else the later one.

    Args:
        operators: The operators of one network, in forward order.
        block: The chosen block.
    """
    if block not in operators or operators[block].kind != "identity":
        return block
    names = list(operators)

    def apart(name: str) -> tuple[int, bool, int]:
        other_stage = name.rpartition(".")[0] != block.rpartition(".")[0]
        return abs(names.index(name) - names.index(block)), other_stage, -names.index(name)

    with_one = [name for name, operator in operators.items() if operator.kind != "identity"]
    return min(with_one, key=apart, default=block)


def look_at(operator: Operator, look: Look, channel: int = 0) -> Float[np.ndarray, "t t"] | None:
    """One matrix for all channels, or that of one of them; None if there is no such channel.

    Args:
        operator: Of a module.
        look: `mean` over channels, in which weights of opposite sign and shifts of opposite
            direction cancel or blur; `size`, the root of their mean square, without sign; or
            `channel`.
        channel: Which one, for `channel`.
    """
    matrix = operator.matrix
    if look == "mean":
        return _as_square(matrix.mean(0))
    if look == "size":
        return _as_square(np.sqrt(np.square(matrix).mean(0)))
    if len(matrix) == 1:
        return _as_square(matrix[0])
    return _as_square(matrix[channel]) if channel < len(matrix) else None


def _as_square(matrix: np.ndarray) -> Float[np.ndarray, "t t"]:
    return matrix.astype(np.float64)


def rows_to_one(matrix: Float[np.ndarray, "r s"]) -> Float[np.ndarray, "r s"]:
    """Rows divided by their sums, so that networks can be compared; a row of zeros stays one."""
    sums = matrix.sum(1, keepdims=True)
    return np.divide(matrix, sums, out=np.zeros_like(matrix), where=sums > 0)


def to_scale(matrix: Float[np.ndarray, "t t"]) -> Float[np.ndarray, "t t"]:
    """A matrix divided by its largest row sum of sizes; in [-1, 1].

    A factor on all of a module's output is taken out again by the batch norm that follows, so it
    tells nothing; what is left says which frame is read, with which sign.
    """
    largest = float(np.abs(matrix).sum(1).max())
    return matrix / (largest or 1.0)


@dataclass(frozen=True)
class Reach:
    """Shares of the absolute weight of a matrix by temporal distance; all in [0, 1].

    Attributes:
        past: On frames before frame t.
        present: On frame t itself.
        future: On frames after it.
        far: More than one frame away; part of `past` and `future`.
    """

    past: float
    present: float
    future: float
    far: float

    @property
    def elsewhere(self) -> float:
        """Off the diagonal."""
        return self.past + self.future

    @property
    def lean(self) -> float:
        """(future − past) / (future + past), in [-1, 1]; 0 where no other frame is read."""
        return (self.future - self.past) / self.elsewhere if self.elsewhere > 0 else 0.0


def reach(matrix: Float[np.ndarray, "t t"]) -> Reach:
    """Where the weight of a matrix lies."""
    size = np.abs(matrix)
    whole = float(size.sum()) or 1.0
    far = np.triu(size, 2).sum() + np.tril(size, -2).sum()
    return Reach(
        past=float(np.tril(size, -1).sum()) / whole,
        present=float(np.trace(size)) / whole,
        future=float(np.triu(size, 1).sum()) / whole,
        far=float(far) / whole,
    )


def reach_of(matrix: Float[np.ndarray, "r s"]) -> Reach | None:
    """Where the weight lies; None for a network that has fewer time steps than frames."""
    return reach(matrix) if matrix.shape[0] == matrix.shape[1] else None


def matrix_table(matrices: Mapping[str, Float[np.ndarray, "_ _s"]]) -> pd.DataFrame:
    """All matrices below each other: a row per network and frame t, a column per frame s."""
    tables = {
        name: pd.DataFrame(
            matrix,
            index=pd.RangeIndex(1, len(matrix) + 1),
            columns=[f"from frame {s}" for s in range(1, matrix.shape[1] + 1)],
        )
        for name, matrix in matrices.items()
    }
    return pd.concat(tables, names=["network", "frame"]).round(5)


def describe_operators(matrices: Mapping[str, Float[np.ndarray, "t t"]], tanet: str) -> str:
    """Sentences on where each network's weights lie, TANet's first.

    Args:
        matrices: By the name of the network.
        tanet: The name of the TANet among them.
    """
    reaches = {name: reach(matrix) for name, matrix in matrices.items()}
    parts = []
    if tanet in reaches:
        own = reaches[tanet]
        parts.append(
            f"{tanet} puts {own.past:.0%} of its weight on the past, {own.present:.0%} on the "
            f"present and {own.future:.0%} on the future frame."
        )
    others = {name: r for name, r in reaches.items() if name != tanet}
    if others:
        shares = ", ".join(f"{name} {r.elsewhere:.0%}" for name, r in others.items())
        parts.append(f"Weight on other frames than its own: {shares}.")
    far = [f"{name} ({r.far:.0%})" for name, r in reaches.items() if r.far > 0.001]
    parts.append(
        f"{listed(far)} {_verb(far, 'looks', 'look')} further than one frame away."
        if far
        else "None of them looks further than one frame away in this block."
    )
    return " ".join(parts)


def describe_influence(
    matrices: Mapping[str, Float[np.ndarray, "_ _s"]],
    tanet: str,
    detached: str,
    untrained: str | None = None,
) -> str:
    """Sentences on how far the features of a frame depend on other frames, and which way.

    Args:
        matrices: By the name of the network; rows sum to 1.
        tanet: The name of the TANet among them.
        detached: That of the same network with V and Θ detached.
        untrained: That of the same network untrained, where it is among them.
    """
    reaches = {name: r for name, m in matrices.items() if (r := reach_of(m)) is not None}
    parts = []
    if tanet in reaches:
        own = reaches[tanet]
        parts.append(
            f"In {tanet} {own.elsewhere:.0%} of the influence on a frame's features comes from "
            f"other frames (past {own.past:.0%}, future {own.future:.0%}), {own.far:.0%} from "
            f"more than one frame away."
        )
    for name, begin in ((detached, "With V and Θ fixed"), (untrained, "Untrained")):
        if name in reaches:
            parts.append(
                f"{begin} it is {reaches[name].elsewhere:.0%}, {reaches[name].far:.0%} from more "
                f"than one frame away."
            )
    others = {n: r for n, r in reaches.items() if n not in (tanet, detached, untrained)}
    return " ".join(parts + _describe_rivals(others) + _fewer_time_steps(matrices, reaches))


def _describe_rivals(reaches: Mapping[str, Reach]) -> list[str]:
    """Who reaches furthest, who leans most to one side, who looks at frames alone."""
    parts = []
    mixing = {name: r for name, r in reaches.items() if r.elsewhere > 1e-9}
    if mixing:
        widest = max(mixing, key=lambda name: mixing[name].far)
        leaning = max(mixing, key=lambda name: abs(mixing[name].lean))
        parts.append(
            f"Of the baselines {widest} reaches furthest ({mixing[widest].far:.0%} from more than "
            f"one frame away) and {leaning} leans most to one side (past "
            f"{mixing[leaning].past:.0%}, future {mixing[leaning].future:.0%})."
        )
    alone = [name for name in reaches if name not in mixing]
    if alone:
        parts.append(f"{listed(alone)} {_verb(alone, 'looks', 'look')} at each frame alone.")
    return parts


def _fewer_time_steps(
    matrices: Mapping[str, np.ndarray], reaches: Mapping[str, Reach]
) -> list[str]:
    fewer = [name for name in matrices if name not in reaches]
    if not fewer:
        return []
    return [
        f"{listed(fewer)} {_verb(fewer, 'has', 'have')} fewer time steps than the clip has "
        f"frames: there a row is a time step."
    ]


def _verb(names: Sequence[str], one: str, many: str) -> str:
    return one if len(names) == 1 else many
