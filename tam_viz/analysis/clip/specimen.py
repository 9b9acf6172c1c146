"""The first view of a network: a clip, a block and a channel that show what TAM does."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from pydantic import TypeAdapter

from tam_viz.analysis.tam.importance import without_edges
from tam_viz.analysis.tam.kernels import shares
from tam_viz.files import what_is_wrong, write_whole
from tam_viz.types import BlockTrace, UserError

SPECIMEN = "specimen.json"


@dataclass(frozen=True)
class Merits:
    """Measures of how well a channel of a block shows what TAM does.

    Attributes:
        second_tap: The second largest weight of its kernel; in [0, ½].
        moved: Share of the kernel's weight that lies on other taps when the clip is played
            backwards; in [0, 1].
        on_object: Correlation, over frames and cells, of the channel's activation with how much of
            the cell the moving object covers; in [−1, 1].
        event: Mean absolute deviation of V from its mean over time, inside the event and away from
            the padded edges, less the same with one frame repeated.
    """

    second_tap: float
    moved: float
    on_object: float
    event: float

    @property
    def score(self) -> float:
        """The worst of the four, each as a multiple of what is clearly seen.

        A channel that lacks one of the four does not show what TAM does, however much it has of
        the others.
        """
        merits = dataclasses.astuple(self)
        clear = dataclasses.astuple(CLEAR)
        return float(min(value / enough for value, enough in zip(merits, clear, strict=True)))


CLEAR = Merits(second_tap=0.2, moved=0.15, on_object=0.3, event=0.05)
"""What is clearly seen: a second tap of a fifth, 15 % of the weight moved, V that moves by 0.05."""


@dataclass(frozen=True)
class Specimen:
    """The first view of a network, chosen by measuring it.

    Attributes:
        sha256: Of the weights that were measured.
        clip: File name in the gallery; the clip played backwards stands beside it.
        block: A TAM block.
        channel: A channel of it.
        merits: What was measured there.
    """

    sha256: str
    clip: str
    block: str
    channel: int
    merits: Merits


def second_taps(kernel: Float[np.ndarray, "c k"]) -> Float[np.ndarray, " c"]:
    """The second largest of past, present and future; in [0, ½]."""
    return np.sort(shares(kernel), axis=1)[:, -2]


def object_correlation(
    x: Float[np.ndarray, "c t h w"], covered: Float[np.ndarray, "t h w"]
) -> Float[np.ndarray, " c"]:
    """Correlation over frames and cells of each channel with how much of a cell is covered.

    A channel that is the same everywhere has 0.
    """
    ours = x.reshape(len(x), -1)
    ours = ours - ours.mean(axis=1, keepdims=True)
    where = covered.ravel() - covered.mean()
    size = np.sqrt((ours**2).sum(axis=1) * (where**2).sum())
    return ours @ where / np.maximum(size, 1e-12)


def event_variation(
    block: BlockTrace, frozen: BlockTrace, inside: Bool[np.ndarray, " t"]
) -> Float[np.ndarray, " c"]:
    """How much more V varies in each channel inside the event than with one frame repeated."""
    within = without_edges(inside[None].astype(float))[0] > 0
    if not within.any():
        return np.zeros(len(block.importance))

    def varies(v: Float[np.ndarray, "c t"]) -> Float[np.ndarray, " c"]:
        v = without_edges(v)
        return np.abs(v - v.mean(axis=1, keepdims=True))[:, within].mean(axis=1)

    return varies(block.importance) - varies(frozen.importance)


def best_channel(every: Sequence[Merits]) -> int:
    """The channel with the highest score."""
    return int(np.argmax([merits.score for merits in every]))


def read_specimen(folder: Path) -> Specimen | None:
    """Reads the file of `write_specimen` beside the weights of a network; None if there is none.

    Raises:
        UserError: The file is no such thing.
    """
    path = folder / SPECIMEN
    if not path.is_file():
        return None
    try:
        return TypeAdapter(Specimen).validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} does not say what to show first ({what_is_wrong(error)}); "
            f"`tam-viz showcase {folder.name}` writes it."
        ) from error


def write_specimen(folder: Path, specimen: Specimen) -> None:
    """Writes it beside the weights."""
    data = dataclasses.asdict(specimen)
    data["merits"] = {name: round(value, 3) for name, value in data["merits"].items()}
    write_whole(folder / SPECIMEN, json.dumps(data, indent=1) + "\n")
