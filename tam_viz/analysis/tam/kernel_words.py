"""Sentences on the adaptive kernels Θ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.formatting import plain, signed
from tam_viz.analysis.tam.kernels import TAPS, Fixed, lean, moved, response, shares, signed_taps
from tam_viz.types import BlockTrace, TAMTrace


def describe_kernels(block: BlockTrace, reference: BlockTrace | None) -> str:
    """Sentences on a block's kernels, beside those of an untrained block where there is one."""
    parts = shares(block.kernel)
    largest = np.bincount(parts.argmax(1), minlength=3) / len(parts)
    mean, beside = parts.mean(0), ""
    if reference is not None:
        base = shares(reference.kernel).mean(0)
        beside = f" (untrained {base[0]:.2f}, {base[1]:.2f}, {base[2]:.2f})"
    return (
        f"{block.name}, mean over {len(parts)} channels: past {mean[0]:.2f}, present "
        f"{mean[1]:.2f}, future {mean[2]:.2f}{beside}. The largest weight is on the past in "
        f"{largest[0]:.0%} of the channels, on the present in {largest[1]:.0%}, on the future in "
        f"{largest[2]:.0%}."
    )


def describe_channel_kernel(block: BlockTrace, channel: int, second: BlockTrace | None) -> str:
    """One sentence on one kernel, and on the same of the second clip."""

    def weights(trace: BlockTrace) -> str:
        return ", ".join(
            f"{tap} {part:.2f}"
            for tap, part in zip(TAPS, shares(trace.kernel)[channel], strict=True)
        )

    beside = "" if second is None else f" (second clip: {weights(second)})"
    return f"Channel {channel}: {weights(block)}{beside}."


def describe_moves(
    first: TAMTrace,
    second: TAMTrace,
    untrained: tuple[TAMTrace, TAMTrace] | None = None,
) -> str:
    """One sentence on how far kernels move from one clip to the other, by block.

    Args:
        first: Of the clip.
        second: Of the second clip.
        untrained: Of the untrained network, for both clips.
    """
    far = {block.name: moved(block.kernel, second[block.name].kernel) for block in first.blocks}
    most, least = max(far, key=lambda name: far[name]), min(far, key=lambda name: far[name])
    base = ""
    if untrained is not None:
        plain = [
            moved(other_block.kernel, untrained[1][other_block.name].kernel)
            for other_block in untrained[0].blocks
        ]
        base = (
            f"; untrained network: {plain[first.names.index(most)]:.0%} there and "
            f"{max(plain):.0%} at most"
        )
    return (
        f"Between the two clips the average kernel moves {far[most]:.0%} of its weight in {most}, "
        f"where it moves most, and {far[least]:.0%} in {least}, where it moves least{base}."
    )


def describe_lean(traces: Mapping[str, TAMTrace]) -> str:
    """One sentence on the mean of future − past of the first and the last block."""
    names = next(iter(traces.values())).names
    parts = [
        f"in {name} "
        + ", ".join(
            f"{signed(lean(trace[name].kernel).mean())} ({of})" for of, trace in traces.items()
        )
        for name in dict.fromkeys((names[0], names[-1]))
    ]
    return f"Mean over channels of future − past: {'; '.join(parts)}."


def describe_change_of_lean(moved: Mapping[str, Float[np.ndarray, "_ _k"]]) -> str:
    """One sentence on the block in which future − past changes most.

    Args:
        moved: Differences of Θ by block.
    """
    turned = {name: float(lean(kernel).mean()) for name, kernel in moved.items()}
    most = max(turned, key=lambda name: abs(turned[name]))
    return (
        f"The mean of future − past changes most in {most}: by {abs(turned[most]):.2f} "
        f"towards the {'future' if turned[most] > 0 else 'past'}."
    )


def describe_taps(trace: TAMTrace, rival: Fixed | None = None) -> str:
    """One sentence on the first and the last block's medians."""
    blocks = dict.fromkeys((trace.names[0], trace.names[-1]))
    parts = [f"{name} {_medians(shares(trace[name].kernel))}" for name in blocks]
    fixed = ""
    if rival is not None:
        last = trace.names[-1]
        fixed = f" ({rival.name}, for every video: {_medians(signed_taps(rival.kernels[last]))})"
    return f"Medians over channels: {'; '.join(parts)}{fixed}."


def _medians(parts: Float[np.ndarray, "c 3"]) -> str:
    medians = np.median(parts, axis=0)
    return ", ".join(f"{tap} {plain(m)}" for tap, m in zip(TAPS, medians, strict=True))


def describe_response(
    block: BlockTrace, channel: int, second: BlockTrace | None, reference: BlockTrace | None
) -> str:
    """One sentence on the gain at the highest frequency."""
    fastest = np.array([0.5])

    def gain(kernel: Float[np.ndarray, "c k"]) -> Float[np.ndarray, " c"]:
        return response(kernel, fastest)[:, 0]

    parts, taps = gain(block.kernel), block.kernel.shape[1]
    beside = "" if second is None else f" (second clip: {gain(second.kernel)[channel]:.2f})"
    plain = "" if reference is None else f", untrained {np.median(gain(reference.kernel)):.2f}"
    return (
        f"At the highest frequency, where every frame alternates, channel {channel} of "
        f"{block.name} has gain {parts[channel]:.2f}{beside}; the median channel has "
        f"{np.median(parts):.2f}{plain}, the average of {taps} frames {1 / taps:.2f}."
    )


def describe_simplex(blocks: Sequence[BlockTrace]) -> str:
    """One sentence on which tap wins in how many channels."""
    largest = np.concatenate([shares(block.kernel).argmax(1) for block in blocks])
    counts = np.bincount(largest, minlength=3) / len(largest)
    return (
        f"The largest weight is on the past in {counts[0]:.0%} of the {len(largest)} channels, on "
        f"the present in {counts[1]:.0%}, on the future in {counts[2]:.0%}."
    )
