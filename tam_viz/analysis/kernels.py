"""What adaptive kernels say: past, present and future shares of every channel."""

from __future__ import annotations

from collections.abc import Sequence

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
    difference: np.ndarray = parts[:, 2] - parts[:, 0]
    return difference


def kernel_table(block: BlockTrace) -> pd.DataFrame:
    """Θ of one block, a row per channel and a column per tap."""
    taps = block.kernel.shape[1]
    names = [_offset(k - taps // 2) for k in range(taps)]
    index = pd.RangeIndex(len(block.kernel), name="channel")
    return pd.DataFrame(block.kernel, columns=names, index=index)


def _offset(shift: int) -> str:
    return "t" if shift == 0 else f"t{'+' if shift > 0 else '−'}{abs(shift)}"


def tap_table(trace: TAMTrace) -> pd.DataFrame:
    """Quartiles over channels of the past, present and future shares, a row per block."""
    rows = {
        block.name: {
            f"{tap} {quartile}": float(np.quantile(part, q))
            for tap, part in zip(TAPS, shares(block.kernel).T, strict=True)
            for quartile, q in (("q1", 0.25), ("median", 0.5), ("q3", 0.75))
        }
        for block in trace.blocks
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("block")


def lean_table(traces: dict[str, TAMTrace]) -> pd.DataFrame:
    """Mean over channels of future − past, a row per block and a column per trace."""
    columns = {
        name: {block.name: float(lean(block.kernel).mean()) for block in trace.blocks}
        for name, trace in traces.items()
    }
    return pd.DataFrame(columns).rename_axis("block")


def describe_kernels(block: BlockTrace, reference: BlockTrace) -> str:
    """One sentence on a block's kernels beside those of an untrained block."""
    parts, base = shares(block.kernel), shares(reference.kernel).mean(0)
    largest = np.bincount(parts.argmax(1), minlength=3) / len(parts)
    mean = parts.mean(0)
    return (
        f"{block.name}, mean over {len(parts)} channels: past {mean[0]:.2f}, present "
        f"{mean[1]:.2f}, future {mean[2]:.2f} (untrained {base[0]:.2f}, {base[1]:.2f}, "
        f"{base[2]:.2f}). The largest tap is the past in {largest[0]:.0%} of the channels, the "
        f"present in {largest[1]:.0%}, the future in {largest[2]:.0%}."
    )


def describe_reversal(forwards: TAMTrace, backwards: TAMTrace) -> str:
    """One sentence on what playing the clip backwards does to future − past."""
    moved = {
        first.name: float(np.abs(lean(first.kernel) - lean(second.kernel)).mean())
        for first, second in zip(forwards.blocks, backwards.blocks, strict=True)
    }
    most, least = max(moved, key=lambda name: moved[name]), min(moved.values())
    return (
        f"Played backwards, the clip changes future − past most in {most}: by {moved[most]:.2f} "
        f"per channel on average; the least changed block moves by {least:.2f}."
    )


def describe_taps(trace: TAMTrace) -> str:
    """One sentence on the first and the last block's medians."""
    said = []
    for block in (trace.blocks[0], trace.blocks[-1]):
        medians = np.median(shares(block.kernel), axis=0)
        said.append(
            f"{block.name} "
            + ", ".join(f"{tap} {m:.2f}" for tap, m in zip(TAPS, medians, strict=True))
        )
    return f"Medians over channels: {'; '.join(said)}."


def describe_simplex(blocks: Sequence[BlockTrace]) -> str:
    """One sentence on which tap wins in how many channels."""
    largest = np.concatenate([shares(block.kernel).argmax(1) for block in blocks])
    counts = np.bincount(largest, minlength=3) / len(largest)
    return (
        f"Of {len(largest)} channels the largest tap is the past in {counts[0]:.0%}, the present "
        f"in {counts[1]:.0%} and the future in {counts[2]:.0%}."
    )
