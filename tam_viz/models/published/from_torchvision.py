"""torchvision's video networks, as rivals; their weights come by torchvision's own weights API."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.net import VideoNet
from tam_viz.models.states import State, listed
from tam_viz.types import InputSpec, Sampling, UserError

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

    It pools over time before its classifier, so it has one time step with logits.

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

    def last_maps(self) -> list[tuple[nn.Module, bool]]:
        """The input of the final pooling; MViT has none."""
        pool = getattr(self.net, "avgpool", None)
        return [(pool, True)] if isinstance(pool, nn.Module) else []

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


_STEMS = {
    "stem.0.weight": ("r3d_18", "mc3_18", "r2plus1d_18"),
    "features.0.0.0.weight": ("s3d",),
    "conv_proj.weight": ("mvit_v1_b", "mvit_v2_s"),
    "patch_embed.proj.weight": ("swin3d_t", "swin3d_s", "swin3d_b"),
}
"""The networks by the name of their first weights."""


def begins(body: State) -> bool:
    """Whether a body begins as a video network of torchvision does."""
    return any(stem in body for stem in _STEMS)


def which(body: State) -> str:
    """The name in torchvision of the network with this body; its classifier is not looked at.

    Raises:
        UserError: It is none of them; what differs from the one that is most like it is named.
    """
    (stem,) = (stem for stem in _STEMS if stem in body)
    wrong = {}
    for name in _STEMS[stem]:
        own = _shapes(name)
        problems = [f"missing {key}" for key in own if key not in body]
        problems += [
            f"{key} is {tuple(body[key].shape)}, not {shape}"
            for key, shape in own.items()
            if key in body and tuple(body[key].shape) != shape
        ]
        if not problems:
            return name
        wrong[name] = problems
    name, problems = min(wrong.items(), key=lambda item: len(item[1]))
    raise UserError(
        f"This begins like a video network of torchvision and is most like {name}, but "
        f"{listed(problems)}."
    )


def _shapes(name: str) -> dict[str, tuple[int, ...]]:
    """Shapes of the body of a network, without its counters."""
    own = _empty(name).state_dict()
    head = head_of(name)[2]
    return {
        key: tuple(tensor.shape)
        for key, tensor in own.items()
        if not key.startswith(f"{head}.") and not key.endswith("num_batches_tracked")
    }


def _empty(name: str) -> nn.Module:
    with torch.device("meta"):
        return TorchvisionNet(name, FRAMES[name], 1).net


def known(name: str, body: State) -> list[str]:
    """The names of a body that are those of the network, its counters among them."""
    counters = {key for key in _empty(name).state_dict() if key.endswith("num_batches_tracked")}
    own = {*_shapes(name), *counters}
    return [key for key in body if key in own]


def head_of(name: str) -> tuple[int, int, str]:
    """Features before the classifier of a network, axes of its weights, and what it is called."""
    state = _empty(name).state_dict()
    *_, last = (key for key in state if key.endswith(".weight"))
    return int(state[last].shape[1]), state[last].ndim, last.removesuffix(".weight")


def require_frames(name: str, frames: int) -> None:
    """Makes sure that a network takes clips of so many frames.

    Raises:
        UserError: It is built for another number.
    """
    if name.startswith("mvit") and frames != FRAMES[name]:
        raise UserError(
            f"{name} has an embedding for each of {FRAMES[name]} frames, and {frames} were asked "
            f"for; leave --frames out."
        )


def check_tables(net: nn.Module, state: State) -> None:
    """Makes sure that tables of positions are those of the network.

    They are not learned, and wrong ones would point outside their weights.

    Raises:
        UserError: One differs.
    """
    for name, module in net.named_modules():
        key = f"{name}.relative_position_index"
        define = getattr(module, "define_relative_position_index", None)
        if define is not None and key in state:
            define()
            if not torch.equal(module.relative_position_index, state[key]):
                raise UserError(f"{key} is not the table of positions that such a network has.")


def given(
    name: str, frames: int | None = None, sampling: Sampling | None = None
) -> tuple[InputSpec, InputSpec | None]:
    """One view as torchvision prepares it, and those of its test.

    There is no such test of another number of frames or another sampling than the published one.

    Clips are taken at 15 frames a second (7.5 for MViT); here every second (fourth) frame, which
    is the same for videos of 30.
    """
    from torchvision.models import get_model_weights  # noqa: PLC0415  # seconds to import

    preset = get_model_weights(name).DEFAULT.transforms()
    sizes = [int(side) for side in preset.resize_size]
    red, green, blue = preset.mean
    deviations = preset.std
    single = InputSpec(
        frames=frames or FRAMES[name],
        resize=sizes[0],
        size=int(preset.crop_size[0]),
        mean=(red, green, blue),
        std=(deviations[0], deviations[1], deviations[2]),
        sampling="interval",
        interval=_INTERVALS.get(name, _USUAL_INTERVAL),
        toolkit="torchvision",
        average="probabilities",
        stretch=sizes[1] if len(sizes) == 2 else 0,
    )
    if sampling not in (None, "interval"):
        return dataclasses.replace(single, sampling=sampling, interval=1), None
    if single.frames != FRAMES[name]:
        return single, None
    return single, dataclasses.replace(single, views=_VIEWS.get(name, _USUAL_VIEWS))
