"""Descriptions of networks: cards, audits, and offers of published weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tam_viz.types.clips import InputSpec, Sampling


@dataclass(frozen=True)
class Metric:
    """One measured number with everything needed to measure it again.

    Attributes:
        name: For example `top1`.
        value: A fraction in [0, 1].
        protocol: A sentence: which clips, which seed, how many, which views.
    """

    name: str
    value: float
    protocol: str


@dataclass(frozen=True)
class Card:
    """The contents of `card.json`: a description of the weights beside it.

    Attributes:
        id: Name of the checkpoint; also the name of its folder.
        temporal: Name in the registry of the temporal module.
        layers: Bottlenecks in each of the four stages.
        width: Channels of the first stage inside a bottleneck (64 in ResNet-50).
        classes: Class names in the order of the logits.
        input: What the network is to be given.
        metrics: Measured results.
        training: Recipe that made the weights; names and values as the trainer wrote them.
        origin: Where the weights come from.
        licence: Licence of the weights.
        sha256: Of `model.safetensors`.
        options: Options of the temporal module that differ from its defaults, such as TAM's `taps`.
        published: The test protocol of the publisher, where it has more views than `input`.
    """

    id: str
    temporal: str
    layers: tuple[int, int, int, int]
    width: int
    classes: tuple[str, ...]
    input: InputSpec
    metrics: tuple[Metric, ...] = ()
    training: Mapping[str, str | int | float] = field(default_factory=dict)
    origin: str = ""
    licence: str = ""
    sha256: str = ""
    options: Mapping[str, int] = field(default_factory=dict)
    published: InputSpec | None = None

    @property
    def blocks(self) -> dict[str, int]:
        """Channels inside each bottleneck by name (`layer3.1`), in forward order."""
        return {
            f"layer{stage}.{i}": self.width * 2 ** (stage - 1)
            for stage, depth in enumerate(self.layers, start=1)
            for i in range(depth)
        }

    def metric(self, name: str) -> float | None:
        """The measured value called `name`; None if it was not measured."""
        return next((m.value for m in self.metrics if m.name == name), None)


@dataclass(frozen=True)
class Audit:
    """Checks of a network as a whole by a few forward passes.

    Differences of logits are root mean squares over classes and clips.

    Attributes:
        sha256: Of the weights that were looked at.
        clips: Names of the clips.
        frames: T, frames of a view.
        outputs: Number of logits.
        names: Number of class names.
        finite: Whether all logits are finite; if not, nothing else was compared.
        spread: How far the logits of the clips lie from their mean.
        reversed: How far the logits move when the frames are reversed.
        shuffled: How far they move when the frames are shuffled.
        floor: How far they move when the input changes by the rounding of its numbers.
        importance: Root mean square over all blocks of V less its mean over the clips; None for a
            network without TAM.
        kernel: The same of Θ.
        fixed_importance: Blocks whose V is the same for all clips.
        fixed_kernel: Blocks whose Θ is.
    """

    sha256: str
    clips: tuple[str, ...]
    frames: int
    outputs: int
    names: int
    finite: bool
    spread: float = 0.0
    reversed: float = 0.0
    shuffled: float = 0.0
    floor: float = 0.0
    importance: float | None = None
    kernel: float | None = None
    fixed_importance: tuple[str, ...] = ()
    fixed_kernel: tuple[str, ...] = ()


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
