"""The protocol of a family of published weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from torch import Tensor, nn

from tam_viz.models.net import Layers, VideoNet, video_net
from tam_viz.models.published.matches import Hints, Recognised, Source
from tam_viz.models.published.rename_keys import Renamed, renamed
from tam_viz.models.states import State
from tam_viz.types import InputSpec, Sampling

USUAL_FRAMES = 8


@dataclass(frozen=True)
class Body:
    """A network without wrappers and without a classifier.

    Attributes:
        names: Its tensors by the names that the file has for them.
    """

    names: State

    @cached_property
    def ours(self) -> Renamed:
        """The same under our names of a ResNet.

        Raises:
            UserError: Two of its names would be one.
        """
        return renamed(self.names)

    @property
    def flat(self) -> bool:
        """Whether it is a ResNet of 2D convolutions."""
        return self.ours.tensors["conv1.weight"].ndim == 4


@dataclass(frozen=True)
class Reading:
    """The network that the names and shapes of a body describe.

    Attributes:
        tensors: By our names.
        original: The names that the body had.
        temporal: What a card calls the network.
        features: How many features there are before the classifier.
        layers: Bottlenecks in each stage.
        width: Channels inside the bottlenecks of the first stage.
        source: Whose names they are, where the body says it.
        head: Our name of the classifier.
        axes: Of the weights of the classifier.
        frames: T, where it is known.
        usual: T to be assumed where nobody says it.
        options: Of the temporal module or of the network.
        notices: Sentences on what was taken for granted.
    """

    tensors: Mapping[str, Tensor]
    original: tuple[str, ...]
    temporal: str
    features: int
    layers: Layers = (0, 0, 0, 0)
    width: int = 0
    source: Source | None = None
    head: str = "fc"
    axes: int = 2
    frames: int | None = None
    usual: int = USUAL_FRAMES
    options: Mapping[str, int] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The fields of a `Card` that a network is built from."""

    temporal: str
    frames: int
    classes: int
    layers: Layers
    width: int
    options: Mapping[str, int]


class Family(ABC):
    """A kind of published weights that are recognised, built and tested by the same rules."""

    @abstractmethod
    def covers(self, temporal: str) -> bool:
        """Whether a network is of this family, by what its card calls it."""

    @abstractmethod
    def matches(self, body: Body, asked: Hints) -> bool:
        """Whether a body is of this family, given that it is of no family before it.

        Raises:
            UserError: The body is of no family.
        """

    @abstractmethod
    def read(self, body: Body, asked: Hints) -> Reading:
        """Describes a body that matches.

        Raises:
            UserError: It is not whole, or what was asked for contradicts it.
        """

    def build(self, plan: Plan) -> VideoNet:
        """The network, with random weights.

        Raises:
            UserError: There is no such network.
        """
        return video_net(
            plan.temporal,
            frames=plan.frames,
            classes=plan.classes,
            layers=plan.layers,
            width=plan.width,
            options=plan.options,
        )

    def check(self, net: nn.Module, state: State) -> None:  # noqa: B027  # most have no more to check
        """Raises a UserError if weights that fit a network must not be loaded all the same."""

    @abstractmethod
    def single_view(self, recognised: Recognised, sampling: Sampling | None) -> InputSpec:
        """The one view that such a network was trained to be given (the centre crop)."""

    @abstractmethod
    def published_test(
        self, recognised: Recognised, single: InputSpec, asked: Sampling | None, data: str
    ) -> InputSpec | None:
        """The views that such a network was tested with; None if that is one view or not known."""
