"""The published weights that this project knows how to get; `checkpoints/catalogue.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from tam_viz.files import what_is_wrong
from tam_viz.models.cards import OWN
from tam_viz.types import Offer, UserError

PATH = OWN / "catalogue.toml"
LIMIT_BYTES = 8 * 2**30
"""Of a file of weights."""

_OFFERS = TypeAdapter(tuple[Offer, ...])


@cache
def offers(path: Path = PATH) -> dict[str, Offer]:
    """All published weights by id, in the order of the file.

    Raises:
        UserError: The file is damaged.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["weights"]
        known = _OFFERS.validate_python(rows)
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"{path} is not a catalogue of weights ({what_is_wrong(error)}); put back the "
            f"original file."
        ) from error
    return {offer.id: offer for offer in known}


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
