"""References that take many clips: the mean over clips, and the untrained network."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from tam_viz.types import GIVEN, Clip, Edit, Mean, Step, Steps, TAMTrace
from tam_viz.ui.state.cache.computations import UNTRAINED, computed, kept, with_bar
from tam_viz.ui.state.cache.networks import network

if TYPE_CHECKING:
    from tam_viz.experiments.kinds import Basis
    from tam_viz.experiments.studies.reference import Traces
    from tam_viz.experiments.studies.untrained import Untrained
    from tam_viz.models.engine import LoadedModel


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

        yield Step(1, 1, reference.mean_of(traces))

    key = mean_key(name, basis)
    if not kept(key):
        traces = clip_traces(name, basis)
    return with_bar(key, steps, f"Mean of {name} over {basis.says}")


def mean_key(name: str, basis: Basis) -> tuple[Hashable, ...]:
    """Under which `with_bar` keeps a mean."""
    return ("mean", name, basis.key)


def mean_for(name: str, edits: Sequence[Edit], basis: Basis) -> Mean | None:
    """The mean that edits put in; None where they put in none.

    Raises:
        UserError: None of the clips can be read that it is over.
    """
    return mean_trace(name, basis) if any(edit.op in GIVEN for edit in edits) else None


def untrained(name: str, basis: Basis) -> Untrained:
    """The untrained network of the same shape, its batch norms fitted to clips.

    Waits for it, with a bar.

    Raises:
        UserError: None of the clips can be read.
    """

    def steps() -> Steps[Untrained]:
        from tam_viz.experiments.studies.untrained import fit_untrained

        return fit_untrained(network(name), basis)

    fit = with_bar((UNTRAINED, name, basis.key), steps, "Making the untrained network")
    computed()["fitted", name, basis.key] = fit.over
    return fit


def network_or_untrained(name: str, basis: Basis | None) -> LoadedModel:
    """A network, or the untrained one that is fitted to clips where those are given."""
    return network(name) if basis is None else untrained(name, basis).network


def fitted(name: str, basis: Basis) -> str:
    """The clips that the batch norms of an untrained network were fitted to, in words."""
    return str(computed().get(("fitted", name, basis.key), basis.says))


def untrained_trace(name: str, basis: Basis, shown: Clip) -> TAMTrace:
    """V and Θ of the untrained network on a clip; waits for it, with a bar.

    Raises:
        UserError: None of the clips can be read that its batch norms are fitted to.
    """

    def steps() -> Steps[TAMTrace]:
        from tam_viz.capture.run import run

        yield Step(1, 1, run(fit.network, shown).tam)

    key = untrained_key(name, basis, shown)
    if not kept(key):
        fit = untrained(name, basis)
    return with_bar(key, steps, "Running the untrained network")


def untrained_key(name: str, basis: Basis, shown: Clip) -> tuple[Hashable, ...]:
    """Under which `with_bar` keeps the trace of the untrained network on a clip."""
    return ("untrained trace", name, basis.key, shown.id)
