"""torchvision's video networks, as rivals; their weights come by torchvision's own weights API."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.net import VideoNet
from tam_viz.types import InputSpec, UserError

PREFIX = "torchvision/"
"""What a card calls such a network begins so; the name in torchvision follows."""

FRAMES = {
    "r3d_18": 16,
    "mc3_18": 16,
    "r2plus1d_18": 16,
    "s3d": 128,
    "mvit_v1_b": 16,
    "mvit_v2_s": 16,
    "swin3d_t": 32,
    "swin3d_s": 32,
    "swin3d_b": 32,
}
"""The networks by name, with the frames of a clip in their published test."""

_VIEWS = {"s3d": 1, "swin3d_t": 12, "swin3d_s": 12, "swin3d_b": 12}
_USUAL_VIEWS = 5
_INTERVALS = {"mvit_v1_b": 4, "mvit_v2_s": 4}
_USUAL_INTERVAL = 2


class TorchvisionNet(VideoNet):
    """A network of torchvision behind the face of all others.

    It pools over time before its classifier, so it has one place with logits.

    Args:
        name: In torchvision, one of `FRAMES`.
        frames: T, frames in a clip.
        classes: Number of classes.
    """

    def __init__(self, name: str, frames: int, classes: int) -> None:
        super().__init__(frames, classes, features=1)
        from torchvision.models import get_model  # noqa: PLC0415  # seconds to import

        self.net: nn.Module = get_model(name, weights=None, num_classes=classes)
        self.fc = nn.Identity()

    def features(self, x: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n 1 k"]:
        """Its logits."""
        logits: Tensor = self.net(x)
        return logits.unsqueeze(1)


def torchvision_net(temporal: str, frames: int, classes: int) -> TorchvisionNet:
    """The network that a card names.

    Raises:
        UserError: There is none of that name.
    """
    name = temporal.removeprefix(PREFIX)
    if name not in FRAMES:
        raise UserError(f"torchvision's network '{name}' is not known here; there are {_listed()}.")
    return TorchvisionNet(name, frames, classes)


def _listed() -> str:
    return ", ".join(FRAMES)


def which(state: Mapping[str, Tensor]) -> tuple[str, int] | None:
    """The name in torchvision of the network with these weights, and its number of classes."""
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    heads = [name for name in shapes if name.startswith(_HEADS) and name.endswith("weight")]
    if not heads:
        return None
    classes = shapes[heads[-1]][0]
    for name, frames in FRAMES.items():
        with torch.device("meta"):
            own = TorchvisionNet(name, frames, classes).net.state_dict()
        if {key: tuple(tensor.shape) for key, tensor in own.items()} == shapes:
            return name, classes
    return None


_HEADS = ("fc.", "head.", "classifier.")


def given(name: str) -> tuple[InputSpec, InputSpec]:
    """One view as torchvision prepares it, and those of its test.

    Clips are taken at 15 frames a second (7.5 for MViT); here every second (fourth) frame, which
    is the same for videos of 30.
    """
    from torchvision.models import get_model_weights  # noqa: PLC0415  # seconds to import

    made = get_model_weights(name).DEFAULT.transforms()
    sizes = [int(side) for side in made.resize_size]
    red, green, blue = made.mean
    deviations = made.std
    single = InputSpec(
        frames=FRAMES[name],
        resize=sizes[0],
        size=int(made.crop_size[0]),
        mean=(red, green, blue),
        std=(deviations[0], deviations[1], deviations[2]),
        sampling="interval",
        interval=_INTERVALS.get(name, _USUAL_INTERVAL),
        toolkit="torchvision",
        average="probabilities",
        stretch=sizes[1] if len(sizes) == 2 else 0,
    )
    return single, dataclasses.replace(single, views=_VIEWS.get(name, _USUAL_VIEWS))
