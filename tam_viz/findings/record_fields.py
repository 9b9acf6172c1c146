"""The fields of `finding.json`: texts of limited length that are safe to show, bounded numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
)

from tam_viz.findings.evidence import LETTERS
from tam_viz.types import Generation, InputSpec

WORDS = 8000
"""The longest sentence of evidence that is kept."""


_FIELDS = 128


def safe(text: str) -> str:
    """Text that is safe to show: one line, without links, pictures or tags."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line.replace("](", "] (").replace("<", "‹")


def moment(text: str) -> str:
    """A moment in time as ISO 8601 writes it.

    Raises:
        ValueError: The text is none.
    """
    return datetime.fromisoformat(text).isoformat()


def bounded(spec: InputSpec) -> InputSpec:
    """Refuses what no network takes, and what would take all memory."""
    ranges = {
        "frames": (1, 256),
        "resize": (1, 4096),
        "size": (8, 1024),
        "views": (1, 100),
        "interval": (1, 1000),
        "crops": (1, 10),
        "stretch": (0, 4096),
    }
    for name, (low, high) in ranges.items():
        if not low <= getattr(spec, name) <= high:
            raise ValueError(f"{name} must be a whole number from {low} to {high}")
    if not all(map(math.isfinite, (*spec.mean, *spec.std))):
        raise ValueError("mean and std must be finite numbers")
    if min(spec.std) <= 0:
        raise ValueError("std must be above 0")
    return spec


def few_fields(fields: object, handler: Callable[[object], object]) -> object:
    """Refuses an object with many fields before any of them is looked at: errors take memory."""
    if isinstance(fields, dict) and len(fields) > _FIELDS:
        raise ValueError(f"it has more than {_FIELDS} fields")
    return handler(fields)


def finite(generation: Generation) -> Generation:
    """Refuses how a clip was generated if a number of it is not finite."""
    if not all(map(math.isfinite, (generation.speed, *generation.camera, generation.difficulty))):
        raise ValueError("it must hold finite numbers")
    return generation


Text = Annotated[str, Field(max_length=200), AfterValidator(safe)]


Hash = Annotated[str, Field(max_length=64), AfterValidator(safe)]


Title = Annotated[str, Field(max_length=300), AfterValidator(safe)]


Notice = Annotated[str, Field(max_length=1000), AfterValidator(safe)]


Words = Annotated[str, Field(max_length=WORDS), AfterValidator(safe)]


ColumnName = Annotated[str, Field(max_length=LETTERS + 20), AfterValidator(safe)]


CellText = Annotated[str, Field(max_length=LETTERS), AfterValidator(safe)]


Moment = Annotated[str, Field(max_length=40), AfterValidator(moment)]


Number = Annotated[float, Field(allow_inf_nan=False)]


Index = Annotated[int, Field(ge=0, le=1 << 31)]


Pixel = Annotated[int, Field(ge=-(1 << 16), le=1 << 16)]


Channel = Annotated[int, Field(ge=0, le=1 << 16)]


Side = Annotated[int, Field(ge=1, le=1024)]


Spec = Annotated[InputSpec, AfterValidator(bounded)]
