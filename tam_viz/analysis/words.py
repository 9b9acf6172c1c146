"""How numbers are written in sentences."""

from __future__ import annotations


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, the minus as long as the plus."""
    return f"{value:+.{digits}f}".replace("-", "−")
