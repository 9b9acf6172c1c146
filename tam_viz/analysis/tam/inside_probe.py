"""Linear probes that tell from V which frames are inside the event.

`tam-viz probe` fits them and leaves them in `probes.npz` beside the weights of a network, so that
they can be asked about any clip. See `tam_viz.experiments.studies.adaptation`.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from tam_viz.files import what_is_wrong
from tam_viz.types import TAMTrace, UserError

PROBES = "probes.npz"
_BYTES = 64 << 20
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
    """Scores of the probe of each block by frame; above 0 means *inside the event*.

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
            if sum(member.file_size for member in packed.infolist()) > _BYTES:
                raise ValueError("it unpacks to more than probes can be")
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return _probe(arrays, "trained"), _probe(arrays, "untrained")
    except _DAMAGE as error:
        raise UserError(
            f"{path} is not what `tam-viz probe` writes ({what_is_wrong(error)}); put back the "
            f"original file or run the command again."
        ) from error


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
