"""The common part of the families on ResNet bottlenecks: body, input and test protocol."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from tam_viz.models.net import Layers
from tam_viz.models.published import families
from tam_viz.models.published.families.family import USUAL_FRAMES, Body, Family, Reading
from tam_viz.models.published.matches import RGB, Hints, Recognised
from tam_viz.models.published.rename_keys import Block, Renamed
from tam_viz.models.states import State, listed, shown
from tam_viz.types import InputSpec, Sampling, UserError
from tam_viz.video.sampling import DENSE_WINDOW

_MOST_BLOCKS = 200
_OWN = frozenset(["conv1", "bn1", "conv2", "bn2", "conv3", "bn3", "downsample"])
_KINETICS = 400
_STD = (58.395 / 255, 57.12 / 255, 57.375 / 255)


@dataclass(frozen=True)
class Kind:
    """The temporal part of a ResNet.

    Attributes:
        temporal: What a card calls it.
        options: Of the temporal module or of the network.
        frames: T, where the weights say it.
        usual: T to be assumed where nobody says it.
        notices: Sentences on what was taken for granted.
    """

    temporal: str
    options: Mapping[str, int]
    frames: int | None = None
    usual: int = USUAL_FRAMES
    notices: tuple[str, ...] = ()


class ResNetFamily(Family):
    """A ResNet of bottlenecks that does something with time.

    Attributes:
        instead_of_shift: What it has where a TSM has its shift; empty if it may have one.
        crops: Of the test on Kinetics-400 that mmaction2 makes.
        crops_of_authors: Of the test with dense frames of TAM's and TSM's authors. Of TSM they
            state ten positions and no crops; the centre is taken.
        mean: Of the input as mmaction2 has it.
    """

    instead_of_shift = ""
    crops, crops_of_authors = 10, 1
    mean: RGB = (123.675 / 255, 116.28 / 255, 103.53 / 255)

    @abstractmethod
    def is_kind(self, body: Body, asked: Hints) -> bool:
        """Whether a ResNet is of this family, of which no family before it is."""

    @abstractmethod
    def kind(self, ours: Renamed, layers: Layers, width: int, asked: Hints) -> Kind:
        """The temporal part of a ResNet of this family.

        Raises:
            UserError: It is not whole, or what was asked for contradicts it.
        """

    def matches(self, body: Body, asked: Hints) -> bool:
        """Whether a body is a ResNet of this family.

        Raises:
            UserError: It is no ResNet of bottlenecks that is known here.
        """
        _require_bottlenecks(body.names, body.ours)
        return self.is_kind(body, asked)

    def read(self, body: Body, asked: Hints) -> Reading:
        """Depth, width and what it does with time."""
        ours = body.ours
        layers, width = _layers(ours), ours.tensors["conv1.weight"].shape[0]
        kind = self.kind(ours, layers, width, asked)
        if asked.form is not None and not kind.options.get("attention"):
            raise UserError("--attention was given, and this network has no non-local attention.")
        if asked.shift is not None and self.instead_of_shift:
            raise UserError(
                f"--shift was given, and this network has {self.instead_of_shift} in the place of "
                f"a shift."
            )
        return Reading(
            tensors=ours.tensors,
            original=tuple(ours.original.values()),
            temporal=kind.temporal,
            features=32 * width,
            layers=layers,
            width=width,
            source="mmaction2" if ours.modules else None,
            frames=kind.frames,
            usual=kind.usual,
            options=kind.options,
            notices=kind.notices,
        )

    def usual_sampling(self, *, kinetics: bool) -> Sampling:  # for all data
        """The default sampling of such a network."""
        return "uniform"

    def single_view(self, recognised: Recognised, sampling: Sampling | None) -> InputSpec:
        """One view of 224 pixels, normalised as the code of its publisher does."""
        frames = recognised.net.frames
        chosen = sampling or self.usual_sampling(kinetics=recognised.net.classes == _KINETICS)
        step = max(1, DENSE_WINDOW // frames) if chosen == "interval" else 1
        spec = InputSpec(frames=frames, resize=256, size=224, sampling=chosen, interval=step)
        if recognised.source != "mmaction2":
            return spec
        mean, deviation = recognised.scaling or (self.mean, _STD)
        return dataclasses.replace(
            spec, mean=mean, std=deviation, toolkit="opencv", average="probabilities"
        )

    def published_test(
        self,
        recognised: Recognised,
        single: InputSpec,
        asked: Sampling | None,  # is that of the single view
        data: str,
    ) -> InputSpec | None:
        """The views of the test of TAM's and TSM's authors, or of mmaction2."""
        if recognised.source == "plain":
            return None
        kinetics = recognised.net.classes == _KINETICS
        test = (
            self._test_of_the_authors if recognised.source == "authors" else self._test_of_mmaction2
        )
        views, crops = test(single.sampling, kinetics=kinetics, data=data)
        if views * crops == 1:
            return None
        size = single.resize if crops == 3 else single.size  # three crops are of the full height
        twice = recognised.source == "mmaction2" and views == 2
        sampling: Sampling = "twice" if twice else single.sampling
        return dataclasses.replace(single, views=views, crops=crops, size=size, sampling=sampling)

    def is_of_something(self, *, kinetics: bool, data: str) -> bool:  # TANet asks
        """Whether mmaction2 tests it as networks of Something-Something are tested."""
        return not kinetics

    def _test_of_the_authors(
        self, sampling: Sampling, *, kinetics: bool, data: str
    ) -> tuple[int, int]:
        """Temporal positions and crops of the tests of TAM's and TSM's authors."""
        if sampling == "dense":
            return 10, self.crops_of_authors
        return (1, 1) if kinetics or data.endswith("V1") else (2, 3)

    def _test_of_mmaction2(
        self, sampling: Sampling, *, kinetics: bool, data: str
    ) -> tuple[int, int]:
        """Temporal positions and crops of the tests of mmaction2."""
        if self.is_of_something(kinetics=kinetics, data=data):
            return 2, 3
        return (1 if sampling == "uniform" else 10), self.crops


def _require_bottlenecks(body: State, ours: Renamed) -> None:
    """Raises a UserError if a body is no ResNet, has basic blocks, or has parts of its own."""
    tensors = ours.tensors
    stem = tensors.get("conv1.weight")
    if stem is None or stem.ndim not in (4, 5) or stem.shape[0] == 0:
        raise unknown(body)
    pooled = [name for name in body if name.startswith(("layer2.net.", "layer1.net."))]
    if pooled:
        raise UserError(
            f"This network pools over time between its stages ({shown(pooled[0])}; "
            f"--temporal_pool of TSM's code), which is not supported."
        )
    strange = [ours.original[n] for n in tensors if n.startswith("layer") and not _is_known(n)]
    if strange:
        raise UserError(
            f"The bottlenecks of this network have unknown modules: {listed(strange)}. Their "
            f"names do not say what they compute, so they can be neither left out nor unwrapped."
        )
    if "layer1.0.conv3.weight" not in tensors and "layer1.0.block.conv3.weight" not in tensors:
        if "layer1.0.conv2.weight" in tensors:
            raise UserError(
                "This network has basic blocks of two convolutions, as ResNet-18 and ResNet-34 "
                "have; supported are bottlenecks (ResNet-50 and deeper)."
            )
        raise unknown(body)


def _is_known(name: str) -> bool:
    parts = name.split(".")[2:]
    if parts[:1] == ["block"]:
        parts = parts[1:]
    head = parts[0] if parts else ""
    if head in ("temporal", "attention"):
        return True
    return head in _OWN and len(parts) == (3 if head == "downsample" else 2)


def unknown(body: State) -> UserError:
    """The sentence on a network that is none of those that are known."""
    return UserError(
        f"This network is not supported: expected {families.names()}, under the names of "
        f"their authors, of mmaction2 or of torchvision; the file has {listed(list(body), 3)}."
    )


def _layers(ours: Renamed) -> Layers:
    """Bottlenecks in each stage, counted from the names."""
    first, second, third, fourth = (
        sum(stage == wanted for stage, _ in ours.blocks) for wanted in (1, 2, 3, 4)
    )
    if max(first, second, third, fourth) > _MOST_BLOCKS:
        raise UserError(f"This network has more than {_MOST_BLOCKS} bottlenecks in a stage.")
    return first, second, third, fourth


def require_only(wrapped: frozenset[Block], allowed: frozenset[Block], how: str) -> None:
    """Raises a UserError if bottlenecks are wrapped with nothing that says what that computes."""
    more = sorted(wrapped - allowed)
    if more:
        names = listed([f"layer{stage}.{number}" for stage, number in more])
        raise UserError(
            f"Bottlenecks of this network are {how} ({names}) with nothing beside them that says "
            f"what the wrapper computes, so it is not taken off."
        )
