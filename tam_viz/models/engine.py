"""A network ready to run: its card, its weights on a device, and the lock that guards it.

It is prepared for inference: batch norms are folded (`folding`), channels lie innermost, and where
that is asked for its convolutions compute in half the precision. V and Θ are made in float32 then
too, from means that are added up in float32.
"""

from __future__ import annotations

import copy
import dataclasses
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import torch

from tam_viz.models import cards, checkpoint
from tam_viz.models.folding import Pair, find_pairs, fold_norms
from tam_viz.models.idle import trim
from tam_viz.models.net import VideoNet
from tam_viz.models.threads import Turn
from tam_viz.types import Card, UserError

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["float32", "bfloat16", "float16", "fastest"]

_SMALL = 5_000_000
"""Parameters below which a second CPU thread gains nothing."""

_BF16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")  # of x86, x86 and ARM
_DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}
_ROUNDS, _WORTH = 3, 0.8


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A network that several threads may share.

    Attributes:
        card: What it is.
        net: The network, in evaluation mode.
        device: Where its weights are.
        lock: Held by whoever puts hooks on `net`; without it two visitors get each other's maps.
        dtype: Of its convolutions and of what it is given.
    """

    card: Card
    net: VideoNet
    device: torch.device
    lock: AbstractContextManager[object] = field(default_factory=threading.RLock)
    dtype: torch.dtype = torch.float32

    @property
    def block_names(self) -> tuple[str, ...]:
        """Names of the TAM blocks in forward order; empty for a rival."""
        return tuple(name for name, _ in self.net.tam_blocks())


def pick_device(name: DeviceName = "auto") -> torch.device:
    """The device called `name`; `auto` takes a GPU where there is one.

    Raises:
        UserError: This machine does not have it.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(device for device, present in there.items() if present))
    if not there.get(name):
        have = ", ".join(device for device, present in there.items() if present)
        raise UserError(f"This machine has no {name} device for PyTorch; it has {have}.")
    return torch.device(name)


def has_bfloat16(device: torch.device) -> bool:
    """Whether a device has instructions for bfloat16; whether they pay, `fastest` tries."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    known = torch.cpu.get_capabilities()
    return device.type == "cpu" and any(known.get(name) for name in _BF16_INSTRUCTIONS)


def load(
    name: str | Path, device: DeviceName = "auto", precision: Precision = "float32"
) -> LoadedModel:
    """Loads a checkpoint by its id or from its folder.

    Args:
        name: Id or folder.
        device: Where to compute.
        precision: Of the convolutions. In `bfloat16` and `float16` logits are right to about two
            digits; `fastest` is bfloat16 if that takes at most 0.8 of the time of float32 when both
            are tried here, else float32.

    Raises:
        UserError: There is no such checkpoint, it is damaged, the device is not there, or it cannot
            compute in this precision.
    """
    folder = cards.find(name)
    card = cards.read_card(folder)
    torch_device = pick_device(device)
    # Full float32 on NVIDIA hardware, so that maps do not depend on the device; the switch is one
    # for the whole process.
    torch.backends.cudnn.allow_tf32 = False
    net = prepare(checkpoint.load_network(folder, card), card).to(torch_device)
    trim()  # weights were read in another precision and folded in float64
    turn = _turn(net) if torch_device.type == "cpu" else _lane(torch_device)
    loaded = LoadedModel(card, net, torch_device, turn)
    if precision == "fastest":
        return fastest(loaded)
    return loaded if precision == "float32" else lowered(loaded, _DTYPES[precision])


def _turn(net: VideoNet) -> Turn:
    """The lock of a network on a CPU."""
    return Turn(small=sum(p.numel() for p in net.parameters()) < _SMALL)


@cache
def _lane(_device: torch.device) -> Turn:
    """The one lock of all networks on a GPU: passes queue instead of sharing its memory."""
    return Turn(fixed=True)


def prepare(net: VideoNet, card: Card) -> VideoNet:
    """Makes a network in evaluation mode ready for inference, in place, and gives it back.

    Logits, V and Θ stay the same to about 1e-6 of their size.
    """
    same = card.temporal, card.layers, card.width, tuple(card.options.items()), card.input
    with _turn(net):  # finding the pairs takes a pass
        if same not in _PAIRS:
            _PAIRS[same] = find_pairs(net, card.input)
        fold_norms(net, _PAIRS[same])
    return net.channels_last()


_PAIRS: dict[object, list[Pair]] = {}
"""Of networks that were prepared before, by what they depend on."""


def lowered(loaded: LoadedModel, dtype: torch.dtype) -> LoadedModel:
    """A network whose convolutions compute in another precision; the given one stays as it is.

    What makes V and Θ, and the classifier, stay in float32.

    Raises:
        UserError: The network cannot run so here.
    """
    net = copy.deepcopy(loaded.net).to(dtype)
    net.fc.float()
    for _, tam in net.tam_blocks():
        tam.L.float()
        tam.G.float()
    name = str(dtype).removeprefix("torch.")
    for where, tensor in net.state_dict().items():
        if not torch.isfinite(tensor).all():
            raise UserError(
                f"{loaded.card.id} cannot compute in {name}, which does not reach as far as "
                f"{where} does; use bfloat16 or float32."
            )
    made = dataclasses.replace(loaded, net=net, dtype=dtype)
    try:
        _probe(made)
    except (RuntimeError, NotImplementedError) as error:
        raise UserError(
            f"{loaded.card.id} cannot compute in {name} on {loaded.device.type}; use float32."
        ) from error
    return made


def fastest(loaded: LoadedModel) -> LoadedModel:
    """The network in bfloat16 where that is clearly faster on this machine, else as it is.

    Both are timed in turn: some processors have instructions for bfloat16, and on others it takes
    eight times as long.
    """
    try:
        other = lowered(loaded, torch.bfloat16)
    except UserError:
        return loaded
    times: dict[torch.dtype, list[float]] = {}
    for made in (loaded, other) * _ROUNDS:
        times.setdefault(made.dtype, []).append(_probe(made))
    plain, low = (min(times[made.dtype]) for made in (loaded, other))
    return other if low <= _WORTH * plain else loaded


def _probe(loaded: LoadedModel) -> float:
    """Seconds of one pass."""
    spec = loaded.card.input
    x = torch.zeros(1, spec.frames, spec.size, spec.size, 3).permute(0, 4, 1, 2, 3)
    with loaded.lock, torch.inference_mode():
        started = time.perf_counter()
        loaded.net(x.to(loaded.device, loaded.dtype)).cpu()
        return time.perf_counter() - started
