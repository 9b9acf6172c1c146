"""The sets of clips that wait to be scanned, which every engine hands out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from tam_viz.scan.shard import CLIPS
from tam_viz.types import UserError

TRIES = 3
"""Times that a set of clips may take its process down before the scan gives up."""


class Sets:
    """Numbers of sets, in their order; those that are put back come first.

    Only the ones that were put back are held, however many there are.

    Args:
        numbers: Of all sets, a range as a rule.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        self._numbers = numbers
        self._next = 0
        self._back: deque[int] = deque()
        self._ends: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._numbers) - self._next + len(self._back)

    def take(self) -> int:
        """The next set."""
        if self._back:
            return self._back.popleft()
        self._next += 1
        return self._numbers[self._next - 1]

    def put_back(self, number: int, how: str = "") -> None:
        """Puts back a set whose process has ended.

        Args:
            number: Of the set.
            how: How its process ended, if the set may be to blame.

        Raises:
            UserError: It has taken too many processes down.
        """
        self._back.appendleft(number)
        if not how:
            return
        self._ends[number] += 1
        if self._ends[number] >= TRIES:
            raise UserError(
                f"The process that scans clips {number * CLIPS + 1:,} to {(number + 1) * CLIPS:,} "
                f"ended {TRIES} times (last with {how}), perhaps for lack of memory. What was done "
                f"is kept; run the same command again with fewer workers."
            )
