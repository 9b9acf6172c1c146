"""Reading what `tam-viz probe` found of a network and left beside its weights.

`adaptation.json` says how much Θ and V know of a clip and how much the answers owe to them. See
`tam_viz.experiments.studies.adaptation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
from jaxtyping import Float
from pydantic import Field, TypeAdapter

from tam_viz.files import what_is_wrong
from tam_viz.types import UserError

RECORD = "adaptation.json"
ALL = "all blocks"
"""What an edit of all blocks at once is called."""

_RECORD_BYTES = 4 << 20

Finite = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True)
class Probes:
    """Held-out scores of linear probes on the blocks of a network, one value per block.

    Attributes:
        direction: By pair of classes, how often Θ tells which of the two a clip is; ½ is chance.
        speed: Share of the variance of log₂ speed that Θ tells; 0 is chance.
        camera: The same of the camera's pan, mean of both axes.
        inside: Area under the ROC of V, centred by clip and channel, for frames inside the
            event, first and last frame left out; ½ is chance.
    """

    direction: dict[str, list[Finite]]
    speed: list[Finite]
    camera: list[Finite]
    inside: list[Finite]


@dataclass(frozen=True)
class EditedAccuracy:
    """Answers of a network under an edit of all its blocks.

    Attributes:
        top1: Share of right answers.
        within_pair: Share of clips whose true class beats the other of its pair.
        mirrored: Share of clips that are given the other class of their pair.
    """

    top1: Finite
    within_pair: Finite
    mirrored: Finite


@dataclass(frozen=True)
class Loss:
    """Log-odds of the true class that an edit takes away, the mean over clips.

    Attributes:
        mean: Above 0 where the edit makes the true class less likely.
        low: Lower end of the 95% interval for clips drawn at random.
        high: Its upper end.
    """

    mean: Finite
    low: Finite
    high: Finite

    @classmethod
    def of(cls, lost: Float[np.ndarray, " n"]) -> Loss:
        """The mean over n clips, at least two, with its bootstrap interval."""
        from scipy.stats import bootstrap

        drawn = bootstrap((lost,), np.mean, method="percentile", rng=np.random.default_rng(0))
        low, high = drawn.confidence_interval
        return cls(float(lost.mean()), float(low), float(high))


@dataclass(frozen=True)
class Reliance:
    """Losses under another Θ: a `Loss` for each block, then for all at once.

    Attributes:
        mean: Θ is its mean over training clips, so that it no longer adapts.
        mirrored: Θ is that of a clip of the mirrored class.
    """

    mean: list[Loss]
    mirrored: list[Loss]


@dataclass(frozen=True)
class Adaptation:
    """The whole answer for one network.

    Attributes:
        id: Of the checkpoint.
        blocks: Names in forward order.
        trained: What probes read off it.
        untrained: The same of the untrained network.
        outcomes: Its answers to test clips under edits of all blocks, by edit.
        relies: What it loses block by block where Θ is not its own.
        untrained_relies: The same of the untrained network.
        relies_clips: On how many test clips that was measured.
        shifted: Its answers to clips of the shift set, by those edits that take nothing from
            another clip.
    """

    id: str
    blocks: list[str]
    trained: Probes
    untrained: Probes
    outcomes: dict[str, EditedAccuracy]
    relies: Reliance
    untrained_relies: Reliance
    relies_clips: Annotated[int, Field(ge=2, le=1 << 31)]
    shifted: dict[str, EditedAccuracy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.blocks)
        if not count:
            raise ValueError("it has no blocks")
        for probes in (self.trained, self.untrained):
            rows = [*probes.direction.values(), probes.speed, probes.camera, probes.inside]
            if any(len(row) != count for row in rows):
                raise ValueError(f"a probe has not one number for each of {count} blocks")
        for relies in (self.relies, self.untrained_relies):
            if not len(relies.mean) == len(relies.mirrored) == count + 1:
                raise ValueError(f"there are not {count + 1} losses of each kind")


_ADAPTATION = TypeAdapter(Adaptation)


def read_adaptation(folder: Path) -> Adaptation | None:
    """Reads the results of `tam-viz probe`; None if it was not run.

    Args:
        folder: Of the checkpoint.

    Raises:
        UserError: The file is damaged, or of an older version.
    """
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        return _ADAPTATION.validate_json(_text(path), strict=True)
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} is not what `tam-viz probe` writes ({what_is_wrong(error)}); put back the "
            f"original file or run the command again."
        ) from error


def _text(path: Path) -> bytes:
    if path.stat().st_size > _RECORD_BYTES:
        raise ValueError("it is longer than such a file can be")
    return path.read_bytes()


def as_json(answer: Adaptation) -> bytes:
    """What `read_adaptation` reads."""
    return _ADAPTATION.dump_json(answer, indent=1) + b"\n"
