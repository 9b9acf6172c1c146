"""I3D and SlowOnly as mmaction2 has them: 3D ResNets whose bottlenecks are inflated 2D ones."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from tam_viz.models.net import Layers, VideoNet
from tam_viz.models.published import inflated
from tam_viz.models.published.families.family import USUAL_FRAMES, Body, Plan
from tam_viz.models.published.families.resnet import Kind, ResNetFamily, require_only
from tam_viz.models.published.matches import Hints
from tam_viz.models.published.rename_keys import Renamed
from tam_viz.types import Sampling, UserError

_OF_I3D = 32


class InflatedFamily(ResNetFamily):
    """Networks of 3D convolutions."""

    instead_of_shift = "3D convolutions"
    crops = 3

    def covers(self, temporal: str) -> bool:
        """Whether a card names an inflated ResNet."""
        return temporal == inflated.NAME

    def is_kind(self, body: Body, asked: Hints) -> bool:  # its shapes say it
        """Whether the convolutions are 3D."""
        return not body.flat

    def kind(self, ours: Renamed, layers: Layers, width: int, asked: Hints) -> Kind:
        """The stem and the inflated blocks."""
        _no_wrappers(ours)
        options = _options(ours.tensors, layers)
        usual = _OF_I3D if options["stem"] == 5 else USUAL_FRAMES
        return Kind(inflated.NAME, options, usual=usual)

    def build(self, plan: Plan) -> VideoNet:
        """An inflated ResNet."""
        return inflated.InflatedResNet(
            plan.frames, plan.classes, plan.layers, plan.width, **plan.options
        )

    def usual_sampling(self, *, kinetics: bool) -> Sampling:  # for all data
        """Frames at an interval, as it was published."""
        return "interval"


def _options(tensors: Mapping[str, Tensor], layers: Layers) -> dict[str, int]:
    """The stem and the inflated blocks of a 3D network."""
    stem = tensors["conv1.weight"].shape[2]
    if stem not in (1, 5):
        raise UserError(
            f"This 3D network begins with a convolution over {stem} frames; supported are I3D (5) "
            f"and SlowOnly (1) of mmaction2."
        )
    return {"stem": stem, "inflated": inflated.pattern(tensors, layers)}


def _no_wrappers(ours: Renamed) -> None:
    """Raises a UserError if a 3D network has wrappers around bottlenecks, which compute."""
    if ours.parts["attention"] or ours.parts["temporal"]:
        raise UserError(
            "This 3D network has attention or temporal modules, which are not supported; expected "
            "I3D or SlowOnly without them."
        )
    require_only(ours.shifted | ours.wrapped["net"] | ours.wrapped["block"], frozenset(), "wrapped")


FAMILY = InflatedFamily()
