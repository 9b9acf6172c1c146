"""What a visitor waits for once: networks, clips and runs, cached by their ids.

Keys are ids and frozen dataclasses, never arrays; an argument with a leading underscore is not
part of the key. Whatever needs torch imports it when it is called: the first page shows its
clip while torch is still loading.
"""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from tam_viz.analysis.results import Bench, read
from tam_viz.models import cards as stored
from tam_viz.types import Card, Clip, InputSpec, Run, TAMTrace
from tam_viz.video.clip import backwards, read_clip, read_views
from tam_viz.video.library import GALLERY, Source, read_folder

if TYPE_CHECKING:
    from tam_viz.models.engine import LoadedModel

_RUNS, _CLIPS = 512, 128


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
def gallery() -> dict[str, Source]:
    """The clips that come with the project, by file name."""
    return {source.name: source for source in read_folder(GALLERY)}


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


def clip(source: Source, spec: InputSpec, view: int = 0, *, reverse: bool = False) -> Clip:
    """One view of a video, or the same frames backwards.

    Raises:
        UserError: The video cannot be read.
    """
    read = _clip(source, str(source.path), source.name, spec, view)
    return backwards(read) if reverse else read


@st.cache_data(show_spinner="Reading the video…", max_entries=_CLIPS)
def _clip(_source: Source, path: str, name: str, spec: InputSpec, view: int) -> Clip:
    return read_clip(path, spec, view, name=name, truth=_source.truth)


def answers(source: Source, card: Card, spec: InputSpec) -> tuple[tuple[Clip, ...], list[Run]]:
    """All views of a video through a network, with a bar while they run.

    Raises:
        UserError: The video cannot be read.
    """
    views = _views(source, str(source.path), source.name, spec)
    if len(views) == 1:
        return views, [run(card.id, views[0])]
    runs = []
    with st.empty():
        for number, view in enumerate(views, start=1):
            st.progress(number / len(views), f"{card.id}: view {number} of {len(views)}")
            runs.append(run(card.id, view))
        st.write("")
    return views, runs


@st.cache_data(show_spinner="Reading the views…", max_entries=4)
def _views(_source: Source, path: str, name: str, spec: InputSpec) -> tuple[Clip, ...]:
    return read_views(path, spec, name=name, truth=_source.truth)


def run(name: str, shown: Clip) -> Run:
    """One clip through one network."""
    return _run(name, shown.id, shown)


@st.cache_data(show_spinner="Running the network…", max_entries=_RUNS)
def _run(name: str, clip_id: str, _clip: Clip) -> Run:  # noqa: ARG001  # the cache key
    return _forward(network(name), _clip)


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


def trace(name: str, shown: Clip) -> TAMTrace:
    """What the TAM blocks of a network decided on a clip."""
    return _trace_of(run(name, shown))


def untrained_trace(name: str, shown: Clip) -> TAMTrace:
    """What the TAM blocks of the untrained network decide on a clip."""
    return _trace_of(_untrained_run(name, shown.id, shown))


@st.cache_data(show_spinner="Running the untrained network…", max_entries=_RUNS)
def _untrained_run(name: str, clip_id: str, _clip: Clip) -> Run:  # noqa: ARG001  # the key
    return _forward(untrained(name), _clip)


def _trace_of(done: Run) -> TAMTrace:
    if done.trace is None:
        raise TypeError(f"{done.checkpoint_id} has no TAM blocks to show")
    return done.trace


def _forward(loaded: LoadedModel, shown: Clip) -> Run:
    from tam_viz.capture.run import run as capture_run

    return capture_run(loaded, shown)
