"""Networks in memory: their cards, their weights, what a pass of them costs."""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING

import streamlit as st

from tam_viz.analysis.clip.cost import Cost
from tam_viz.models import cards as stored
from tam_viz.types import Card, Steps
from tam_viz.ui.state.cache.computations import computed, with_bar
from tam_viz.ui.state.memory import BoundedStore
from tam_viz.video.pool import POOL

if TYPE_CHECKING:
    from tam_viz.models.engine import LoadedModel

_BYTES = 400 << 20
"""Of weights. A ResNet-50 has 100 MB of them, and 90 more in oneDNN's layout once it has run."""
_COSTS, _FASTEST = "costs", "fastest"


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


def network(name: str, *, fastest: bool = False) -> LoadedModel:
    """A network, shared by all visitors; its lock keeps their runs apart.

    It leaves the memory when others come that need the room.

    Args:
        name: Its id.
        fastest: Computed in bfloat16 if that is clearly faster here.
    """

    def load() -> LoadedModel:
        from tam_viz.models import engine

        with st.spinner("Loading the network…"):
            return engine.fastest(network(name)) if fastest else engine.load(name)

    return loaded_networks().get_or_make((name, _FASTEST) if fastest else name, load)


def lowers_precision(name: str) -> bool:
    """Whether the fastest form of a network computes in less than float32."""
    return network(name, fastest=True).dtype != network(name).dtype


@st.cache_resource(show_spinner=False)
def has_bfloat16() -> bool:
    """Whether the device that networks run on has instructions for bfloat16."""
    from tam_viz.models import engine

    return engine.has_bfloat16(engine.pick_device("auto"))


@st.cache_resource(show_spinner=False)
def loaded_networks() -> BoundedStore[LoadedModel]:
    """The networks in memory, the longest unused first."""
    return BoundedStore(_BYTES)


def ran_elsewhere(name: str) -> str | None:
    """A sentence where a network did not run on the device that it is on; else None."""
    present = [key for key in (name, (name, _FASTEST)) if key in loaded_networks()]
    if not present:
        return None
    from tam_viz.capture.batches import notice

    notices = (notice(loaded_networks()[key]) for key in present)
    return next((text for text in notices if text is not None), None)


def costs(names: tuple[str, ...]) -> tuple[Cost, ...]:
    """Costs of a prediction of several networks on this machine.

    Kept until `forget_costs`, and timed only when the server has done loading.
    """

    def steps() -> Steps[tuple[Cost, ...]]:
        from tam_viz.experiments.bench.cost import measure_costs

        warm_up().join()
        return measure_costs([network(name) for name in names])

    return with_bar((_COSTS, *names), steps, "Timing the networks")


def forget_costs(names: tuple[str, ...]) -> None:
    """Lets the costs of these networks be measured again; for a callback."""
    computed().pop((_COSTS, *names), None)
