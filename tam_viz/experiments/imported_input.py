"""What an imported network is to be given: one view, and its published test."""

from __future__ import annotations

import dataclasses

from tam_viz.models.published import from_torchvision, inflated
from tam_viz.models.published.matches import Recognised
from tam_viz.types import InputSpec, Sampling
from tam_viz.video.sampling import DENSE_WINDOW

_KINETICS = 400
_MMACTION2_MEAN = (123.675 / 255, 116.28 / 255, 103.53 / 255)
_MMACTION2_TANET_MEAN = (123.675 / 255, 116.28 / 255, 103.5 / 255)
_MMACTION2_STD = (58.395 / 255, 57.12 / 255, 57.375 / 255)


def single_view(recognised: Recognised, sampling: Sampling | None) -> InputSpec:
    """What a network of its kind was trained to be given (one view, centre crop)."""
    if recognised.source == "torchvision":
        name = recognised.temporal.removeprefix(from_torchvision.PREFIX)
        return from_torchvision.given(name, recognised.net.frames, sampling)[0]
    frames = recognised.net.frames
    if sampling is None and recognised.temporal == inflated.NAME:
        sampling = "interval"
    elif sampling is None:
        kinetics = recognised.net.classes == _KINETICS
        sampling = "dense" if kinetics and recognised.temporal == "tam" else "uniform"
    step = max(1, DENSE_WINDOW // frames) if sampling == "interval" else 1
    spec = InputSpec(frames=frames, resize=256, size=224, sampling=sampling, interval=step)
    if recognised.source != "mmaction2":
        return spec
    usual = _MMACTION2_TANET_MEAN if recognised.temporal == "tam" else _MMACTION2_MEAN
    mean, deviation = recognised.scaling or (usual, _MMACTION2_STD)
    return dataclasses.replace(
        spec, mean=mean, std=deviation, toolkit="opencv", average="probabilities"
    )


def published_test(
    recognised: Recognised, single: InputSpec, asked: Sampling | None, data: str
) -> InputSpec | None:
    """The views that such a network was tested with; None if that is one view or not known.

    TSN of mmaction2 was tested with 25 frames, however many it was trained with.
    """
    if recognised.source == "torchvision":
        name = recognised.temporal.removeprefix(from_torchvision.PREFIX)
        return from_torchvision.given(name, recognised.net.frames, asked)[1]
    if recognised.source == "plain":
        return None
    if recognised.source == "mmaction2" and recognised.temporal == "none":
        return dataclasses.replace(single, frames=25, sampling="uniform", crops=10)
    kinetics = recognised.net.classes == _KINETICS
    test = _test_of_the_authors if recognised.source == "authors" else _test_of_mmaction2
    views, crops = test(recognised.temporal, single.sampling, kinetics=kinetics, data=data)
    if views * crops == 1:
        return None
    size = single.resize if crops == 3 else single.size  # three crops are of the full height
    twice = recognised.source == "mmaction2" and views == 2
    sampling: Sampling = "twice" if twice else single.sampling
    return dataclasses.replace(single, views=views, crops=crops, size=size, sampling=sampling)


def _test_of_the_authors(
    temporal: str, sampling: Sampling, *, kinetics: bool, data: str
) -> tuple[int, int]:
    """Temporal positions and crops of the tests of TAM's and TSM's authors.

    Of TSM on dense frames they state ten positions and no crops; the centre is taken.
    """
    if sampling == "dense":
        return 10, 3 if temporal == "tam" else 1
    return (1, 1) if kinetics or data.endswith("V1") else (2, 3)


def _test_of_mmaction2(
    temporal: str, sampling: Sampling, *, kinetics: bool, data: str
) -> tuple[int, int]:
    """Temporal positions and crops of the tests of mmaction2."""
    if not kinetics or (temporal == "tam" and data.startswith("Something")):
        return 2, 3
    positions = 1 if sampling == "uniform" else 10
    return positions, 3 if temporal in ("tam", inflated.NAME) else 10
