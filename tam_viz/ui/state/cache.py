"""What a visitor waits for once: networks, clips and runs, cached by their ids.

Keys are ids and frozen dataclasses, never arrays (`keys.KEYS`). Whatever needs torch imports it
when it is called: the first page shows its clip while torch is still loading.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import streamlit as st

from tam_viz.analysis.bench.results import Bench, read
from tam_viz.analysis.clip.cost import Cost
from tam_viz.literal import sentence
from tam_viz.models import cards as stored
from tam_viz.types import (
    GIVEN,
    BlockFeatures,
    Card,
    Clip,
    Edit,
    InputSpec,
    Mean,
    Run,
    Source,
    Step,
    Steps,
    TAMTrace,
    UserError,
)
from tam_viz.ui.state.keys import KEYS
from tam_viz.ui.state.memory import Kept
from tam_viz.video.library import GALLERY, VideoFile, distinct_names, read_folder
from tam_viz.video.movie import Movie
from tam_viz.video.pool import POOL
from tam_viz.video.tempo import retimed

if TYPE_CHECKING:
    from tam_viz.experiments.kinds import Basis
    from tam_viz.experiments.studies.reference import Traces
    from tam_viz.experiments.studies.untrained import Untrained
    from tam_viz.models.engine import LoadedModel

_RUNS, _CLIPS, _LONG, _MOVIES = 512, 64, 256, 8
_JOBS = 16
_UNTRAINED, _NETWORKS = "untrained", 4
"""Untrained networks that are kept: one takes up to 100 MB."""
_NETWORK_BYTES, _FOUND_BYTES, _FEATURE_BYTES = 400 << 20, 256 << 20, 160 << 20
"""A ResNet-50 takes 100 MB, and the features of a clip in it up to 250 MB."""
_COSTS = "costs"
T = TypeVar("T")


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Starts loading torch and a decoding process in the background, once for each server."""
    POOL.warm()
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
    clips = {source.name: source for source in read_folder(GALLERY)}
    problems = []
    named = filter(None, os.environ.get("TAM_VIZ_CLIPS", "").split(os.pathsep))
    folders = dict.fromkeys(Path(folder).absolute() for folder in named)
    for folder, short in zip(folders, distinct_names(list(folders)), strict=True):
        try:
            listed = read_folder(folder)
        except UserError as error:
            problems.append(str(error))
            continue
        if not listed:
            problems.append(f"The folder '{folder}' of TAM_VIZ_CLIPS holds no videos.")
        for source in listed:
            key = f"{short}/{source.name}"
            if key in clips:
                problems.append(f"'{key}' is listed twice; the first one is shown.")
            clips.setdefault(key, source)
    return clips, problems


@st.cache_data(show_spinner=False)
def own_clips() -> tuple[str, ...]:
    """Keys of the clips that come with the project."""
    return tuple(source.name for source in read_folder(GALLERY))


def costs(names: tuple[str, ...]) -> tuple[Cost, ...]:
    """What an answer costs several networks on this machine.

    Kept until `forget_costs`, and timed only when the server has done loading.
    """

    def steps() -> Steps[tuple[Cost, ...]]:
        from tam_viz.experiments.bench.cost import measure_costs

        warm_up().join()
        return measure_costs([network(name) for name in names])

    return with_bar((_COSTS, *names), steps, "Timing the networks")


def forget_costs(names: tuple[str, ...]) -> None:
    """Lets the costs of these networks be measured again; for a callback."""
    _found().pop((_COSTS, *names), None)


def network(name: str) -> LoadedModel:
    """A network, shared by all visitors; its lock keeps their runs apart.

    It leaves the memory when others come that need the room.
    """

    def load() -> LoadedModel:
        from tam_viz.models import engine

        with st.spinner("Loading the network…"):
            return engine.load(name)

    return _networks().get_or_make(name, load)


def ran_elsewhere(name: str) -> str | None:
    """A sentence where a network did not run on the device that it is on; else None."""
    there = _networks()
    if name not in there:
        return None
    from tam_viz.capture.batches import notice

    return notice(there[name])


@st.cache_resource(show_spinner=False)
def _networks() -> Kept[LoadedModel]:
    return Kept(_NETWORK_BYTES)


def untrained(name: str, basis: Basis) -> Untrained:
    """The untrained network of the same shape, its batch norms fitted to clips.

    Waits for it, with a bar.

    Raises:
        UserError: None of the clips can be read.
    """

    def steps() -> Steps[Untrained]:
        from tam_viz.experiments.studies.untrained import fit_untrained

        return fit_untrained(network(name), basis)

    made = with_bar((_UNTRAINED, name, basis.key), steps, "Making the untrained network")
    _found()["fitted", name, basis.key] = made.over
    return made


def network_or_untrained(name: str, basis: Basis | None) -> LoadedModel:
    """A network, or the untrained one that is fitted to clips where those are given."""
    return network(name) if basis is None else untrained(name, basis).network


@st.cache_resource(show_spinner=False)
def _found() -> Kept[object]:
    """What `with_bar` waited for, the longest unused first."""
    return Kept(_FOUND_BYTES, _LONG)


@st.cache_resource(show_spinner=False)
def _begun() -> OrderedDict[Hashable, _Job]:
    """What `with_bar` began and nobody saw the end of, the oldest first."""
    return OrderedDict()


class _Job:
    """A computation under way; its lock makes several visitors take its steps in turn."""

    def __init__(self, steps: Steps[Any]) -> None:
        self.steps = steps
        self.lock = threading.Lock()
        self.result: object = None


def with_bar(key: tuple[Hashable, ...], steps: Callable[[], Steps[T]], says: str) -> T:
    """What a long computation finds at its last step, with a bar while it runs; cached.

    A visitor who leaves the page stops it between two steps; whoever asks for it again goes on
    from there.

    Args:
        key: What the result depends on; the first item tells one computation from another.
        steps: Starts it.
        says: What it is called beside the bar.
    """
    found, begun = _found(), _begun()
    if key in found:
        return cast("T", found[key])
    if key not in begun:
        begun[key] = _Job(steps())
        _shorten(begun, _JOBS)
    job, bar = begun[key], st.empty()
    try:
        while key not in found and job.result is None:
            done, total = _step(key, job, says)
            bar.progress(done / total, sentence(f"{says}: {done} of {total}"))
    finally:
        bar.empty()  # however it ends
    return cast("T", found[key] if job.result is None else job.result)


def _step(key: tuple[Hashable, ...], job: _Job, says: str) -> tuple[int, int]:
    """One step of a computation; how many are done and how many there are."""
    found = _found()
    with job.lock:
        if key in found or job.result is not None:  # another visitor took the last step
            return 1, 1
        try:
            step = next(job.steps)
        except StopIteration as end:
            _begun().pop(key, None)
            raise TypeError(f"{says} came to no result") from end
        except BaseException:
            _begun().pop(key, None)
            raise
        if step.result is not None:
            _begun().pop(key, None)
            found[key] = job.result = step.result
            networks = [one for one in found if isinstance(one, tuple) and one[0] == _UNTRAINED]
            for old in networks[:-_NETWORKS]:
                del found[old]
    return step.done, max(1, step.total)


def _shorten(kept: OrderedDict[Hashable, T], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)


def kept(key: tuple[Hashable, ...]) -> bool:
    """Whether `with_bar` has this result already."""
    return key in _found()


def clip_traces(name: str, basis: Basis) -> Traces:
    """V and Θ of a network on several clips; waits for them, with a bar.

    Raises:
        UserError: None of the clips can be read.
    """

    def steps() -> Steps[Traces]:
        from tam_viz.experiments.studies import reference

        return reference.traces_over(network(name), basis)

    return with_bar(("traces", name, basis.key), steps, f"{name} over {basis.says}")


def mean_trace(name: str, basis: Basis) -> Mean:
    """V and Θ of a network, the mean over clips; waits for it, with a bar.

    Raises:
        UserError: None of the clips can be read.
    """

    def steps() -> Steps[Mean]:
        from tam_viz.experiments.studies import reference

        yield Step(1, 1, reference.mean_of(found))

    key = mean_key(name, basis)
    if not kept(key):
        found = clip_traces(name, basis)
    return with_bar(key, steps, f"Mean of {name} over {basis.says}")


def mean_key(name: str, basis: Basis) -> tuple[Hashable, ...]:
    """Under which `with_bar` keeps a mean."""
    return ("mean", name, basis.key)


@st.cache_data(show_spinner="Reading the video…", max_entries=_CLIPS, hash_funcs=KEYS)
def clip(source: Source, spec: InputSpec, view: int = 0) -> Clip:
    """One view of a video.

    Raises:
        UserError: The video cannot be read.
    """
    return source.read(spec, view)


def movie(source: Source) -> Movie | None:
    """What a browser can play of a video, with a bar while a preview is made; cached.

    None where nothing of it can be played.
    """
    kept = _movies()
    if source.key in kept:
        kept.move_to_end(source.key)
        return kept[source.key]
    bar = st.empty()

    def report(share: float) -> None:
        bar.progress(share, "Making a preview that browsers play")

    try:
        if isinstance(source, VideoFile):
            kept[source.key] = source.player(report)
        else:
            drawn = source.movie()
            kept[source.key] = None if drawn is None else Movie(*drawn)
    finally:
        bar.empty()
    while len(kept) > _MOVIES:
        kept.popitem(last=False)
    return kept[source.key]


@st.cache_resource(show_spinner=False)
def _movies() -> OrderedDict[str, Movie | None]:
    """What players were given, the longest unseen first."""
    return OrderedDict()


def answers(source: Source, card: Card, spec: InputSpec) -> tuple[tuple[Clip, ...], list[Run]]:
    """All views of a video through a network, with a bar while they run.

    Raises:
        UserError: The video cannot be read.
    """
    shown = views(source, spec)
    if len(shown) == 1:
        return shown, [run(card.id, shown[0])]
    runs = []
    bar = st.empty()
    for number, view in enumerate(shown, start=1):
        bar.progress(number / len(shown), sentence(f"{card.id}: view {number} of {len(shown)}"))
        runs.append(run(card.id, view))
    bar.empty()
    return shown, runs


@st.cache_data(show_spinner="Reading the views…", max_entries=4, hash_funcs=KEYS)
def _all_views(source: Source, spec: InputSpec) -> tuple[Clip, ...]:
    return source.views(spec)


def views(source: Source, spec: InputSpec) -> tuple[Clip, ...]:
    """All views of a video.

    Raises:
        UserError: The video cannot be read.
    """
    return (clip(source, spec),) if spec.all_views == 1 else _all_views(source, spec)


def run(name: str, shown: Clip, edits: tuple[Edit, ...] = (), basis: Basis | None = None) -> Run:
    """One clip through one network, with interventions if there are any.

    Args:
        name: Of the network.
        shown: The clip.
        edits: Interventions to put in force.
        basis: What a mean that they put in is over.
    """
    if basis is None or not any(edit.op in GIVEN for edit in edits):
        return _run(name, shown, edits, None)
    return _run(name, shown, edits, mean_trace(name, basis))


@st.cache_data(show_spinner="Running the network…", max_entries=_RUNS, hash_funcs=KEYS)
def _run(name: str, shown: Clip, edits: tuple[Edit, ...], mean: Mean | None) -> Run:
    return _forward(network(name), shown, edits, None if mean is None else mean.trace)


def results() -> Bench | None:
    """The results of the bench, read anew when the file changes; None where there are none.

    Raises:
        UserError: They are damaged.
    """
    path = stored.OWN / stored.RESULTS
    return _read_results(path) if path.is_file() else None


@st.cache_data(show_spinner=False, max_entries=2, hash_funcs=KEYS)
def _read_results(path: Path) -> Bench:
    return read(path)


def trace(name: str, shown: Clip, edits: tuple[Edit, ...] = ()) -> TAMTrace:
    """What the TAM blocks of a network decided on a clip."""
    return run(name, shown, edits).tam


def frozen_trace(name: str, shown: Clip, frame: int) -> TAMTrace:
    """What they decide where one frame of a clip, counted from 0, is shown all along."""
    return trace(name, retimed(shown, "frozen", frame))


def untrained_trace(name: str, basis: Basis, shown: Clip) -> TAMTrace:
    """What the TAM blocks of the untrained network decide on a clip; waits for it, with a bar.

    Raises:
        UserError: None of the clips can be read that its batch norms are fitted to.
    """

    def steps() -> Steps[TAMTrace]:
        yield Step(1, 1, _forward(made.network, shown).tam)

    key = untrained_key(name, basis, shown)
    if not kept(key):
        made = untrained(name, basis)
    return with_bar(key, steps, "Running the untrained network")


def fitted(name: str, basis: Basis) -> str:
    """The clips that the batch norms of an untrained network were fitted to, in words."""
    return str(_found().get(("fitted", name, basis.key), basis.says))


def untrained_key(name: str, basis: Basis, shown: Clip) -> tuple[Hashable, ...]:
    """Under which `with_bar` keeps the trace of the untrained network on a clip."""
    return ("untrained trace", name, basis.key, shown.id)


def features(name: str, shown: Clip) -> dict[str, BlockFeatures]:
    """Every array inside the TAM blocks of a network on a clip, by block.

    Shared by all who look, so nobody may write to it.
    """

    def make() -> dict[str, BlockFeatures]:
        from tam_viz.capture.features import clip_features

        with st.spinner("Running the network…"):
            return clip_features(network(name), shown)

    return _features().get_or_make((name, shown.id), make)


@st.cache_resource(show_spinner=False)
def _features() -> Kept[dict[str, BlockFeatures]]:
    return Kept(_FEATURE_BYTES)


def _forward(
    loaded: LoadedModel,
    shown: Clip,
    edits: tuple[Edit, ...] = (),
    mean: TAMTrace | None = None,
) -> Run:
    from tam_viz.capture.run import run as capture_run

    return capture_run(loaded, shown, edits, given=mean)
