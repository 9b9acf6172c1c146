"""Numbers and lists in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsFloat


def signed(value: SupportsFloat, digits: int = 2) -> str:
    """A number with its sign, the minus as long as the plus; what rounds to zero is +0."""
    rounded = round(float(value), digits) + 0.0
    return f"{rounded:+.{digits}f}".replace("-", "−")


def plain(value: SupportsFloat, digits: int = 2) -> str:
    """A number without a plus; what rounds to zero has no minus."""
    return signed(value, digits).removeprefix("+")


def listed(names: Iterable[object]) -> str:
    """Such as `A, B and C`; nothing where there are none."""
    *others, last = [str(name) for name in names] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def counted(number: int, one: str, many: str | None = None) -> str:
    """Such as `1 network` or `1,600 clips`; the plural ends in s unless it is given."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def two_digits(value: float) -> str:
    """A share in [0, 1] with two significant digits: `0.062`, `0.0025`, `0.50`."""
    digits = 2
    while digits < 6 and 0 < value < 9.5 * 10.0**-digits:
        digits += 1
    return f"{value:.{digits}f}"
