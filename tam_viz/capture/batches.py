"""Batch sizes, and smaller batches where memory runs out."""

from __future__ import annotations

import copy
import dataclasses
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from weakref import WeakKeyDictionary

import torch

from tam_viz.models.engine import LoadedModel
from tam_viz.models.threads import Turn
from tam_viz.types import UserError

LOG = logging.getLogger(__name__)
_ON_CPU_BYTES, _ON_GPU_BYTES = 2**24, 2**30
"""Of the features of a pass: what stays in a processor's cache, and enough work for a GPU."""
_WIDTH = 64
"""Channels of a network whose card does not say."""
_ON_CPU: WeakKeyDictionary[LoadedModel, LoadedModel] = WeakKeyDictionary()
_NOTICES: WeakKeyDictionary[LoadedModel, str] = WeakKeyDictionary()
T = TypeVar("T")
R = TypeVar("R")


def at_once(loaded: LoadedModel, stage: int = 1) -> int:
    """Number of clips per batch that takes the least time per clip in a stage of a network.

    It is 1 for a published network on a processor, whose features leave the cache between layers
    with two clips. The last stages have smaller features and large weights, which clips share.

    Args:
        loaded: The network.
        stage: Of a ResNet, from 1, each with features half as large as the one before; 1 for the
            whole of a network.
    """
    spec = loaded.card.input
    # 4 · width channels of float32 at a sixteenth of the pixels
    widest = (loaded.card.width or _WIDTH) * spec.frames * spec.size**2
    fit = _ON_CPU_BYTES if loaded.device.type == "cpu" else _ON_GPU_BYTES
    return max(1, fit * 2 ** (stage - 1) // widest)


def stage_of(block: str) -> int:
    """The stage of a block of a ResNet by its name, 3 for `layer3.1`."""
    return int(block.split(".", maxsplit=1)[0].removeprefix("layer"))


def in_batches(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Splits items into batches of about equal size."""
    batches = -(-len(items) // most)
    for number in range(batches):
        yield items[len(items) * number // batches : len(items) * (number + 1) // batches]


def attempt(
    loaded: LoadedModel, items: Sequence[T], work: Callable[[LoadedModel, Sequence[T]], list[R]]
) -> list[R]:
    """Runs items through a network in batches; halves the batch where memory runs out.

    One item that does not fit into the memory of a GPU is done on the CPU; `notice` says so then.

    Args:
        loaded: The network.
        items: Such as clips.
        work: Gives a result for each of them, in their order.

    Raises:
        UserError: Not even one fits into the memory of the machine.
    """
    try:
        return work(loaded, items)
    except torch.OutOfMemoryError as error:
        failed = error
    if loaded.device.type == "cuda" and torch.cuda.is_available():
        torch.cuda.empty_cache()
    if len(items) > 1:
        half = len(items) // 2
        return [r for some in (items[:half], items[half:]) for r in attempt(loaded, some, work)]
    if loaded.device.type == "cpu":
        raise UserError(
            f"{loaded.card.id} needs more memory for one clip than this machine has free; end "
            f"other programs or choose a smaller network."
        ) from failed
    _NOTICES[loaded] = (
        f"One clip does not fit into the memory of the GPU, so {loaded.card.id} ran on the CPU."
    )
    LOG.warning("%s", _NOTICES[loaded])
    return attempt(on_cpu(loaded), items, work)


def notice(loaded: LoadedModel) -> str | None:
    """A sentence if a network ran on another device than it was loaded for, else None."""
    return _NOTICES.get(loaded)


def on_cpu(loaded: LoadedModel) -> LoadedModel:
    """The network on the CPU in float32; made once."""
    if loaded not in _ON_CPU:
        net = copy.deepcopy(loaded.net).to("cpu", torch.float32)
        _ON_CPU[loaded] = dataclasses.replace(
            loaded, net=net, device=torch.device("cpu"), lock=Turn(), dtype=torch.float32
        )
    return _ON_CPU[loaded]
