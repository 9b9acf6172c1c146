"""The pictures of one TAM block in words, with numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.formatting import listed
from tam_viz.analysis.tam.kernels import TAPS, shares

Numbers = Float[np.ndarray, " t"]
_DARK = 0.1
"""Below this share of its brightness a frame looks black."""


def describe_frames_of(means: Numbers, what: str) -> str:
    """One sentence on the frames in which a channel is most and least active."""
    if means.max() < 1e-6:
        return f"{what} is inactive in this clip; choose another channel in the sidebar."
    return (
        f"{what} is most active in frame {int(means.argmax()) + 1} (mean {means.max():.3f}) and "
        f"least active in frame {int(means.argmin()) + 1} ({means.min():.3f})."
    )


def describe_order(means: Numbers, played: str, change: float) -> str:
    """Sentences on frames in another order, and on what that order changed.

    Args:
        means: Mean activation of each frame, as played.
        played: How the frames were played.
        change: Relative change of the maps, put back in order; NaN where frames were left out.
    """
    sentence = describe_frames_of(means, "The channel")
    sentence = f"{played[:1].upper()}{played[1:]}. {sentence}"
    if np.isnan(change):
        return sentence
    return f"{sentence} Put back in order, the maps of the block differ by {change:.1%}."


def describe_pooled(pooled: Float[np.ndarray, "c t"]) -> str:
    """One sentence on the table of pooled numbers."""
    silent = int((pooled.max(axis=1) < 1e-6).sum())
    channel, frame = np.unravel_index(pooled.argmax(), pooled.shape)
    return (
        f"{pooled.shape[0]} × {pooled.shape[1]} numbers from 0 to {pooled.max():.2f} (channel "
        f"{channel}, frame {int(frame) + 1}); inactive channels: {silent}."
    )


def describe_profile(profile: Numbers, changed: Numbers | None, how: str) -> str:
    """One or two sentences on a channel's pooled numbers before and after a rearrangement."""
    sentence = (
        f"From {profile.min():.3f} in frame {int(profile.argmin()) + 1} to {profile.max():.3f} in "
        f"frame {int(profile.argmax()) + 1}."
    )
    if changed is None:
        return sentence
    gap = float(np.abs(changed - profile).max())
    return f"{sentence} {how.capitalize()}, the numbers differ by at most {gap:.3f}."


def describe_local(
    hidden: Float[np.ndarray, "b t"],
    v: Float[np.ndarray, "c t"],
    blank: Float[np.ndarray, "c t"] | None = None,
) -> str:
    """One or two sentences on the hidden layer and V.

    Args:
        hidden: The hidden layer.
        v: V, as the network makes it.
        blank: V with one frame blank, which is then what the hidden layer leads to.
    """
    shown = v if blank is None else blank
    sentence = (
        f"{(hidden > 0).mean():.0%} of the hidden layer is above 0, and its largest value is "
        f"{hidden.max():.2f}; V lies between {shown.min():.2f} and {shown.max():.2f}, with a mean "
        f"of {shown.mean():.2f}."
    )
    if blank is None:
        return sentence
    changed = np.flatnonzero(np.abs(blank - v).max(axis=0) > 1e-6)
    return f"{sentence} V differs from the network's own in frame {listed(changed + 1) or 'none'}."


def describe_importance(v: Numbers, untrained: Numbers | None, blank: Numbers | None) -> str:
    """One or two sentences on V of a channel."""
    sentence = (
        f"V goes from {v.min():.2f} (frame {int(v.argmin()) + 1}) to {v.max():.2f} (frame "
        f"{int(v.argmax()) + 1})"
    )
    base = untrained
    sentence += "." if base is None else f"; untrained, from {base.min():.2f} to {base.max():.2f}."
    if blank is None:
        return sentence
    moved = np.abs(blank - v)
    return (
        f"{sentence} With the blank frame, V moves most in frame {int(moved.argmax()) + 1}, by "
        + (f"{moved.max():.2f}.")
    )


def describe_weighted(before: Numbers, after: Numbers, yours: Numbers | None, by: str = "V") -> str:
    """One or two sentences on where a channel is most active before and after something.

    Args:
        before: Mean activation of each frame.
        after: The same after it.
        yours: The same after that of the reader; None where there is none.
        by: What it is.
    """
    sentence = (
        f"Before {by} the channel is most active in frame {int(before.argmax()) + 1}, after it in "
        f"frame {int(after.argmax()) + 1}; {_left(before, after)} of the activation is left."
    )
    if yours is None:
        return sentence
    return (
        f"{sentence} With yours, in frame {int(yours.argmax()) + 1}; {_left(before, yours)} is "
        "left."
    )


def _left(before: Numbers, after: Numbers) -> str:
    return f"{after.sum() / max(float(before.sum()), 1e-9):.0%}"


def describe_kernel(
    kernel: Float[np.ndarray, " k"],
    untrained: Float[np.ndarray, " k"] | None,
    drawn: Float[np.ndarray, " k"] | None,
) -> str:
    """One or two sentences on Θ of a channel."""
    sentence = f"Θ is {_named(kernel)}"
    sentence += "." if untrained is None else f"; untrained {_named(untrained)}."
    return (
        sentence if drawn is None else f"{sentence} For the profile that you drew: {_named(drawn)}."
    )


def _named(kernel: Float[np.ndarray, " k"]) -> str:
    parts = shares(kernel[None])[0]
    return ", ".join(f"{tap} {part:.2f}" for tap, part in zip(TAPS, parts, strict=True))


def describe_passage(signal: Numbers, out: Numbers, own: Numbers, yours: bool) -> str:
    """One or two sentences on what comes out of a matrix over time."""
    sentence = (
        f"What goes in is largest in frame {int(signal.argmax()) + 1} ({signal.max():.2f}); what "
        f"comes out of the network’s own matrix, in frame {int(own.argmax()) + 1} "
        f"({own.max():.2f})."
    )
    if not yours:
        return sentence
    return (
        f"{sentence} What comes out of yours, in frame {int(out.argmax()) + 1} ({out.max():.2f})."
    )


def describe_blend(matrices: Mapping[str, Float[np.ndarray, "t t"]]) -> str:
    """Sentences on the brightness that is left, and on frames that come out nearly black.

    Args:
        matrices: What the frames were multiplied with, by name; rows sum to at most 1.
    """
    parts = []
    for name, matrix in matrices.items():
        kept = matrix.sum(axis=1)
        dark = [int(i) + 1 for i in np.flatnonzero(kept < _DARK)]
        sentence = f"Through {name}, every frame comes out at {kept.max():.0%} of its weight"
        if kept.max() - kept.min() > 0.005:
            sentence = (
                f"Through {name}, frames come out at {kept.min():.0%} of their weight (frame "
                f"{int(kept.argmin()) + 1}) to {kept.max():.0%} (frame {int(kept.argmax()) + 1})"
            )
        black = f"; nearly black: frame {listed(dark)}" if dark else ""
        parts.append(f"{sentence}{black}.")
    return " ".join(parts)
