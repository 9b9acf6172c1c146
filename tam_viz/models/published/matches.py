"""Hints on a network besides its weights, and the match of a set of weights with a family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tam_viz.models.net import Layers, VideoNet
from tam_viz.models.published import nets
from tam_viz.models.states import State

RGB = tuple[float, float, float]
Source = Literal["authors", "mmaction2", "torchvision", "plain"]


@dataclass(frozen=True)
class Hints:
    """What is known of a network besides its weights.

    Attributes:
        frames: T, as a person says it.
        settings: T, as the settings beside the weights say it.
        form: Of non-local attention.
        shift: Where TSM's shift stands, for weights under plain names: it has no weights.
        swapped: Whether `state_dict` holds averaged weights and `ema_state_dict` the raw ones, as
            mmengine has it.
        shift_div: The settings' word for the share of the channels that a shift moves each way,
            one of so many.
    """

    frames: int | None = None
    settings: int | None = None
    form: nets.Form | None = None
    shift: nets.Shift | None = None
    swapped: bool = False
    shift_div: int | None = None


@dataclass(frozen=True)
class Recognised:
    """A network and how it was told.

    Attributes:
        net: With its weights, in evaluation mode.
        temporal: What its card calls it.
        layers: Bottlenecks in each stage.
        width: Channels inside the bottlenecks of the first stage.
        source: Whose names the tensors had.
        options: Of the temporal module or of the network.
        notices: Sentences on what the file does not say and was taken for granted.
        path: Where in the file the network lies.
        beside: Names beside it that take no part in its answer.
        scaling: Mean and standard deviation (RGB, of values in 0 to 1) that lie beside it.
    """

    net: VideoNet
    temporal: str
    layers: Layers
    width: int
    source: Source
    options: Mapping[str, int] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    path: str = ""
    beside: tuple[str, ...] = ()
    scaling: tuple[RGB, RGB] | None = None


@dataclass(frozen=True)
class Match:
    """A candidate that fits a network; its weights are not looked at yet.

    Attributes:
        recognised: The network, without weights.
        state: Its weights by the names of the network.
    """

    recognised: Recognised
    state: State
