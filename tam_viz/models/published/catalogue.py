"""The published weights that this project knows how to get; `checkpoints/catalogue.toml`."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tam_viz.models.cards import OWN
from tam_viz.types import Sampling, UserError

PATH = OWN / "catalogue.toml"


@dataclass(frozen=True)
class Offer:
    """Published weights, with what their publisher states of them.

    Attributes:
        id: Of the checkpoint that is made of them.
        network: What it is called.
        data: What it was trained on.
        publisher: Whose weights they are.
        licence: Of the weights.
        frames: T, frames of a view.
        sampling: How they are chosen.
        protocol: What `top1` was measured with, in words.
        top1: Accuracy in percent.
        top5: The same for the five best classes; None if not stated.
        attention: Form of non-local attention, in networks that have it.
        labels: Order of the classes in a file of their names: `file`, `sorted`, or empty where
            the names are known.
        gflops: Stated multiply-adds, in 10⁹, of `gflops_of`.
        gflops_of: What they were counted for.
        parameters_m: Stated parameters in millions.
        address: Where the file is; empty where only a browser gets it.
        sha256: The first digits of its hash, as many as are published.
        page: Where a browser gets it.
        file: Which file there.
        note: What else one should know.
    """

    id: str
    network: str
    data: str
    publisher: str
    licence: str
    frames: int
    sampling: Sampling
    protocol: str
    top1: float
    top5: float | None = None
    attention: str = ""
    labels: str = ""
    gflops: float | None = None
    gflops_of: str = ""
    parameters_m: float | None = None
    address: str = ""
    sha256: str = ""
    page: str = ""
    file: str = ""
    note: str = ""


@cache
def offers(path: Path = PATH) -> dict[str, Offer]:
    """All published weights by id, in the order of the file.

    Raises:
        UserError: The file is damaged.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["weights"]
        found = [Offer(**_floats(row)) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is not a catalogue of weights ({type(error).__name__}: {error}); put back "
            f"the original file."
        ) from error
    return {offer.id: offer for offer in found}


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
