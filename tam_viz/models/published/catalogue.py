"""The published weights that this project knows how to get; `checkpoints/catalogue.toml`."""

from __future__ import annotations

import dataclasses
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tam_viz.models.cards import OWN
from tam_viz.types import Offer, UserError

PATH = OWN / "catalogue.toml"
LIMIT_BYTES = 8 * 2**30
"""Of a file of weights."""


@cache
def offers(path: Path = PATH) -> dict[str, Offer]:
    """All published weights by id, in the order of the file.

    Raises:
        UserError: The file is damaged.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["weights"]
        known = [Offer(**_floats(row)) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is not a catalogue of weights ({type(error).__name__}: {error}); put back "
            f"the original file."
        ) from error
    return {offer.id: offer for offer in known}


def _floats(row: dict[str, Any]) -> dict[str, Any]:
    """TOML tells 76 from 76.0; accuracies and costs are numbers either way."""
    real = {f.name for f in dataclasses.fields(Offer) if "float" in str(f.type)}
    return {name: float(value) if name in real else value for name, value in row.items()}


def offer(name: str) -> Offer:
    """The published weights called `name`.

    Raises:
        UserError: There are none.
    """
    known = offers()
    if name not in known:
        raise UserError(
            f"The catalogue has no weights '{name}'; `tam-viz download` lists what it has."
        )
    return known[name]
