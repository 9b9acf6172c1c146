"""The input of the networks that tests make."""

from __future__ import annotations

from tam_viz.types import InputSpec

TINY = InputSpec(frames=4, resize=32, size=32)
