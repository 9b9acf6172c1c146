"""The references of importance maps, and the sentences about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.tam import importance as analysis
from tam_viz.plots.shared.column_axes import Column
from tam_viz.types import BlockTrace, Clip, TAMTrace

T = TypeVar("T")
THIS = "this network"


@dataclass(frozen=True, eq=False)
class ControlTraces(Generic[T]):
    """The controls of a trace, or of a block of one.

    Attributes:
        frozen: The same network, given one frame of the clip repeated.
        frame: That frame, from 0.
        untrained: An untrained network, given the clip, where there is one.
        mean: The mean over clips, where it is known.
        over: The clips that the mean is over.
        fitted: The clips that the untrained network's batch norms were fitted to.
    """

    frozen: T
    frame: int
    untrained: T | None = None
    mean: T | None = None
    over: str = "test clips"
    fitted: str = field(kw_only=True)

    def named(self) -> dict[str, T]:
        """Each by what it is called."""
        references = {f"frozen at frame {self.frame + 1}": self.frozen}
        if self.untrained is not None:
            references["untrained"] = self.untrained
        if self.mean is not None:
            references[f"mean over {self.over}"] = self.mean
        return references

    @property
    def explained(self) -> str:
        """Sentences on the references and their purpose."""
        parts = [
            f"‘frozen at frame {self.frame + 1}’ is the same network fed that one frame throughout"
        ]
        if self.untrained is not None:
            parts.append(
                "‘untrained’ is randomly initialised, its batch norms recalibrated on "
                f"{self.fitted}"
            )
        if self.mean is not None:
            parts.append(f"‘mean over {self.over}’ is the average of these clips")
        means = ["What the frozen clip shows too is not caused by motion."]
        if self.untrained is not None:
            means.append("What the untrained network shows too was not learned.")
        if self.mean is not None:
            means.append("What the mean shows too is not specific to this clip.")
        return f"References: {'; '.join(parts)}. {' '.join(means)}"


def block_beside(beside: ControlTraces[TAMTrace], name: str) -> ControlTraces[BlockTrace]:
    """The same block of each."""
    return ControlTraces(
        beside.frozen[name],
        beside.frame,
        None if beside.untrained is None else beside.untrained[name],
        None if beside.mean is None else beside.mean[name],
        beside.over,
        fitted=beside.fitted,
    )


def columns_of(
    clip: Clip, values: Float[np.ndarray, "r t"], others: Mapping[str, Float[np.ndarray, "r t"]]
) -> list[Column]:
    """A column for the clip and one for each reference."""
    first = Column(THIS, values, clip, analysis.inside_event(clip))
    return [first, *(Column(name, rows, None) for name, rows in others.items())]


EDGES = (
    "The two marked edges are dominated by zero padding; do not read them as attention. Padding "
    "spreads inwards with depth; the map of the frozen clip shows how far."
)
EVENT = "Orange bars mark the frames inside the true event, where it is known."
