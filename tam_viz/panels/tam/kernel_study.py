"""The study of the page of adaptive kernels: a clip, a second one, and the references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from tam_viz.types import BlockTrace, TAMTrace

Kernels = Mapping[str, Float[np.ndarray, "_ _k"]]
"""Kernels, or differences of kernels, by block."""
UNTRAINED = "untrained"


@dataclass(frozen=True, eq=False)
class Second:
    """The clip beside the first one.

    Attributes:
        name: What it is called.
        trace: What the network decided on it.
        untrained: What the untrained network did, where it was asked.
    """

    name: str
    trace: TAMTrace
    untrained: TAMTrace | None = None


@dataclass(frozen=True, eq=False)
class KernelStudy:
    """A clip, with what its kernels are compared with.

    Attributes:
        name: What the clip is called.
        trace: What the network decided on it.
        untrained: What the untrained network did, where it was asked.
        block: The chosen block.
        channel: The chosen channel of it.
        mean: The mean trace over clips, where it is known.
        second: The second clip, if there is one.
        difference: Whether to show how far the two clips differ instead of both.
        over: The clips that the mean is over.
        sameness: A sentence on whether the chosen block does the same to every clip.
        fitted: The clips that the untrained network's batch norms were fitted to.
    """

    name: str
    trace: TAMTrace
    untrained: TAMTrace | None
    block: str
    channel: int
    mean: TAMTrace | None = None
    second: Second | None = None
    difference: bool = False
    over: str = "test clips"
    sameness: str = ""
    fitted: str = field(kw_only=True)

    @property
    def mean_name(self) -> str:
        """Name of the mean."""
        return f"mean over {self.over}"

    @property
    def plain(self) -> BlockTrace | None:
        """The chosen block of the untrained network, where it was asked."""
        return None if self.untrained is None else self.untrained[self.block]

    @property
    def number(self) -> int:
        """Of the chosen block, from 0."""
        return self.trace.names.index(self.block)

    @property
    def apart(self) -> Second | None:
        """The second clip where the difference is shown, else None."""
        return self.second if self.difference else None

    @property
    def minus(self) -> str:
        """Name of the difference."""
        return f"{self.name} − {self.second.name}" if self.second else ""


def kernels_of(trace: TAMTrace, chosen: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Θ by block, of all of them or of those that are named."""
    return {name: trace[name].kernel for name in chosen or trace.names}


def differences(
    study: KernelStudy, beside: Second
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray] | None]:
    """Θ on the clip less Θ on the second one, of the network and of the untrained one."""
    base = None
    if study.untrained is not None and beside.untrained is not None:
        base = _less(study.untrained, beside.untrained)
    return _less(study.trace, beside.trace), base


def _less(first: TAMTrace, second: TAMTrace) -> dict[str, np.ndarray]:
    return {block.name: block.kernel - second[block.name].kernel for block in first.blocks}
