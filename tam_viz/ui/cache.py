"""What a visitor waits for once: networks, clips and runs, cached by their ids.

Keys are ids and frozen dataclasses, never arrays; an argument with a leading underscore is not
part of the key. Whatever needs torch imports it when it is called: the first page shows its
clip while torch is still loading.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import streamlit as st

from tam_viz.analysis.cost import Cost
from tam_viz.analysis.inside import BlockFeatures
from tam_viz.analysis.results import Bench, read
from tam_viz.models import cards as stored
from tam_viz.motionpairs.scene import Split
from tam_viz.types import Card, Clip, Edit, InputSpec, Run, Source, TAMTrace, UserError
from tam_viz.video.library import GALLERY, VideoFile, read_folder
from tam_viz.video.tempo import retimed

if TYPE_CHECKING:
    from tam_viz.models.engine import LoadedModel

_RUNS, _CLIPS, _LONG = 512, 128, 256
_FEATURES = 6
"""Of a ResNet-50 they take up to 250 MB a clip."""
_COSTS = "costs"
MEAN_CLIPS = 64
"""Clips that a mean trace is the mean over."""
T = TypeVar("T")


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Starts loading torch in the background, once in the life of the server."""
    loading = threading.Thread(
        target=importlib.import_module, args=("tam_viz.capture.run",), daemon=True
    )
    loading.start()
    return loading


@st.cache_data(show_spinner=False, ttl=10)
def cards() -> tuple[dict[str, Card], list[str]]:
    """The cards of all checkpoints by id, and a sentence on each that cannot be read."""
    return stored.read_all()


@st.cache_data(show_spinner=False)
def gallery() -> tuple[dict[str, VideoFile], list[str]]:
    """The clips that come with the project and those of the user's folders, and what is wrong.

    `TAM_VIZ_CLIPS` holds the folders, separated as in `PATH`.
    """
    found = {source.name: source for source in read_folder(GALLERY)}
    problems = []
    for folder in filter(None, os.environ.get("TAM_VIZ_CLIPS", "").split(os.pathsep)):
        try:
            listed = read_folder(Path(folder))
        except UserError as error:
            problems.append(str(error))
            continue
        found.update({f"{Path(folder).name}/{source.name}": source for source in listed})
    return found, problems


@st.cache_data(show_spinner=False)
def own_clips() -> tuple[str, ...]:
    """Keys of the clips that come with the project."""
    return tuple(source.name for source in read_folder(GALLERY))


def costs(names: tuple[str, ...]) -> tuple[Cost, ...]:
    """What an answer costs several networks on this machine.

    Kept until `forget_costs`, and timed only when the server has done loading.
    """

    def steps() -> Iterator[tuple[int, int, tuple[Cost, ...] | None]]:
        from tam_viz.experiments.cost import measure_costs

        warm_up().join()
        return measure_costs([network(name) for name in names])

    return with_bar((_COSTS, *names), steps, "Timing the networks")


def forget_costs(names: tuple[str, ...]) -> None:
    """Lets the costs of these networks be measured again; for a callback."""
    _found().pop((_COSTS, *names), None)


@st.cache_resource(show_spinner="Loading the network…")
def network(name: str) -> LoadedModel:
    """A network, shared by all visitors; its lock keeps their runs apart."""
    from tam_viz.models import engine

    return engine.load(name)


@st.cache_resource(show_spinner="Making the untrained network…")
def untrained(name: str) -> LoadedModel:
    """The untrained network of the same shape."""
    from tam_viz.experiments import reference

    return reference.untrained(network(name))


@st.cache_resource(show_spinner=False)
def _found() -> OrderedDict[Hashable, object]:
    """What `with_bar` waited for, the oldest first."""
    return OrderedDict()


def with_bar(
    key: tuple[Hashable, ...], steps: Callable[[], Iterator[tuple[int, int, T | None]]], says: str
) -> T:
    """What a long computation finds at its last step, with a bar while it runs; cached.

    Args:
        key: What the result depends on; the first item tells one computation from another.
        steps: Starts it; it yields how many steps are done, how many there are, and the result
            with the last one.
        says: What it is called beside the bar.
    """
    kept = _found()
    if key in kept:
        return cast("T", kept[key])
    bar = st.empty()
    try:
        for done, total, result in steps():
            bar.progress(done / total, f"{says}: {done} of {total}")
            if result is not None:
                kept[key] = result
                while len(kept) > _LONG:
                    kept.popitem(last=False)
                return result
    finally:
        bar.empty()  # however it ends
    raise TypeError(f"{says} came to no result")


def kept(key: tuple[Hashable, ...]) -> bool:
    """Whether `with_bar` has this result already."""
    return key in _found()


def mean_trace(name: str) -> TAMTrace:
    """V and Θ of a network, the mean over MotionPairs test clips."""
    return _mean(("mean", name), name, "test", "test clips")


def training_mean(name: str) -> TAMTrace:
    """The same over training clips, to be put in for what a network makes of a clip.

    `tam-viz probe` puts in the mean over such clips too: no clip that is asked about is part of it.
    """
    return _mean(("training mean", name), name, "train", "training clips")


def _mean(key: tuple[Hashable, ...], name: str, split: Split, says: str) -> TAMTrace:
    def steps() -> Iterator[tuple[int, int, TAMTrace | None]]:
        from tam_viz.experiments import reference

        return reference.mean_trace(network(name), split, MEAN_CLIPS)

    return with_bar(key, steps, f"Mean of {name} over {says}")


def clip(source: Source, spec: InputSpec, view: int = 0) -> Clip:
    """One view of a video.

    Raises:
        UserError: The video cannot be read.
    """
    return _clip(source, source.key, spec, view)


@st.cache_data(show_spinner="Reading the video…", max_entries=_CLIPS)
def _clip(_source: Source, key: str, spec: InputSpec, view: int) -> Clip:  # noqa: ARG001
    return _source.read(spec, view)


def movie(source: Source) -> tuple[bytes, str] | None:
    """What a browser can play of a video, with its media type; None if it plays no such format."""
    return _movie(source, source.key)


@st.cache_data(show_spinner=False, max_entries=8)
def _movie(_source: Source, key: str) -> tuple[bytes, str] | None:  # noqa: ARG001  # the key
    return _source.movie()


def answers(source: Source, card: Card, spec: InputSpec) -> tuple[tuple[Clip, ...], list[Run]]:
    """All views of a video through a network, with a bar while they run.

    Raises:
        UserError: The video cannot be read.
    """
    views = _views(source, source.key, spec)
    if len(views) == 1:
        return views, [run(card.id, views[0])]
    runs = []
    bar = st.empty()
    for number, view in enumerate(views, start=1):
        bar.progress(number / len(views), f"{card.id}: view {number} of {len(views)}")
        runs.append(run(card.id, view))
    bar.empty()
    return views, runs


@st.cache_data(show_spinner="Reading the views…", max_entries=4)
def _all_views(_source: Source, key: str, spec: InputSpec) -> tuple[Clip, ...]:  # noqa: ARG001
    return _source.views(spec)


def _views(source: Source, key: str, spec: InputSpec) -> tuple[Clip, ...]:
    if spec.all_views == 1:
        return (_clip(source, key, spec, 0),)
    return _all_views(source, key, spec)


def run(name: str, shown: Clip, edits: tuple[Edit, ...] = ()) -> Run:
    """One clip through one network, with interventions if there are any."""
    mean = mean_trace(name) if any(edit.op == "mean" for edit in edits) else None
    return _run(name, shown.id, edits, shown, mean)


@st.cache_data(show_spinner="Running the network…", max_entries=_RUNS)
def _run(
    name: str,
    clip_id: str,  # noqa: ARG001  # the cache key
    edits: tuple[Edit, ...],
    _clip: Clip,
    _mean: TAMTrace | None,
) -> Run:
    return _forward(network(name), _clip, edits, _mean)


def results() -> Bench | None:
    """The results of the bench, read anew when the file changes; None where there are none.

    Raises:
        UserError: They are damaged.
    """
    path = stored.OWN / stored.RESULTS
    return _results(path, path.stat().st_mtime_ns) if path.is_file() else None


@st.cache_data(show_spinner=False, max_entries=2)
def _results(path: Path, changed: int) -> Bench:  # noqa: ARG001  # part of the key
    return read(path)


def trace(name: str, shown: Clip, edits: tuple[Edit, ...] = ()) -> TAMTrace:
    """What the TAM blocks of a network decided on a clip."""
    return _trace_of(run(name, shown, edits))


def held_trace(name: str, shown: Clip, frame: int) -> TAMTrace:
    """What they decide where one frame of a clip, counted from 0, is shown all along."""
    return trace(name, retimed(shown, "frozen", frame))


def untrained_trace(name: str, shown: Clip) -> TAMTrace:
    """What the TAM blocks of the untrained network decide on a clip."""
    return _trace_of(_untrained_run(name, shown.id, shown))


@st.cache_data(show_spinner="Running the untrained network…", max_entries=_RUNS)
def _untrained_run(name: str, clip_id: str, _clip: Clip) -> Run:  # noqa: ARG001  # the key
    return _forward(untrained(name), _clip)


def features(name: str, shown: Clip) -> dict[str, BlockFeatures]:
    """Every array inside the TAM blocks of a network on a clip, by block.

    Shared by all who look, so nobody may write to it.
    """
    return _features(name, shown.id, shown)


@st.cache_resource(show_spinner="Running the network…", max_entries=_FEATURES)
def _features(name: str, clip_id: str, _clip: Clip) -> dict[str, BlockFeatures]:  # noqa: ARG001
    from tam_viz.capture.features import clip_features

    return clip_features(network(name), _clip)


def _trace_of(done: Run) -> TAMTrace:
    if done.trace is None:
        raise TypeError(f"{done.checkpoint_id} has no TAM blocks to show")
    return done.trace


def _forward(
    loaded: LoadedModel,
    shown: Clip,
    edits: tuple[Edit, ...] = (),
    mean: TAMTrace | None = None,
) -> Run:
    from tam_viz.capture.run import run as capture_run

    return capture_run(loaded, shown, edits, mean=mean)
