"""torchvision's video networks, under torchvision's names."""

from __future__ import annotations

from torch import nn

from tam_viz.models.net import VideoNet
from tam_viz.models.published import from_torchvision as networks
from tam_viz.models.published.families.family import Body, Family, Plan, Reading
from tam_viz.models.published.matches import Hints, Recognised
from tam_viz.models.states import State
from tam_viz.types import InputSpec, Sampling, UserError


class TorchvisionFamily(Family):
    """R3D, MC3, R(2+1)D, S3D, MViT and Video Swin."""

    def covers(self, temporal: str) -> bool:
        """Whether a card names a network of torchvision."""
        return temporal.startswith(networks.PREFIX)

    def matches(self, body: Body, asked: Hints) -> bool:  # its names say it
        """Whether it begins as one of them does."""
        return networks.begins(body.names)

    def read(self, body: Body, asked: Hints) -> Reading:
        """Which of them it is; its number of frames is the published one unless a person says."""
        if asked.form is not None or asked.shift is not None:
            raise UserError(
                "This is a video network of torchvision; --attention and --shift are of ResNets "
                "with non-local blocks and with a shift."
            )
        name = networks.which(body.names)
        features, axes, head = networks.head_of(name)
        known = networks.known(name, body.names)
        frames = asked.frames or networks.FRAMES[name]
        networks.require_frames(name, frames)
        return Reading(
            tensors={f"net.{key}": body.names[key] for key in known},
            original=tuple(known),
            temporal=networks.PREFIX + name,
            features=features,
            source="torchvision",
            head=f"net.{head}",
            axes=axes,
            frames=frames,
        )

    def build(self, plan: Plan) -> VideoNet:
        """The network that a card names."""
        return networks.torchvision_net(plan.temporal, plan.frames, plan.classes)

    def check(self, net: nn.Module, state: State) -> None:
        """Tables of positions must be those of the network."""
        networks.check_tables(net, state)

    def single_view(self, recognised: Recognised, sampling: Sampling | None) -> InputSpec:
        """One view as torchvision prepares it."""
        return self._given(recognised, sampling)[0]

    def published_test(
        self,
        recognised: Recognised,
        single: InputSpec,  # torchvision says it anew
        asked: Sampling | None,
        data: str,  # all are of Kinetics-400
    ) -> InputSpec | None:
        """The views of torchvision's test."""
        return self._given(recognised, asked)[1]

    def _given(
        self, recognised: Recognised, sampling: Sampling | None
    ) -> tuple[InputSpec, InputSpec | None]:
        name = recognised.temporal.removeprefix(networks.PREFIX)
        return networks.given(name, recognised.net.frames, sampling)


FAMILY = TorchvisionFamily()
