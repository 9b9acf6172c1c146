"""One clip through several networks; it is decoded once for each kind of input."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip, InputSpec, Run, Sampling
from tam_viz.video.clip import read_clip


def input_of(loaded: LoadedModel, sampling: Sampling | None = None) -> InputSpec:
    """What a network is given, with the sampling replaced if one is named."""
    spec = loaded.card.input
    return spec if sampling is None else dataclasses.replace(spec, sampling=sampling)


def analyze(
    loaded: LoadedModel, path: str | Path, *, sampling: Sampling | None = None, view: int = 0
) -> Run:
    """Reads one view of a video (a file or a folder of images) and runs it.

    Args:
        loaded: The network.
        path: The video.
        sampling: How frames are chosen; by default as the network was trained.
        view: Which temporal position, where the network's protocol has several.

    Raises:
        UserError: The video cannot be read.
    """
    return run(loaded, read_clip(path, input_of(loaded, sampling), view))


def compare(
    models: Iterable[LoadedModel],
    read: Callable[[InputSpec], Clip],
    sampling: Sampling | None = None,
) -> Iterator[tuple[LoadedModel, Clip, Run]]:
    """Runs one video through several networks, reading it once for each different input.

    Args:
        models: The networks.
        read: Reads the video for an InputSpec.
        sampling: How frames are chosen; by default as each network was trained.
    """
    clips: dict[InputSpec, Clip] = {}
    for loaded in models:
        spec = input_of(loaded, sampling)
        if spec not in clips:
            clips[spec] = read(spec)
        yield loaded, clips[spec], run(loaded, clips[spec])
