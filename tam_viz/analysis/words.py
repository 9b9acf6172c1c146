"""How numbers and lists are written in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsFloat


def signed(value: SupportsFloat, digits: int = 2) -> str:
    """A number with its sign, the minus as long as the plus; what rounds to zero is +0."""
    rounded = round(float(value), digits) + 0.0
    return f"{rounded:+.{digits}f}".replace("-", "−")


def listed(names: Iterable[object]) -> str:
    """Such as `A, B and C`; nothing where there are none."""
    *others, last = [str(name) for name in names] or [""]
    return f"{', '.join(others)} and {last}" if others else last
