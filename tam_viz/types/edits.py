"""Changes of V, Θ and x while a network runs, and the run that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tam_viz.types.clips import Clip
from tam_viz.types.runs import Prediction, TAMTrace

Target = Literal["importance", "kernel", "input"]


ALL_BLOCKS = "*"
"""The block name of an `Edit` that applies to every TAM block."""


OPERATIONS: Mapping[Target, Mapping[str, str]] = {
    "importance": {
        "one": "V = 1",
        "time_mean": "V = its mean over time",
        "shuffled": "V shuffled in time",
        "donor": "V of another clip",
        "given": "V = its mean over clips",
        "level": "V = its mean over clips and time",
    },
    "kernel": {
        "centre": "Θ = [0, 1, 0]",
        "uniform": "Θ = the average",
        "reversed": "Θ reversed in time",
        "donor": "Θ of another clip",
        "given": "Θ = its mean over clips",
    },
    "input": {
        "donor": "x of another clip",
    },
}
"""What each operation is called for a person, by target and name."""


GIVEN = ("given", "level")
"""The operations that put in what whoever runs the network gives: any trace of it.

On the pages that is its mean over clips, which the labels name.
"""


@dataclass(frozen=True)
class Edit:
    """One intervention on a TAM block: data, hashable, so it can key a cache.

    Attributes:
        block: Block name such as `layer3.4`, or `ALL_BLOCKS`.
        target: `importance` (V), `kernel` (Θ) or `input` (x, the features that the block is given;
            its V and Θ are then made of those).
        op: Name of an operation in `tam_viz.capture.operations.OPS` for that target.
        channels: Channels to edit; None means all of them.
        donor: Clip whose V, Θ or x is put in, for the operation `donor`.
        seed: Chooses the permutation, for the operation `shuffled`.
        given: What the operations `given` and `level` put in; None where whoever runs the network
            gives it.
    """

    block: str
    target: Target
    op: str
    channels: tuple[int, ...] | None = None
    donor: Clip | None = None
    seed: int = 0
    given: Mean | None = None


@dataclass(frozen=True, eq=False)
class Mean:
    """V and Θ of a network, each the mean over clips.

    Two means are equal when their ids are: the id is a hash of the numbers.

    Attributes:
        id: Hexadecimal hash.
        over: The clips, in words, such as `64 MotionPairs clips`.
        trace: The mean itself.
        spread: By block, the share of a kernel's weight that on a clip lies on other taps than in
            the mean, averaged over clips and channels; in [0, 1). Empty where it was not measured.
    """

    id: str
    over: str
    trace: TAMTrace
    spread: Mapping[str, float] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mean) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(frozen=True, eq=False)
class Run:
    """One clip through one network.

    Attributes:
        clip_id: Id of the clip.
        checkpoint_id: Id of the checkpoint.
        edits: Interventions that were in force, in the order in which they were applied.
        prediction: What the network said.
        trace: What its TAM blocks decided; None for a network without TAM.
        seconds: Time of the forward pass, hooks included.
    """

    clip_id: str
    checkpoint_id: str
    edits: tuple[Edit, ...]
    prediction: Prediction
    trace: TAMTrace | None
    seconds: float

    @property
    def tam(self) -> TAMTrace:
        """V and Θ of all TAM blocks.

        Raises:
            TypeError: The network has none.
        """
        if self.trace is None:
            raise TypeError(f"{self.checkpoint_id} has no TAM blocks to show")
        return self.trace
