"""Results that visitors share: networks, videos, runs, references, long computations.

Keys are ids and frozen dataclasses, never arrays (`keys.KEYS`). Whatever needs torch imports it
when it is called: the first page shows its clip while torch is still loading.
"""

from tam_viz.ui.state.cache.computations import computed, kept, running, with_bar
from tam_viz.ui.state.cache.networks import (
    cards,
    costs,
    forget_costs,
    has_bfloat16,
    loaded_networks,
    lowers_precision,
    network,
    ran_elsewhere,
    warm_up,
)
from tam_viz.ui.state.cache.references import (
    clip_traces,
    fitted,
    mean_for,
    mean_key,
    mean_trace,
    network_or_untrained,
    untrained,
    untrained_key,
    untrained_trace,
)
from tam_viz.ui.state.cache.runs import (
    answers,
    bench_file,
    edited_run,
    features,
    frozen_trace,
    results,
    run,
    trace,
)
from tam_viz.ui.state.cache.videos import clip, gallery, movie, own_clips, views

__all__ = [
    "answers",
    "bench_file",
    "cards",
    "clip",
    "clip_traces",
    "computed",
    "costs",
    "edited_run",
    "features",
    "fitted",
    "forget_costs",
    "frozen_trace",
    "gallery",
    "has_bfloat16",
    "kept",
    "loaded_networks",
    "lowers_precision",
    "mean_for",
    "mean_key",
    "mean_trace",
    "movie",
    "network",
    "network_or_untrained",
    "own_clips",
    "ran_elsewhere",
    "results",
    "run",
    "running",
    "trace",
    "untrained",
    "untrained_key",
    "untrained_trace",
    "views",
    "warm_up",
    "with_bar",
]
