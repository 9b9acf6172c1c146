"""Statistics of the adaptive kernels Θ: past, present and future shares of every channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.types import BlockTrace, TAMTrace

TAPS = ("past", "present", "future")
LANDMARKS: dict[str, tuple[float, float, float]] = {
    "TSN (present)": (0.0, 1.0, 0.0),
    "TSM reads future": (0.0, 0.0, 1.0),
    "TSM reads past": (1.0, 0.0, 0.0),
    "average": (1 / 3, 1 / 3, 1 / 3),
}
"""Kernels of the rivals as (past, present, future)."""


def shares(kernel: Float[np.ndarray, "c k"]) -> Float[np.ndarray, "c 3"]:
    """Weight on the past, the present and the future of each channel; rows sum to 1."""
    centre = kernel.shape[1] // 2
    parts = kernel[:, :centre].sum(1), kernel[:, centre], kernel[:, centre + 1 :].sum(1)
    return np.stack(parts, axis=1)


def lean(kernel: Float[np.ndarray, "c k"]) -> Float[np.ndarray, " c"]:
    """Future minus past of each channel; in [-1, 1], 0 for a symmetric kernel."""
    parts = shares(kernel)
    return parts[:, 2] - parts[:, 0]


def simplex_xy(kernel: Float[np.ndarray, "c k"]) -> Float[np.ndarray, "c 2"]:
    """Each kernel as a point of the triangle: future − past across, weight of the present upwards.

    Past and future are the corners (∓1, 0), the present (0, 1). Differences of kernels have
    points too, around (0, 0).
    """
    parts = shares(kernel)
    return np.stack([parts[:, 2] - parts[:, 0], parts[:, 1]], axis=1)


def moved(first: Float[np.ndarray, "c k"], second: Float[np.ndarray, "c k"]) -> float:
    """Share of a kernel's weight that lies on other taps in the second, mean over channels."""
    return float(0.5 * np.abs(first - second).sum(axis=1).mean())


def signed_shares(kernel: Float[np.ndarray, "c k"]) -> Float[np.ndarray, "c k"]:
    """Kernels of any sign and size, divided by the sum of their absolute values; in [-1, 1].

    Θ is its own signed share. A kernel of zeros stays one.
    """
    size = np.abs(kernel).sum(axis=1, keepdims=True)
    return np.divide(kernel, size, out=np.zeros_like(kernel), where=size > 0)


def signed_taps(kernel: Float[np.ndarray, "c k"]) -> Float[np.ndarray, "c 3"]:
    """Past, present and future of kernels of any sign and size, as parts of their absolute sum."""
    return shares(signed_shares(kernel))


def response(
    kernel: Float[np.ndarray, "c k"], frequencies: Float[np.ndarray, " f"]
) -> Float[np.ndarray, "c f"]:
    """Frequency response of kernels: by how much each multiplies a wave in time.

    `|H(f)| = |Σ_k Θ[k] · exp(−2πi · f · (k − K // 2))|`; the place of the centre shifts the wave
    and does not change its size. Kernels without negative weights that sum to 1 keep what stands
    still, `|H(0)| = 1`, and enlarge nothing.

    Args:
        kernel: One in each row.
        frequencies: In cycles per frame, from 0 (no change) to ½ (every frame the other way).
    """
    taps = np.arange(kernel.shape[1]) - kernel.shape[1] // 2
    waves = np.exp(-2j * np.pi * np.outer(taps, frequencies))
    return np.abs(kernel @ waves)


FREQUENCIES = np.linspace(0.0, 0.5, 51)
"""Where frequency responses are drawn, in cycles per frame."""

QUANTILES: dict[str, float] = {"5%": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "95%": 0.95}


def spread_over(values: Float[np.ndarray, "c m"]) -> Float[np.ndarray, "5 m"]:
    """The `QUANTILES` over channels of each column."""
    return np.quantile(values, list(QUANTILES.values()), axis=0)


def limit(*arrays: np.ndarray) -> float:
    """The end of an axis around 0 that holds all values: the next quarter, at least ¼."""
    largest = max((float(np.abs(values).max(initial=0.0)) for values in arrays), default=0.0)
    return max(float(np.ceil(largest * 4) / 4), 0.25)


@dataclass(frozen=True, eq=False)
class Fixed:
    """A network whose kernels are the same for every video: the rival of kernels that adapt.

    Attributes:
        name: Id of its checkpoint.
        kernels: By block, as learned: of any sign and size.
    """

    name: str
    kernels: Mapping[str, Float[np.ndarray, "_ _k"]]


def kernel_table(block: BlockTrace) -> pd.DataFrame:
    """Θ of one block, a row per channel and a column per tap."""
    taps = block.kernel.shape[1]
    names = [_offset(k - taps // 2) for k in range(taps)]
    index = pd.RangeIndex(len(block.kernel), name="channel")
    return pd.DataFrame(block.kernel, columns=names, index=index)


def _offset(shift: int) -> str:
    return "t" if shift == 0 else f"t{'+' if shift > 0 else '−'}{abs(shift)}"


def quantile_table(parts: Mapping[str, Float[np.ndarray, "_ 3"]]) -> pd.DataFrame:
    """`QUANTILES` over channels of what concerns past, present and future, a row per block."""
    columns = [f"{tap} {name}" for tap in TAPS for name in QUANTILES]
    rows = {block: spread_over(values).T.ravel() for block, values in parts.items()}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.rename_axis("block")


def share_table(kernels: Mapping[str, Mapping[str, Float[np.ndarray, "_ _k"]]]) -> pd.DataFrame:
    """Past, present and future of every channel.

    Args:
        kernels: By what they are of, then by block; a column of the table for each of the first.
    """
    blocks = next(iter(kernels.values()))
    index = pd.MultiIndex.from_arrays(
        [
            np.repeat(list(blocks), [len(kernel) for kernel in blocks.values()]),
            np.concatenate([np.arange(len(kernel)) for kernel in blocks.values()]),
        ],
        names=["block", "channel"],
    )
    front = {of: f"{of}: " if len(kernels) > 1 else "" for of in kernels}
    columns = {
        f"{front[of]}{tap}": np.concatenate([shares(kernel)[:, i] for kernel in rows.values()])
        for of, rows in kernels.items()
        for i, tap in enumerate(TAPS)
    }
    return pd.DataFrame(columns, index=index)


def lean_table(traces: dict[str, TAMTrace]) -> pd.DataFrame:
    """Mean over channels of future − past, a row per block and a column per trace."""
    columns = {
        name: {block.name: float(lean(block.kernel).mean()) for block in trace.blocks}
        for name, trace in traces.items()
    }
    return pd.DataFrame(columns).rename_axis("block")
