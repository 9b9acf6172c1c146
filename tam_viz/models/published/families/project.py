"""Networks of this project under their own names: the weights tell the temporal module."""

from __future__ import annotations

import itertools

import torch

from tam_viz.models.net import Layers, video_net
from tam_viz.models.published.families.family import Body
from tam_viz.models.published.families.resnet import Kind, ResNetFamily
from tam_viz.models.published.matches import Hints
from tam_viz.models.published.rename_keys import Renamed
from tam_viz.models.registry import Insertion, entries
from tam_viz.models.states import listed
from tam_viz.types import UserError

_USUAL = (8, 16, 4, 32)
"""Numbers of frames that are tried where nobody says one."""


class ProjectFamily(ResNetFamily):
    """ResNets with a temporal module of the registry."""

    instead_of_shift = "temporal modules"

    def covers(self, temporal: str) -> bool:  # the registry refuses what it lacks
        """Whatever no other family covers."""
        return True

    def is_kind(self, body: Body, asked: Hints) -> bool:  # comes after TANet
        """Whether it has temporal modules."""
        return bool(body.ours.parts["temporal"])

    def kind(self, ours: Renamed, layers: Layers, width: int, asked: Hints) -> Kind:
        """The module with these weights."""
        temporal, frames = _read_registered(ours, layers, width, asked)
        return Kind(temporal, {}, frames=frames)


def _read_registered(
    ours: Renamed, layers: Layers, width: int, asked: Hints
) -> tuple[str, int | None]:
    """The temporal module with these weights: its name, and T if it is built for one.

    Args:
        ours: The body.
        layers: Bottlenecks in each stage.
        width: Channels inside the bottlenecks of the first stage.
        asked: What is known of it besides.

    Raises:
        UserError: There is none, or several have weights of the same names and shapes.
    """
    wanted = {name: tuple(t.shape) for name, t in ours.tensors.items() if not _is_counter(name)}
    first = ("layer1.0.temporal.G.0.weight", "layer1.0.temporal.G.shared.0.weight")
    branch = next((wanted[name] for name in first if name in wanted), ())
    tried = dict.fromkeys(filter(None, (*branch[1:], asked.frames, asked.settings, *_USUAL)))
    modules = {}
    for name, frames in itertools.product(_candidates(), tried):
        if name not in modules and _shapes(name, frames, layers, width) == wanted:
            other = _shapes(name, 2 * frames, layers, width)
            modules[name] = frames if other != wanted else None
    if len(modules) == 1:
        return next(iter(modules.items()))
    some = listed([name for name in ours.tensors if ".temporal." in name], 3)
    if modules:
        raise UserError(
            f"The weights of {', '.join(modules)} look alike ({some}); give the folder of the "
            f"checkpoint with its card.json instead."
        )
    raise UserError(
        f"The temporal modules of this network ({some}) are not supported: expected TAM, under "
        f"the names of its authors or of mmaction2, or a module of this project."
    )


def _candidates() -> list[str]:
    return [name for name, entry in entries().items() if entry.insertion is not Insertion.NETWORK]


def _shapes(
    temporal: str, frames: int, layers: Layers, width: int
) -> dict[str, tuple[int, ...]] | None:
    """Names and shapes of the body of a network; None if it cannot be built so."""
    try:
        with torch.device("meta"):
            net = video_net(temporal, frames=frames, classes=1, layers=layers, width=width)
    except (ValueError, RuntimeError, ZeroDivisionError, UserError):
        return None
    return {
        name: tuple(tensor.shape)
        for name, tensor in net.state_dict().items()
        if not name.startswith("fc.") and not _is_counter(name)
    }


def _is_counter(name: str) -> bool:
    return name.endswith("num_batches_tracked")


FAMILY = ProjectFamily()
