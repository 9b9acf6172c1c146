"""Computes the runs of a finding again and compares them with those stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tam_viz.analysis.edits.edits import describe_edits
from tam_viz.findings.finding import Finding, KeptNetwork
from tam_viz.types import Card, Run, Step, Steps, TAMTrace, UserError

if TYPE_CHECKING:
    from tam_viz.models.engine import LoadedModel

TOLERANCE = 1e-5
"""Numbers that differ by no more count as the same: other machines round otherwise."""


@dataclass(frozen=True)
class Checked:
    """One run of a finding beside the same run computed here.

    Attributes:
        network: Id of the network.
        clip: Name of the clip.
        edits: What was edited, in words.
        stored: The class that the finding says, with its probability.
        here: The class that comes out here; None if nothing was computed.
        logits: Largest difference of a logit, those of single frames included.
        importance: Largest difference of a value of V; None for a network without TAM.
        kernel: The same for Θ.
        why_not: Why nothing was computed; empty if it was.
    """

    network: str
    clip: str
    edits: str
    stored: tuple[str, float]
    here: tuple[str, float] | None = None
    logits: float | None = None
    importance: float | None = None
    kernel: float | None = None
    why_not: str = ""

    @property
    def agrees(self) -> bool:
        """Whether everything was computed here and differs by `TOLERANCE` at most."""
        differences = [d for d in (self.logits, self.importance, self.kernel) if d is not None]
        return self.here is not None and max(differences) <= TOLERANCE


def missing(network: KeptNetwork, known: Mapping[str, Card]) -> str:
    """Why a network of a finding cannot be asked here; empty if it can.

    Args:
        network: As the finding describes it.
        known: The cards that are here, by id.
    """
    card = known.get(network.id)
    if card is None:
        return (
            f"There is no network {network.id} here; put its checkpoint into a folder named in "
            f"TAM_VIZ_CHECKPOINTS."
        )
    if card.sha256 != network.sha256:
        return (
            f"The {network.id} here has other weights (SHA-256 {card.sha256[:8]}…, and "
            f"{network.sha256[:8]}… in the finding), so their numbers do not compare."
        )
    return ""


def verify(
    finding: Finding, known: Mapping[str, Card], load: Callable[[str], LoadedModel]
) -> Steps[tuple[Checked, ...]]:
    """Computes every run of a finding anew, from its own frames and edits.

    Args:
        finding: As it was read.
        known: The cards that are here, by id.
        load: Loads one of them.
    """
    done: list[Checked] = []
    total = len(finding.runs)
    for stored in finding.runs:
        yield Step(len(done), total)
        done.append(_checked(finding, stored, known, load))
    yield Step(total, total, tuple(done))


def _checked(
    finding: Finding,
    stored: Run,
    known: Mapping[str, Card],
    load: Callable[[str], LoadedModel],
) -> Checked:
    from tam_viz.capture.run import run

    network, clip = finding.network(stored.checkpoint_id), finding.clip(stored.clip_id)
    edits = describe_edits(stored.edits) if stored.edits else ""
    stated = (network.id, clip.source, edits, stored.prediction.top(1)[0])
    why_not = missing(network, known)
    if why_not:
        return Checked(*stated, why_not=why_not)
    try:
        here = run(load(network.id), clip, stored.edits, given=finding.given.get(network.id))
        return Checked(*stated, here.prediction.top(1)[0], *_differences(stored, here))
    except UserError as error:
        return Checked(*stated, why_not=str(error))


def _differences(stored: Run, here: Run) -> tuple[float, float | None, float | None]:
    """Largest differences of logits, of V and of Θ.

    Raises:
        UserError: What is stored is not of this network.
    """
    logits = _largest(
        [stored.prediction.logits, stored.prediction.frame_logits],
        [here.prediction.logits, here.prediction.frame_logits],
    )
    if stored.trace is None or here.trace is None:
        if stored.trace is not here.trace:
            raise UserError(f"{here.checkpoint_id} has other blocks than the finding says.")
        return logits, None, None
    _same_blocks(stored.trace, here.trace, here.checkpoint_id)
    return (
        logits,
        _largest(
            [block.importance for block in stored.trace.blocks],
            [block.importance for block in here.trace.blocks],
        ),
        _largest(
            [block.kernel for block in stored.trace.blocks],
            [block.kernel for block in here.trace.blocks],
        ),
    )


def _same_blocks(stored: TAMTrace, here: TAMTrace, name: str) -> None:
    if stored.names != here.names:
        raise UserError(f"{name} has other blocks than the finding says.")


def _largest(stored: Sequence[np.ndarray], here: Sequence[np.ndarray]) -> float:
    shapes = [[array.shape for array in arrays] for arrays in (stored, here)]
    if shapes[0] != shapes[1]:
        raise UserError("The arrays of the finding have other shapes than those computed here.")
    return max(float(np.abs(a - b).max()) for a, b in zip(stored, here, strict=True))


def table(checked: Sequence[Checked]) -> pd.DataFrame:
    """The comparisons, one row each."""
    return pd.DataFrame(
        [
            {
                "network": row.network,
                "clip": row.clip,
                "edited": row.edits or "–",
                "stored": _said(row.stored),
                "computed here": _said(row.here),
                "largest |Δ| of logits": row.logits,
                "of V": row.importance,
                "of Θ": row.kernel,
                "the same": "not compared" if row.why_not else "yes" if row.agrees else "no",
            }
            for row in checked
        ]
    )


def describe(checked: Sequence[Checked]) -> str:
    """A sentence on whether a finding comes out again."""
    compared = [row for row in checked if not row.why_not]
    agreeing = sum(row.agrees for row in compared)
    if not compared:
        return "Nothing could be computed here."
    largest = max(
        d for row in compared for d in (row.logits, row.importance, row.kernel) if d is not None
    )
    left = len(checked) - len(compared)
    return (
        f"{agreeing} of {len(compared)} runs computed here give the same numbers as the finding "
        f"(to {TOLERANCE:g}); the largest difference is {largest:.2g}."
        + (f" {left} could not be computed." if left else "")
    )


def _said(top: tuple[str, float] | None) -> str:
    return "–" if top is None else f"{top[0]} ({top[1]:.2f})"
