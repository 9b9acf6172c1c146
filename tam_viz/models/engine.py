"""A network ready to run: its card, its weights on a device, and the lock that guards it."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch

from tam_viz.models import cards, checkpoint
from tam_viz.models.net import VideoNet
from tam_viz.types import Card, UserError

DeviceName = Literal["auto", "cpu", "cuda", "mps"]


_SMALL = 5_000_000
"""Parameters below which a second CPU thread gains nothing."""


class Turn:
    """A lock that a thread may take again, and under which a small network has one CPU thread.

    With two, a pass of ten milliseconds takes hundreds when something else, such as the browser
    that draws the page, has one of the cores: every operation waits for both threads.
    """

    def __init__(self, *, small: bool) -> None:
        self._lock = threading.RLock()
        self._small, self._depth, self._threads = small, 0, 0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1
        if self._small and self._depth == 1:
            self._threads = torch.get_num_threads()
            torch.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        if self._small and self._depth == 1:
            torch.set_num_threads(self._threads)
        self._depth -= 1
        self._lock.release()


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A network that several threads may share.

    Attributes:
        card: What it is.
        net: The network, in evaluation mode.
        device: Where its weights are.
        lock: Held by whoever puts hooks on `net`; without it two visitors get each other's maps.
    """

    card: Card
    net: VideoNet
    device: torch.device
    lock: AbstractContextManager[object] = field(default_factory=threading.RLock)

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


def load(name: str | Path, device: DeviceName = "auto") -> LoadedModel:
    """Loads a checkpoint by its id or from its folder.

    Raises:
        UserError: There is no such checkpoint, it is damaged, or the device is not there.
    """
    folder = cards.find(name)
    card = cards.read_card(folder)
    place = pick_device(device)
    # Full float32 on NVIDIA hardware, so that maps do not depend on the device; the switch is one
    # for the whole process.
    torch.backends.cudnn.allow_tf32 = False
    net = checkpoint.load_network(folder, card).to(place).channels_last()
    small = place.type == "cpu" and sum(p.numel() for p in net.parameters()) < _SMALL
    return LoadedModel(card, net, place, Turn(small=small))
