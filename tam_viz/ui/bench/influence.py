"""The influence of frames by gradients, through whole networks: measured once for each clip."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from tam_viz.experiments.kinds import Basis
from tam_viz.panels.bench import compare as panels
from tam_viz.panels.bench.compare import Named
from tam_viz.panels.panel import Panel
from tam_viz.types import Card, Clip, Step, Steps
from tam_viz.ui.bench.compare import clip_of, named
from tam_viz.ui.state import cache
from tam_viz.ui.state.deferred import Later
from tam_viz.ui.state.selection import Selection

_LARGE_PX = 112
_MATRICES = 4096


def influence(selection: Selection, cards: Sequence[Card], later: Later) -> Panel | None:
    """The panel of the influence by gradients; None where it waits to be asked for.

    Args:
        selection: What the visitor is looking at.
        cards: The networks, the TANet first.
        later: Has the untrained TANet join.

    Raises:
        UserError: A video or a network cannot be read.
    """
    large = selection.spec.size > _LARGE_PX
    if large and not st.toggle(
        "Measure the influence of every frame by gradients (minutes for networks this large)",
        key="gradients",
        bind="query-params",
    ):
        return None
    from tam_viz.capture.influence import FEW, PROBES

    own, clip = selection.card, selection.clip()
    name, probes = named(own).name, FEW if large else PROBES
    basis = selection.basis
    asked = {
        named(own): _Asked(own.id, "", clip, probes),
        Named(f"{name}, V and Θ fixed", own.temporal): _Asked(own.id, "detached", clip, probes),
    }
    rivals = {
        named(card): _Asked(card.id, "", clip_of(selection, card), probes) for card in cards[1:]
    }
    matrices = dict(zip(asked, _influences([*asked.values()], basis), strict=True))
    beside = dict(zip(rivals, _influences([*rivals.values()], basis), strict=True))
    alone = _Asked(own.id, "untrained", clip, probes, basis.key)
    base = later.get(partial(_influences, [alone], basis), is_kept=alone in _measured())
    untrained = Named(f"{name}, untrained", own.temporal, untrained=True)
    if base is not None:
        matrices[untrained] = base[0]
    shown = list((matrices | beside).items())
    return panels.influence(shown, probes, None if base is None else untrained.name)


@dataclass(frozen=True)
class _Asked:
    """A network, as it is, with V and Θ `detached`, or `untrained`, and the clip it is given."""

    name: str
    how: str
    clip: Clip
    probes: int
    basis: str = ""


@st.cache_resource(show_spinner=False)
def _measured() -> OrderedDict[_Asked, np.ndarray]:
    """The influence matrices that were measured, the oldest first."""
    return OrderedDict()


def _influences(requests: Sequence[_Asked], basis: Basis) -> list[np.ndarray]:
    """‖∂f_t/∂x_s‖ of each network, with one bar for those that were not measured yet."""
    known = _measured()
    new = tuple(dict.fromkeys(request for request in requests if request not in known))
    if new:
        matrices = cache.with_bar(
            ("influence", *new), partial(_measure, new, basis), "Influence by gradients, in percent"
        )
        known.update(zip(new, matrices, strict=True))
    matrices = [known[request] for request in requests]
    while len(known) > _MATRICES:
        known.popitem(last=False)
    return matrices


def _measure(requests: Sequence[_Asked], basis: Basis) -> Steps[list[np.ndarray]]:
    from tam_viz.capture.influence import influence as capture

    matrices: list[np.ndarray] = []
    for request in requests:
        loaded = cache.network_or_untrained(request.name, basis if request.basis else None)
        for step in capture(
            loaded, request.clip, request.probes, detached=request.how == "detached"
        ):
            share = (len(matrices) + step.done / step.total) / len(requests)
            if step.result is None:
                yield Step(int(100 * share), 100)
            else:
                matrices.append(step.result)
    yield Step(100, 100, matrices)
