"""Runs of networks on clips, with and without edits, and what was measured of the bench."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from tam_viz.analysis.bench.results import Bench, read
from tam_viz.literal import sentence
from tam_viz.models import cards as stored
from tam_viz.types import BlockFeatures, Card, Clip, Edit, InputSpec, Mean, Run, Source, TAMTrace
from tam_viz.ui.state.cache.networks import network
from tam_viz.ui.state.cache.videos import clip, views
from tam_viz.ui.state.keys import KEYS
from tam_viz.ui.state.memory import BoundedStore
from tam_viz.video.tempo import retimed

_RUNS, _FEATURE_BYTES = 512, 48 << 20
"""Those of the last clip stay, however many: in a ResNet-50 up to 250 MB. Those of a clip in a
small network take 2 MB, and no longer to make than a page takes to be drawn."""


@st.cache_data(show_spinner="Running the network…", max_entries=_RUNS, hash_funcs=KEYS)
def run(name: str, shown: Clip) -> Run:
    """One clip through one network, by its id."""
    from tam_viz.capture.run import run as forward

    return forward(network(name), shown)


@st.cache_data(show_spinner="Running the network…", max_entries=_RUNS, hash_funcs=KEYS)
def edited_run(name: str, shown: Clip, edits: tuple[Edit, ...], mean: Mean | None) -> Run:
    """One clip through one network with interventions.

    A clip that V or Θ is taken from is run once for all that is made of it.

    Args:
        name: Of the network.
        shown: The clip.
        edits: Interventions to put in force; none for a plain run.
        mean: What `references.mean_for` gives for them.

    Raises:
        UserError: An edit does not fit.
    """
    from tam_viz.capture.edits import Donor
    from tam_viz.capture.run import run as forward

    if not edits:
        return run(name, shown)
    taken_from = {edit.donor.id: edit.donor for edit in edits if edit.donor is not None}
    donors = {key: Donor(trace(name, donor), {}) for key, donor in taken_from.items()}
    given = None if mean is None else mean.trace
    return forward(network(name), shown, edits, given=given, donors=donors)


def trace(name: str, shown: Clip) -> TAMTrace:
    """V and Θ of the TAM blocks of a network on a clip."""
    return run(name, shown).tam


def frozen_trace(name: str, shown: Clip, frame: int) -> TAMTrace:
    """The same on the clip frozen at a frame, counted from 0."""
    return trace(name, retimed(shown, "frozen", frame))


def answers(source: Source, card: Card, spec: InputSpec) -> tuple[tuple[Clip, ...], list[Run]]:
    """All views of a video through a network, with a bar while they run.

    Raises:
        UserError: The video cannot be read.
    """
    if spec.all_views == 1:
        only = clip(source, spec, 0)
        return (only,), [run(card.id, only)]
    shown, runs, bar = views(source, spec), [], st.empty()
    for number, view in enumerate(shown, start=1):
        bar.progress(number / len(shown), sentence(f"{card.id}: view {number} of {len(shown)}"))
        runs.append(run(card.id, view))
    bar.empty()
    return shown, runs


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
def _features() -> BoundedStore[dict[str, BlockFeatures]]:
    return BoundedStore(_FEATURE_BYTES)


def bench_file() -> Path:
    """Where the results of the bench are."""
    return stored.OWN / stored.RESULTS


@st.cache_data(show_spinner=False, max_entries=2, hash_funcs=KEYS)
def results(path: Path) -> Bench | None:
    """The results of the bench in a file, read anew when it changes; None if there is none.

    Raises:
        UserError: They are damaged.
    """
    return read(path) if path.is_file() else None
