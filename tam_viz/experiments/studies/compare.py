"""One clip through several networks; it is decoded once for each kind of input."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tam_viz.analysis.clip.views import together
from tam_viz.capture.many import run_each
from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Card, Clip, InputSpec, Run, Sampling, Step, Steps
from tam_viz.video.clip import read_clip


def input_of(loaded: LoadedModel, sampling: Sampling | None = None) -> InputSpec:
    """The input of a network, with the sampling replaced if one is named."""
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


@dataclass(frozen=True, eq=False)
class Answer:
    """The runs of one network on the views of a video.

    Attributes:
        card: The network.
        spec: What it was given.
        clips: The views.
        runs: One for each view.
    """

    card: Card
    spec: InputSpec
    clips: tuple[Clip, ...]
    runs: tuple[Run, ...]

    @property
    def clip(self) -> Clip:
        """The view whose maps are shown: the middle one."""
        return self.clips[len(self.clips) // 2]

    @property
    def run(self) -> Run:
        """All views together."""
        return together(self.runs, self.spec.average)


def compare_views(
    models: Iterable[LoadedModel], read: Callable[[InputSpec], tuple[Clip, ...]]
) -> Steps[list[Answer]]:
    """Runs a video through several networks by their published protocols.

    A network without one sees its single view. Each network is a part of its own: its views are
    the steps.

    Args:
        models: The networks.
        read: Reads all views of the video for an InputSpec.
    """
    views: dict[InputSpec, tuple[Clip, ...]] = {}
    answers: list[Answer] = []
    label, count = "", 0
    for loaded in models:
        spec = loaded.card.published or loaded.card.input
        if spec not in views:
            views[spec] = read(spec)
        label, count = f"views through {loaded.card.id}", len(views[spec])
        runs: list[Run] = []
        for _, done in run_each(loaded, views[spec]):
            runs.append(done)
            yield Step(len(runs), count, label=label)
        answers.append(Answer(loaded.card, spec, views[spec], tuple(runs)))
    yield Step(count, count, answers, label)


def compare(
    models: Iterable[LoadedModel],
    read: Callable[[InputSpec], Clip],
    sampling: Sampling | None = None,
) -> Iterator[Answer]:
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
        yield Answer(loaded.card, spec, (clips[spec],), (run(loaded, clips[spec]),))
