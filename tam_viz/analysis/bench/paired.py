"""Two networks, or two protocols of one, on the same clips."""

from __future__ import annotations

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


def describe_comparison(first: str, second: str, found: Comparison) -> str:
    """What the second network puts right and what it breaks, with the exact McNemar test."""
    if not found.clips:
        return f"No clip has a prediction of both {first} and {second}."
    changed = found.fixed + found.broken
    top1 = [(found.both + n) / found.clips for n in (found.broken, found.fixed)]
    sentence = (
        f"On {found.clips:,} clips {first} has a top-1 of {top1[0]:.1%} and {second} of "
        f"{top1[1]:.1%}: {second} puts {found.fixed:,} right that {first} has wrong, and breaks "
        f"{found.broken:,} that it has right."
    )
    if not changed:
        return f"{sentence} No prediction changes from correct to wrong or back."
    chance = "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}"
    return f"{sentence} Chance alone would split them so unevenly with {chance} (McNemar)."
