"""Which network a state dict is of, read from its names and shapes alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tam_viz.models.checkpoint import fit, network
from tam_viz.models.net import Layers, VideoNet
from tam_viz.models.published import from_torchvision, inflated, nets
from tam_viz.models.published.names import Renamed, renamed
from tam_viz.types import UserError

_BLOCK = re.compile(r"^layer([1-4])\.(\d+)\.")
_FRAMES = 8


@dataclass(frozen=True)
class Recognised:
    """A network and how it was told.

    Attributes:
        net: With its weights, in evaluation mode.
        temporal: What its card calls it.
        layers: Bottlenecks in each stage.
        width: Channels inside the bottlenecks of the first stage.
        source: `mmaction2`, `authors`, `torchvision` or `plain`: whose names the tensors had.
        options: Of the temporal module or of the network.
        notices: Sentences on what the file does not say and was taken for granted.
    """

    net: VideoNet
    temporal: str
    layers: Layers
    width: int
    source: str
    options: Mapping[str, int] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


def recognise(
    state: Mapping[str, Tensor], frames: int | None = None, form: nets.Form | None = None
) -> Recognised:
    """The network of a published state dict; all of its tensors or none.

    Args:
        state: As the file has it.
        frames: T, for networks whose weights do not say it; 8 if nobody does, 32 for I3D.
        form: Of non-local attention, where the weights do not say it; embedded Gaussian if
            nobody does.

    Raises:
        UserError: It is none of the known networks; or tensors are missing, left over or of
            another shape; or it was trained on another number of frames than `frames`.
    """
    ours = renamed(state)
    tensors = ours.tensors
    if "conv1.weight" not in tensors:
        return _of_torchvision(state, frames)
    for name, axes in (("conv1.weight", (4, 5)), ("fc.weight", (2,))):
        if name not in tensors or tensors[name].ndim not in axes:
            raise _unknown(state)
    layers, notices = _layers(tensors), []
    usual = _FRAMES
    if tensors["conv1.weight"].ndim == 5:
        temporal, options = inflated.NAME, _inflated_options(tensors, layers)
        usual = 32 if options["stem"] == 5 else _FRAMES
    elif "layer1.0.temporal.G.0.weight" in tensors:
        temporal, options = "tam", _tam_options(tensors)
        own = tensors["layer1.0.temporal.G.0.weight"].shape[1]
        if frames not in (None, own):
            raise UserError(f"This TANet takes {own} frames, and {frames} were asked for.")
        frames = own
    elif any(".temporal." in name for name in tensors):
        raise _unknown(state)
    else:
        temporal, options = _shifted(ours, layers, form)
        if options.get("attention") and form is None and not _is_gaussian(tensors):
            notices.append(
                "The weights of embedded-Gaussian and dot-product attention look alike; taken "
                "for embedded Gaussian. --attention dot-product says otherwise."
            )
    if frames is None:
        frames = usual
        notices.append(
            f"Its weights do not say how many frames the network takes; {usual} were assumed. "
            f"--frames says otherwise."
        )
    width = tensors["conv1.weight"].shape[0]
    with torch.device("meta"):  # the weights are all in the state dict
        net = network(
            temporal,
            frames=frames,
            classes=tensors["fc.weight"].shape[0],
            layers=layers,
            width=width,
            options=options,
        )
    fit(net, tensors, "The file")
    return Recognised(net.eval(), temporal, layers, width, ours.source, options, tuple(notices))


def _of_torchvision(state: Mapping[str, Tensor], frames: int | None) -> Recognised:
    """A network of torchvision, whose names are its own."""
    found = from_torchvision.which(state)
    if found is None:
        raise _unknown(state)
    name, classes = found
    net = from_torchvision.TorchvisionNet(name, frames or from_torchvision.FRAMES[name], classes)
    fit(net, {f"net.{key}": tensor for key, tensor in state.items()}, "The file")
    return Recognised(net.eval(), from_torchvision.PREFIX + name, (0, 0, 0, 0), 0, "torchvision")


def _unknown(state: Mapping[str, Tensor]) -> UserError:
    some = ", ".join(list(state)[:3])
    return UserError(
        f"This is no network that is known here: expected a TANet, TSM, TSN, I3D or SlowOnly on "
        f"ResNet bottlenecks under the names of its authors or of mmaction2, or a video network "
        f"of torchvision; the file begins with {some}."
    )


def _layers(tensors: Mapping[str, Tensor]) -> Layers:
    """Bottlenecks in each stage, counted from the names."""
    found = {(int(m[1]), int(m[2])) for m in map(_BLOCK.match, tensors) if m}
    first, second, third, fourth = (
        sum(stage == wanted for stage, _ in found) for wanted in (1, 2, 3, 4)
    )
    return first, second, third, fourth


def _tam_options(tensors: Mapping[str, Tensor]) -> dict[str, int]:
    """K, α and β that differ from those of TAM's defaults or not, from the shapes."""
    try:
        hidden = tensors["layer1.0.temporal.G.0.weight"].shape
        taps = tensors["layer1.0.temporal.G.3.weight"].shape[0]
        local = tensors["layer1.0.temporal.L.0.weight"].shape
        return {"taps": taps, "alpha": hidden[0] // hidden[1], "beta": local[1] // local[0]}
    except (KeyError, IndexError, ZeroDivisionError) as error:
        raise UserError(
            "The first TAM block is not whole: expected G.0, G.3 and L.0 in layer1.0."
        ) from error


def _inflated_options(tensors: Mapping[str, Tensor], layers: Layers) -> dict[str, int]:
    """The stem and the inflated blocks of a 3D network."""
    stem = tensors["conv1.weight"].shape[2]
    if stem not in (1, 5):
        raise UserError(
            f"This 3D network begins with a convolution over {stem} frames; known here are I3D "
            f"(5) and SlowOnly (1) of mmaction2."
        )
    return {"stem": stem, "inflated": inflated.pattern(tensors, layers)}


def _shifted(ours: Renamed, layers: Layers, form: nets.Form | None) -> tuple[str, dict[str, int]]:
    """TSN, TSM, or TSM with a wider pattern or with attention: its name and options."""
    tensors = ours.tensors
    attended = any(".attention." in name for name in tensors)
    if not ours.shifted:
        if attended:
            raise UserError(
                "This has non-local attention and no shift; of networks with attention, TSM with "
                "Non-local is known here."
            )
        return "none", {}
    every = 2 if (1, 1) not in ours.shifted and len(ours.shifted) < sum(layers) else 1
    expected = {(s + 1, i) for s, depth in enumerate(layers) for i in range(0, depth, every)}
    if ours.shifted != expected:
        raise UserError(
            "The blocks with a shift are not those of a published TSM: expected all of them, or "
            "every other one of each stage."
        )
    if not attended and every == 1:
        return "tsm", {}
    options = {"every": every}
    if attended:
        known = nets.Form.GAUSSIAN if _is_gaussian(tensors) else nets.Form.EMBEDDED_GAUSSIAN
        options["attention"] = int(form or known)
        options["biased"] = int(any(name.endswith(".attention.out.bias") for name in tensors))
    return nets.NAME, options


def _is_gaussian(tensors: Mapping[str, Tensor]) -> bool:
    return not any(".attention.theta." in name for name in tensors)
