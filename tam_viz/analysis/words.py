"""How numbers are written in sentences."""

from __future__ import annotations

from typing import SupportsFloat


def signed(value: SupportsFloat, digits: int = 2) -> str:
    """A number with its sign, the minus as long as the plus; what rounds to zero is +0."""
    rounded = round(float(value), digits) + 0.0
    return f"{rounded:+.{digits}f}".replace("-", "−")
