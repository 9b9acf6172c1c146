"""Identifying the network of a set of weights by its names and shapes alone."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tam_viz.models.checkpoint import fit, network
from tam_viz.models.net import VideoNet
from tam_viz.models.published.families import families, family_of
from tam_viz.models.published.families.family import Body, Reading
from tam_viz.models.published.families.resnet import unknown
from tam_viz.models.published.leftovers import left_out
from tam_viz.models.published.matches import RGB, Hints, Match, Recognised, Source
from tam_viz.models.published.wrappers import Candidate, Head, find_head
from tam_viz.models.states import State, check, joined, shown
from tam_viz.types import UserError

_SIDE = 224
_MOST_CLASSES = 100_000
_PLAIN = (
    "By its names this is a network without a temporal module (TSN). A shift or a pooling over "
    "time has no weights: if it was trained as a TSM whose names were changed, say --shift "
    "residual or --shift block."
)


def match(candidate: Candidate, asked: Hints) -> Match:
    """The network of a candidate; all of its tensors or none.

    Raises:
        UserError: It is none of the known networks; or tensors are missing, left over or of
            another shape; or something that was asked for contradicts the weights.
    """
    body = Body(candidate.body)
    family = next((kind for kind in families() if kind.matches(body, asked)), None)
    if family is None:
        raise unknown(candidate.body)
    reading = family.read(body, asked)
    head = find_head(candidate, reading.features, reading.original, reading.axes)
    beside = left_out(candidate, head, reading.original)
    state = {**reading.tensors, **_head_state(candidate, head, reading.head)}
    frames, notices = _frames(reading, asked)
    source = reading.source or _source(candidate, head)
    if (reading.temporal, source, asked.shift) == ("none", "plain", None):
        notices.append(_PLAIN)
    recognised = Recognised(
        net=_empty(reading, frames, state[f"{reading.head}.weight"].shape[0]),
        temporal=reading.temporal,
        layers=reading.layers,
        width=reading.width,
        source=source,
        options=reading.options,
        notices=(*reading.notices, *notices),
        path=joined(candidate.path, head.scope),
        beside=beside,
        scaling=None if source == "torchvision" else _scaling(candidate, beside),
    )
    _fits(recognised.net, state)
    _runs(recognised.net, frames)
    return Match(recognised, state)


def filled(match: Match) -> Recognised:
    """The network with its weights, in evaluation mode.

    Raises:
        UserError: A tensor is not plain or not finite, or holds whole numbers.
    """
    check(match.state)
    family_of(match.recognised.temporal).check(match.recognised.net, match.state)
    fit(match.recognised.net, match.state, "The file")
    match.recognised.net.eval()
    return match.recognised


def _empty(reading: Reading, frames: int, classes: int) -> VideoNet:
    with torch.device("meta"):  # the weights are all in the state dict
        return network(
            reading.temporal,
            frames=frames,
            classes=classes,
            layers=reading.layers,
            width=reading.width,
            options=reading.options,
        ).eval()


def _head_state(candidate: Candidate, head: Head, name: str) -> dict[str, Tensor]:
    """The classifier under the name that it has in a network; one without a bias adds zeros.

    Raises:
        UserError: It has no classes, or absurdly many.
    """
    weight = candidate.names[f"{head.name}.weight"]
    classes = weight.shape[0]
    if not 0 < classes <= _MOST_CLASSES:
        raise UserError(f"The classifier {shown(head.name)} has {classes:,} classes.")
    bias = candidate.names.get(f"{head.name}.bias")
    return {
        f"{name}.weight": weight,
        f"{name}.bias": torch.zeros(classes) if bias is None else bias,
    }


def _source(candidate: Candidate, head: Head) -> Source:
    """Whose names they are: the wrappers and the classifier are called by them."""
    parts = {*candidate.prefix.split("."), *head.name.split(".")}
    return "authors" if parts & {"base_model", "new_fc"} else "plain"


def _scaling(candidate: Candidate, beside: tuple[str, ...]) -> tuple[RGB, RGB] | None:
    """What mmengine's preprocessor takes off and divides by, if it lies in the file."""
    scaling = []
    for part in ("mean", "std"):
        names = [name for name in beside if name.endswith(f"data_preprocessor.{part}")]
        values = [candidate.names[name].flatten().tolist() for name in names]
        if len(values) != 1 or len(values[0]) != 3 or not all(map(math.isfinite, values[0])):
            return None
        red, green, blue = (float(value) / 255 for value in values[0])
        scaling.append((red, green, blue))
    mean, deviation = scaling
    return (mean, deviation) if min(deviation) > 0 else None


def _frames(reading: Reading, asked: Hints) -> tuple[int, list[str]]:
    """T, from the weights, from a person, from settings, or as is usual; and what to say of it."""
    own = reading.frames
    if asked.frames is not None and asked.frames < 1:
        raise UserError(f"A clip has 1 frame or more, and {asked.frames} were asked for.")
    if own is not None:
        if asked.frames not in (None, own):
            raise UserError(f"This network takes {own} frames, and {asked.frames} were asked for.")
        return own, []
    if asked.frames is not None:
        if asked.settings not in (None, asked.frames):
            return asked.frames, [
                f"The settings beside the weights say {asked.settings} frames; {asked.frames} are "
                f"taken, as asked for."
            ]
        return asked.frames, []
    if asked.settings is not None:
        return asked.settings, []
    return reading.usual, [
        f"Its weights do not say how many frames the network takes; {reading.usual} were assumed. "
        f"--frames says otherwise."
    ]


def _fits(net: VideoNet, state: State) -> None:
    """Raises a UserError that names what is missing, left over or of another shape."""
    with torch.device("meta"):
        bare = {
            name: torch.empty(t.shape, dtype=None if t.is_floating_point() else t.dtype)
            for name, t in state.items()
        }
    fit(net, bare, "The file")


def _runs(net: VideoNet, frames: int) -> None:
    """Raises a UserError if a network cannot take so many frames; nothing is computed."""
    net.eval()
    with torch.device("meta"), torch.inference_mode():
        x = torch.empty(1, 3, frames, _SIDE, _SIDE)
    try:
        with torch.inference_mode():
            logits = net(x)
    except RuntimeError as error:
        raise UserError(
            f"This network cannot take clips of {frames} frames: too few are left after it has "
            f"halved their number. Ask for more."
        ) from error
    if 0 in logits.shape or frames < 1:
        raise UserError(f"This network gives no answer for clips of {frames} frames.")
