"""Two networks, or two protocols of one, on the same clips."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """Two networks on the same clips.

    Attributes:
        both: Clips that both are right on.
        fixed: Clips that the second is right on and the first is not.
        broken: Clips that the first is right on and the second is not.
        neither: Clips that both are wrong on.
        p: Probability of so uneven a split of `fixed` and `broken` by chance (exact McNemar test).
    """

    both: int
    fixed: int
    broken: int
    neither: int
    p: float

    @property
    def clips(self) -> int:
        """Clips that both have an answer for."""
        return self.both + self.fixed + self.broken + self.neither


def describe_comparison(first: str, second: str, comparison: Comparison) -> str:
    """Sentences on what the second network fixes and breaks, with the exact McNemar test."""
    if not comparison.clips:
        return f"No clip has a prediction of both {first} and {second}."
    changed = comparison.fixed + comparison.broken
    top1 = [(comparison.both + n) / comparison.clips for n in (comparison.broken, comparison.fixed)]
    sentence = (
        f"On {comparison.clips:,} clips {first} has a top-1 of {top1[0]:.1%} and {second} of "
        f"{top1[1]:.1%}: {second} is correct on {comparison.fixed:,} that {first} gets wrong, and "
        f"wrong on {comparison.broken:,} that {first} gets right."
    )
    if not changed:
        return f"{sentence} No prediction changes from correct to wrong or back."
    chance = "p < 0.001" if comparison.p < 0.001 else f"p = {comparison.p:.3f}"
    return f"{sentence} McNemar's exact test: {chance}."


@dataclass(frozen=True)
class Changes:
    """The changed predictions between two protocols, or networks, on the same clips.

    Attributes:
        clips: Clips that both have an answer for.
        fixed: Those that only the second is right on.
        broken: Those that only the first is right on.
        other: Those that both are wrong on, with another class.
        odds: Mean change of the log-odds of the true class, and its 95% interval.
        margin_flipped: Median margin, under the first, of the clips that are fixed or broken.
        margin_same: That of all others; a margin is the first probability less the second one.
    """

    clips: int
    fixed: int
    broken: int
    other: int
    odds: tuple[float, float, float]
    margin_flipped: float
    margin_same: float


def net_change(fixed: int, broken: int, clips: int) -> tuple[float, float, float]:
    """Change of top-1 from the first to the second and its 95% interval, in [-1, 1].

    The interval for paired answers adds half a clip to each of the four cells (Agresti and Min,
    Statistics in Medicine 2005), so that it is right for few clips too.
    """
    n, b, c = clips + 2, fixed + 0.5, broken + 0.5
    middle = (b - c) / n
    half = 1.959964 * math.sqrt(max(0.0, b + c - (b - c) ** 2 / n)) / n
    exact = (fixed - broken) / clips if clips else 0.0
    return exact, max(-1.0, middle - half), min(1.0, middle + half)


def describe_changes(changes: Changes) -> str:
    """Sentences on the clips that flip, and on the change in accuracy."""
    if not changes.clips:
        return "No clip has an answer of both."
    net, low, high = net_change(changes.fixed, changes.broken, changes.clips)
    flipped = changes.fixed + changes.broken
    sure = ", which chance alone may explain" if low <= 0 <= high else ""
    fixed = "1 clip becomes" if changes.fixed == 1 else f"{changes.fixed:,} clips become"
    sentence = (
        f"top-1 changes by {_signed(100 * net, 1)} points (95% interval {_signed(100 * low, 1)} to "
        f"{_signed(100 * high, 1)}){sure}: {fixed} right and {changes.broken:,} wrong of "
        f"{changes.clips:,}; {changes.other:,} more go from one wrong class to another."
    )
    middle, least, most = changes.odds
    sentence += (
        f" The log-odds of the true class change by {_signed(middle, 2)} on average "
        f"({_signed(least, 2)} to {_signed(most, 2)})."
    )
    if flipped:
        sentence += (
            f" Clips that flip had a median margin of {changes.margin_flipped:.2f} before, the "
            f"others {changes.margin_same:.2f}."
        )
    return sentence


def _signed(value: float, digits: int) -> str:
    """A number with its sign, the minus as long as the plus."""
    return f"{value:+.{digits}f}".replace("-", "−")
