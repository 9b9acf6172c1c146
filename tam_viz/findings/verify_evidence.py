"""Computes the maps and losses of a finding again and compares them with those stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tam_viz.analysis.clip.attribution import named
from tam_viz.findings.finding import Finding
from tam_viz.findings.verify import TOLERANCE, missing
from tam_viz.types import Attribution, Card, Deletion, Step, Steps, UserError, result_of

if TYPE_CHECKING:
    from tam_viz.models.engine import LoadedModel

_LARGE_PX = 112
"""Frames larger than this make integrated gradients take minutes."""


@dataclass(frozen=True)
class CheckedMap:
    """One map or one row of losses beside the same computed here.

    Attributes:
        network: Id of the network.
        what: What it is, in words.
        largest: Largest difference, as a share of the largest value or of 1; None if nothing was
            computed.
        why_not: Why nothing was computed; empty if it was.
    """

    network: str
    what: str
    largest: float | None = None
    why_not: str = ""

    @property
    def agrees(self) -> bool:
        """Whether it was computed here and differs by the tolerance at most."""
        return self.largest is not None and self.largest <= TOLERANCE


def verify_evidence(
    finding: Finding, known: Mapping[str, Card], load: Callable[[str], LoadedModel]
) -> Steps[tuple[CheckedMap, ...]]:
    """Computes the maps and losses of a finding anew.

    Args:
        finding: As it was read.
        known: The cards that are here, by id.
        load: Loads one of them.
    """
    parts: list[Attribution | Deletion] = []
    for item in finding.evidence:
        parts += [*item.maps, *item.losses]
    done: list[CheckedMap] = []
    for part in parts:
        yield Step(len(done), len(parts))
        done.append(_checked(finding, part, known, load))
    yield Step(len(parts), len(parts), tuple(done))


def _checked(
    finding: Finding,
    stored: Attribution | Deletion,
    known: Mapping[str, Card],
    load: Callable[[str], LoadedModel],
) -> CheckedMap:
    network = finding.network(stored.checkpoint_id)
    what = f"{_kind(stored)} for {named(stored)}"
    why_not = missing(network, known)
    if not why_not and _slow(stored, network.input.size):
        why_not = "Integrated gradients of a network this large are not recomputed."
    if why_not:
        return CheckedMap(network.id, what, why_not=why_not)
    try:
        here = _again(load(network.id), finding, stored)
    except UserError as error:
        return CheckedMap(network.id, what, why_not=str(error))
    expected = stored.maps if isinstance(stored, Attribution) else stored.drops
    if here.shape != expected.shape:
        return CheckedMap(network.id, what, why_not="It has another shape here.")
    largest = float(np.abs(here - expected).max()) / max(1.0, float(np.abs(expected).max()))
    return CheckedMap(network.id, what, largest)


def _kind(stored: Attribution | Deletion) -> str:
    return stored.method if isinstance(stored, Attribution) else "removed frames"


def _slow(stored: Attribution | Deletion, size: int) -> bool:
    gradients = isinstance(stored, Attribution) and stored.method == "integrated gradients"
    return gradients and size > _LARGE_PX


def _again(loaded: LoadedModel, finding: Finding, stored: Attribution | Deletion) -> np.ndarray:
    from tam_viz.capture.attribution import grad_cam, integrated_gradients
    from tam_viz.capture.deletion import frame_deletion

    clip, target, rival = finding.clip(stored.clip_id), stored.target, stored.rival
    if isinstance(stored, Deletion):
        lost = frame_deletion(loaded, clip, target, stored.filling, rival)
        return result_of(lost).drops
    if stored.method == "Grad-CAM":
        return grad_cam(loaded, clip, target, rival).maps
    steps = integrated_gradients(loaded, clip, target, stored.steps or 1, rival)
    return result_of(steps).maps


def evidence_table(checked: tuple[CheckedMap, ...]) -> pd.DataFrame:
    """The comparisons, one row each."""
    return pd.DataFrame(
        [
            {
                "network": row.network,
                "evidence": row.what,
                "largest relative |Δ|": row.largest,
                "the same": row.why_not or ("yes" if row.agrees else "no"),
            }
            for row in checked
        ]
    )


def describe_evidence(checked: tuple[CheckedMap, ...]) -> str:
    """A sentence on whether the evidence comes out again."""
    compared = [row for row in checked if not row.why_not]
    if not compared:
        return "None of its maps and losses could be computed here."
    agreeing = sum(row.agrees for row in compared)
    left = len(checked) - len(compared)
    more = f" {left} could not be computed." if left else ""
    return f"{agreeing} of {len(compared)} maps and losses computed here are the same.{more}"
