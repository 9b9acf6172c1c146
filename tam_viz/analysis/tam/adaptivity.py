"""Reading what `tam-viz probe` found of a network and left beside its weights.

`adaptation.json` says how much Θ and V know of a clip and how much the answers owe to them;
`probes.npz` holds the probes that tell from V which frames are inside the event, so that they can
be asked about any clip. See `tam_viz.experiments.studies.adaptation`.
"""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from tam_viz.types import TAMTrace, UserError

RECORD, PROBES = "adaptation.json", "probes.npz"
ALL = "all blocks"
"""What an edit of all blocks at once is called."""

_RECORD_BYTES, _PROBES_BYTES = 4 << 20, 64 << 20


@dataclass(frozen=True)
class Probes:
    """What linear probes read off the blocks of a network, one value per block, held out.

    Attributes:
        direction: By pair of classes, how often Θ tells which of the two a clip is; ½ is chance.
        speed: Share of the variance of log₂ speed that Θ tells; 0 is chance.
        camera: The same of the camera's pan, mean of both axes.
        inside: Area under the ROC of V, centred by clip and channel, for frames inside the
            event, first and last frame left out; ½ is chance.
    """

    direction: dict[str, list[float]]
    speed: list[float]
    camera: list[float]
    inside: list[float]


@dataclass(frozen=True)
class Outcome:
    """Answers of a network under an edit of all its blocks.

    Attributes:
        top1: Share of right answers.
        within_pair: Share of clips whose true class beats the other of its pair.
        mirrored: Share of clips that are given the other class of their pair.
    """

    top1: float
    within_pair: float
    mirrored: float


@dataclass(frozen=True)
class Loss:
    """Log-odds of the true class that an edit takes away, the mean over clips.

    Attributes:
        mean: Above 0 where the edit makes the true class less likely.
        low: Lower end of the 95% interval for clips drawn at random.
        high: Its upper end.
    """

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, lost: Float[np.ndarray, " n"]) -> Loss:
        """The mean over n clips, at least two, with its bootstrap interval."""
        from scipy.stats import bootstrap

        drawn = bootstrap((lost,), np.mean, method="percentile", rng=np.random.default_rng(0))
        low, high = drawn.confidence_interval
        return cls(float(lost.mean()), float(low), float(high))


@dataclass(frozen=True)
class Reliance:
    """What a network loses where Θ is not its own: a `Loss` for each block, then for all at once.

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
        outcomes: Its answers under edits of all blocks, by edit.
        relies: What it loses block by block where Θ is not its own.
        untrained_relies: The same of the untrained network.
        relies_clips: On how many test clips that was measured.
    """

    id: str
    blocks: list[str]
    trained: Probes
    untrained: Probes
    outcomes: dict[str, Outcome]
    relies: Reliance
    untrained_relies: Reliance
    relies_clips: int


@dataclass(frozen=True, eq=False)
class InsideProbe:
    """For each block, the linear probe that tells from V which frames are inside the event.

    Attributes:
        blocks: Names in forward order.
        weights: For V centred by clip and channel, one for each channel of each block.
        biases: One for each block.
    """

    blocks: tuple[str, ...]
    weights: tuple[Float[np.ndarray, " _"], ...]
    biases: tuple[float, ...]


def inside_scores(trace: TAMTrace, probe: InsideProbe) -> Float[np.ndarray, "b t"]:
    """What the probe of each block says of each frame; above 0 it says *inside the event*.

    NaN in the first and the last frame: zero padding rules V there and no probe was fitted to it.

    Raises:
        UserError: The probe was fitted to a network of another shape.
    """
    shapes = [len(weights) for weights in probe.weights]
    if trace.names != probe.blocks or [len(b.importance) for b in trace.blocks] != shapes:
        raise UserError(
            f"The probes of {PROBES} were fitted to a network of another shape; fit them to this "
            f"one: `tam-viz probe`."
        )
    scores = np.stack(
        [
            weights @ off_mean(block.importance).astype(np.float64) + bias
            for block, weights, bias in zip(trace.blocks, probe.weights, probe.biases, strict=True)
        ]
    )
    scores[:, [0, -1]] = np.nan
    return scores


def off_mean(importance: Float[np.ndarray, "*n c t"]) -> Float[np.ndarray, "*n c t"]:
    """V less each channel's mean over all frames: what probes of the event are fitted to."""
    shifted: np.ndarray = importance - importance.mean(axis=-1, keepdims=True)
    return shifted


def write_inside_probes(folder: Path, trained: InsideProbe, untrained: InsideProbe) -> None:
    """Writes `probes.npz` into the folder of a checkpoint."""
    arrays: dict[str, Any] = {"blocks": np.array(trained.blocks)}
    for kind, probe in (("trained", trained), ("untrained", untrained)):
        arrays[f"{kind}/biases"] = np.array(probe.biases)
        for block, weights in zip(probe.blocks, probe.weights, strict=True):
            arrays[f"{kind}/{block}"] = weights
    np.savez(folder / PROBES, **arrays)


def read_inside_probes(folder: Path) -> tuple[InsideProbe, InsideProbe] | None:
    """The probes fitted to a network and to the untrained one; None if none were fitted.

    Args:
        folder: Of the checkpoint.

    Raises:
        UserError: The file is damaged.
    """
    path = folder / PROBES
    if not path.is_file():
        return None
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(member.file_size for member in packed.infolist()) > _PROBES_BYTES:
                raise ValueError("it unpacks to more than probes can be")
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return _probe(arrays, "trained"), _probe(arrays, "untrained")
    except _DAMAGE as error:
        raise _damaged(path, error) from error


def _probe(stored: Mapping[str, np.ndarray], kind: str) -> InsideProbe:
    blocks, biases = stored["blocks"], stored[f"{kind}/biases"]
    if blocks.dtype.kind != "U" or blocks.ndim != 1 or biases.shape != blocks.shape:
        raise ValueError("there is not one bias for each block")
    weights = [stored[f"{kind}/{block}"] for block in blocks]
    for values in (*weights, biases):
        if values.dtype.kind != "f" or values.ndim != 1 or not np.isfinite(values).all():
            raise ValueError("weights are no rows of numbers")
    return InsideProbe(
        tuple(blocks.tolist()),
        tuple(row.astype(np.float64) for row in weights),
        tuple(float(bias) for bias in biases),
    )


def read_adaptation(folder: Path) -> Adaptation | None:
    """What `tam-viz probe` found of a network; None if it was not asked.

    Args:
        folder: Of the checkpoint.

    Raises:
        UserError: The file is damaged, or of an older version.
    """
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > _RECORD_BYTES:
            raise ValueError("it is longer than such a file can be")
        return _adaptation(json.loads(path.read_text(encoding="utf-8")))
    except _DAMAGE as error:
        raise _damaged(path, error) from error


_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    MemoryError,
    OverflowError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What files that are not ours make readers raise."""


def _damaged(path: Path, error: Exception) -> UserError:
    return UserError(
        f"{path} is not what `tam-viz probe` writes ({type(error).__name__}: {error}); put back "
        f"the original file or run the command again."
    )


def _adaptation(data: dict[str, Any]) -> Adaptation:
    blocks = [str(name) for name in data["blocks"]]
    if not blocks:
        raise ValueError("it has no blocks")
    return Adaptation(
        id=str(data["id"]),
        blocks=blocks,
        trained=_probes(data["trained"], len(blocks)),
        untrained=_probes(data["untrained"], len(blocks)),
        outcomes={
            str(name): Outcome(**{key: _number(row[key]) for key in Outcome.__annotations__})
            for name, row in data["outcomes"].items()
        },
        relies=_reliance(data["relies"], len(blocks) + 1),
        untrained_relies=_reliance(data["untrained_relies"], len(blocks) + 1),
        relies_clips=int(_number(data["relies_clips"])),
    )


def _probes(data: dict[str, Any], count: int) -> Probes:
    direction = {
        str(family): _numbers(values, count) for family, values in data["direction"].items()
    }
    rows = {name: _numbers(data[name], count) for name in ("speed", "camera", "inside")}
    return Probes(direction=direction, **rows)


def _reliance(data: dict[str, Any], count: int) -> Reliance:
    return Reliance(*(_losses(data[name], count) for name in ("mean", "mirrored")))


def _losses(rows: list[dict[str, Any]], count: int) -> list[Loss]:
    found = [Loss(*(_number(row[key]) for key in ("mean", "low", "high"))) for row in rows]
    if len(found) != count:
        raise ValueError(f"{len(found)} losses, not {count}")
    return found


def _numbers(values: list[float], count: int) -> list[float]:
    found = [_number(value) for value in values]
    if len(found) != count:
        raise ValueError(f"{len(found)} numbers for {count} blocks")
    return found


def _number(value: object) -> float:
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)
