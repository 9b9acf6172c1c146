"""Reading and writing the weights of a checkpoint, a folder that describes itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.overrides import TorchFunctionMode

from tam_viz.files import sha256_of
from tam_viz.models.cards import CARD, write_card
from tam_viz.models.net import Layers, VideoNet
from tam_viz.models.published.families import family_of
from tam_viz.models.published.families.family import Plan
from tam_viz.models.states import check, shown
from tam_viz.types import Card, UserError

WEIGHTS = "model.safetensors"


def build(card: Card) -> VideoNet:
    """The network that a card describes, with random weights.

    Raises:
        UserError: The card names a temporal module that does not exist.
    """
    return network(
        card.temporal,
        frames=card.input.frames,
        classes=len(card.classes),
        layers=card.layers,
        width=card.width,
        options=card.options,
    )


def shape(card: Card) -> VideoNet:
    """The network that a card describes, on the meta device: shapes without numbers."""
    with torch.device("meta"), _Undrawn():
        return build(card)


class _Undrawn(TorchFunctionMode):
    """Draws no random weights: on the meta device that does nothing but load torch's compiler."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> object:
        given = kwargs or {}
        if func.__name__ in _DRAWN:
            return args[0] if args else given["tensor"]
        return func(*args, **given)


_DRAWN = {"normal_", "uniform_", "trunc_normal_", "kaiming_normal_", "kaiming_uniform_"}


def parameters(card: Card) -> int:
    """Number of trainable parameters, batch norms unfolded."""
    return sum(p.numel() for p in shape(card).parameters())


def network(
    temporal: str,
    *,
    frames: int,
    classes: int,
    layers: Layers,
    width: int,
    options: Mapping[str, int],
) -> VideoNet:
    """A network of the registry or a published one, with random weights.

    Raises:
        UserError: There is no such network.
    """
    plan = Plan(temporal, frames, classes, layers, width, options)
    return family_of(temporal).build(plan)


def load_network(folder: Path, card: Card) -> VideoNet:
    """The network with its weights, in float32 and in evaluation mode.

    Raises:
        UserError: The weights are missing, damaged, not finite, or do not fit the card.
    """
    path = folder / WEIGHTS
    if not path.is_file():
        raise UserError(f"{folder} has a {CARD} but no {WEIGHTS}; put the weights beside it.")
    if sha256_of(path) != card.sha256:
        raise UserError(
            f"{path} is not the file that its card describes (the SHA-256 differs); "
            f"fetch the checkpoint again."
        )
    try:
        state = load_file(path)
    except safetensors.SafetensorError as error:
        raise UserError(f"{path} is not a safetensors file ({error}).") from error
    check(state, str(path))
    net = shape(card)  # no random weights are drawn only to be thrown away
    fit(net, state, str(path))
    return net.eval()


def fit(net: VideoNet, state: Mapping[str, Tensor], source: str) -> None:
    """Makes the tensors of `state`, in float32, those of `net`; all or nothing.

    Batch counters take no part in evaluation, so they may be missing and are not read.

    Raises:
        UserError: A tensor is missing, left over, or of another shape; each is named.
    """
    own = net.state_dict()
    counters = {name for name in own if name.endswith("num_batches_tracked")}
    problems = [f"missing {name}" for name in own if name not in state and name not in counters]
    problems += [f"unexpected {shown(name)}" for name in state if name not in own]
    problems += [
        f"{name} is {tuple(state[name].shape)}, not {tuple(own[name].shape)}"
        for name in own
        if name in state and name not in counters and state[name].shape != own[name].shape
    ]
    problems += [
        f"{name} holds no fractions but {str(state[name].dtype).removeprefix('torch.')}"
        for name in own
        if name in state and own[name].is_floating_point() and not state[name].is_floating_point()
    ]
    if problems:
        more = f" and {len(problems) - 6} more" if len(problems) > 6 else ""
        raise UserError(f"{source} does not fit the network: {'; '.join(problems[:6])}{more}.")
    zeros = {name: torch.zeros((), dtype=torch.int64) for name in counters}
    whole = {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in state.items()
        if name not in counters
    }
    net.load_state_dict({**whole, **zeros}, assign=True)


def save(folder: Path, card: Card, net: VideoNet, *, half: bool = True) -> Card:
    """Writes the checkpoint and returns the card with the hash of its weights.

    The weights are stored in half precision unless `half` is false. What half precision does not
    hold to three digits is stored in float32 all the same: statistics of a batch norm may be
    larger than 65,504.

    The card is written last, so a folder with a card is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: (_halved(tensor) if half else tensor.float()).detach().cpu().contiguous()
        for name, tensor in net.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    save_file(state, folder / WEIGHTS)
    card = dataclasses.replace(card, sha256=sha256_of(folder / WEIGHTS))
    write_card(folder, card)
    return card


def _halved(tensor: Tensor) -> Tensor:
    """A tensor in half precision where that holds it, else in float32."""
    whole, short = tensor.float(), tensor.half()
    return short if torch.allclose(short.float(), whole, rtol=1e-3, atol=1e-6) else whole
