"""How much goes through a network at once, and what happens where memory does not suffice."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar
from weakref import WeakKeyDictionary

import torch

from tam_viz.models.engine import LoadedModel
from tam_viz.models.threads import Turn
from tam_viz.types import UserError

LOG = logging.getLogger(__name__)
AT_ONCE = 2 * 8 * 224**2
"""Pixels in one pass on a CPU: two clips of a published network, or tens of small ones."""
_ON_GPU = 16
"""Times as many on a GPU."""
_ON_CPU: WeakKeyDictionary[LoadedModel, LoadedModel] = WeakKeyDictionary()
_NOTICES: WeakKeyDictionary[LoadedModel, str] = WeakKeyDictionary()
T = TypeVar("T")
R = TypeVar("R")


def in_batches(loaded: LoadedModel, items: Iterable[T]) -> Iterator[list[T]]:
    """As many at a time as go through a network together."""
    spec, rest = loaded.card.input, iter(items)
    at_once = AT_ONCE * (1 if loaded.device.type == "cpu" else _ON_GPU)
    while some := list(itertools.islice(rest, max(1, at_once // (spec.frames * spec.size**2)))):
        yield some


def attempt(
    loaded: LoadedModel, items: Sequence[T], work: Callable[[LoadedModel, Sequence[T]], list[R]]
) -> list[R]:
    """What a network makes of several items; of fewer at a time where it runs out of memory.

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
    """What to tell a person of where a network ran; None if that is where it was to run."""
    return _NOTICES.get(loaded)


def on_cpu(loaded: LoadedModel) -> LoadedModel:
    """The network on the CPU in float32; made once."""
    if loaded not in _ON_CPU:
        net = copy.deepcopy(loaded.net).to("cpu", torch.float32)
        _ON_CPU[loaded] = dataclasses.replace(
            loaded, net=net, device=torch.device("cpu"), lock=Turn(), dtype=torch.float32
        )
    return _ON_CPU[loaded]
