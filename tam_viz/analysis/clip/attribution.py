"""Attributions in tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.formatting import signed
from tam_viz.analysis.tam.importance import inside_event
from tam_viz.types import Attribution, Card, Clip, Deletion, Method


@dataclass(frozen=True, eq=False)
class Explained:
    """An answer of one network, explained.

    Attributes:
        card: The network.
        clip: What it was given.
        result: What its score rests on.
        untrained: What that of the same network with random weights rests on.
    """

    card: Card
    clip: Clip
    result: Attribution
    untrained: Attribution | None = None


@dataclass(frozen=True, eq=False)
class Tested:
    """The effect of frame deletion on one network.

    Attributes:
        card: The network.
        clip: What it was given.
        result: What its score loses.
        untrained: What that of the same network with random weights loses, where it is known.
        sums: What a map says of each frame: the sum over its positions.
    """

    card: Card
    clip: Clip
    result: Deletion
    untrained: Deletion | None
    sums: Float[np.ndarray, " t"]


def measure(result: Attribution | Deletion) -> str:
    """The name of the score: log-odds of a class, or its log-ratio to another one."""
    return "log-odds" if result.rival is None else "log-ratio"


def named(result: Attribution | Deletion) -> str:
    """The class, and the one it is compared with if it is one."""
    rival = "" if result.rival is None else f" against '{result.rival}'"
    return f"'{result.target}'{rival}"


def frame_sums(attribution: Attribution) -> Float[np.ndarray, " t"]:
    """The sum of a map over the positions of each frame, in units of the score."""
    sums: np.ndarray = attribution.maps.sum(axis=(1, 2), dtype=np.float64)
    return sums


def colour_limit(attribution: Attribution) -> float:
    """End of the colour scale of a map: its largest value; above 0.

    Of integrated gradients it is the value that one pixel of a hundred exceeds: a few pixels
    would leave the others without colour.
    """
    share = 1.0 if attribution.method == "Grad-CAM" else 0.99
    return max(float(np.quantile(np.abs(attribution.maps), share)), 1e-6)


def rank_agreement(
    first: Float[np.ndarray, "*n"], second: Float[np.ndarray, "*n"]
) -> tuple[float, float] | None:
    """Spearman's rank correlation, in [-1, 1], and how likely chance makes one as far from 0.

    None where one of them is the same throughout, so that there is no order.
    """
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    from scipy.stats import spearmanr

    test = spearmanr(first.ravel(), second.ravel())
    return float(test.statistic), float(test.pvalue)


def describe_maps(explained: Explained) -> str:
    """Sentences on the sum and the maximum of a map, and on its likeness to the untrained one."""
    attribution, sums = explained.result, frame_sums(explained.result)
    frame = int(np.abs(sums).argmax())
    kind, many = measure(attribution), attribution.rival is None
    total = f"For {named(attribution)} the map adds up to {signed(sums.sum())} over the clip"
    if attribution.baseline_score is None or attribution.delta is None:
        total += f"; the {kind} {'are' if many else 'is'} {signed(attribution.score)}."
    else:
        total += (
            f": the {kind} {'go' if many else 'goes'} from {signed(attribution.baseline_score)} on "
            f"a grey clip to {signed(attribution.score)} on this one ({attribution.steps} steps; "
            f"numerical gap {signed(attribution.delta, 3)})."
        )
    most = f" Frame {frame + 1} has the largest part, {signed(sums[frame])}."
    return total + most + _beside_untrained(explained)


def _beside_untrained(explained: Explained) -> str:
    if explained.untrained is None:
        return ""
    maps = explained.result.maps
    alike = rank_agreement(maps, explained.untrained.maps)
    if alike is None:
        return " The untrained network's map is the same everywhere."
    return (
        f" Rank correlation with the untrained network's map: {signed(alike[0])} (over "
        f"{maps.size:,} values); near +1 the map would reflect the clip only, not what was learned."
    )


def maps_table(explained: Explained) -> pd.DataFrame:
    """A table of the maps by frame: sum, smallest and largest value."""
    shown = {explained.card.id: explained.result}
    if explained.untrained is not None:
        shown["untrained"] = explained.untrained
    columns: dict[str, np.ndarray] = {"seconds": explained.clip.times_s.round(3)}
    for name, attribution in shown.items():
        columns[f"{name}: sum"] = frame_sums(attribution)
        columns[f"{name}: smallest"] = attribution.maps.min(axis=(1, 2))
        columns[f"{name}: largest"] = attribution.maps.max(axis=(1, 2))
    index = pd.RangeIndex(1, len(explained.clip.frames) + 1, name="frame")
    return pd.DataFrame(columns, index=index)


def describe_deletion(tested: Tested, method: Method) -> str:
    """Sentences on the frame that matters most, on the event, and on agreement with the map."""
    deletion, drops, sums = tested.result, tested.result.drops, tested.sums
    return (
        f"{tested.card.id}, {named(deletion)} ({signed(deletion.score)}): {_worst(drops)}"
        f"{_lost_untrained(tested)}{_inside_and_out(tested)} "
        f"{_agreement(rank_agreement(drops, sums), len(drops), method)}"
    )


def _lost_untrained(tested: Tested) -> str:
    if tested.untrained is None:
        return ""
    most = np.abs(tested.untrained.drops).max()
    return f" The untrained network changes by at most {most:.2f}."


def _worst(drops: Float[np.ndarray, " t"]) -> str:
    frame, total = int(drops.argmax()), f"all losses add up to {signed(drops.sum())}."
    if drops[frame] <= 0:
        return f"the score falls for none of the frames; {total}"
    return f"most is lost without frame {frame + 1}, {drops[frame]:.2f}; {total}"


def _agreement(alike: tuple[float, float] | None, frames: int, method: Method) -> str:
    if alike is None:
        return f"The frames have no order to compare with {method}."
    return (
        f"Rank correlation of the losses with {method}: {signed(alike[0])} ({frames} frames; "
        f"{_probability(alike[1])})."
    )


def _probability(value: float) -> str:
    return "p < 0.01" if value < 0.005 else f"p = {value:.2f}"


def _inside_and_out(tested: Tested) -> str:
    inside = inside_event(tested.clip)
    if inside is None or inside.all() or not inside.any():
        return ""
    drops = tested.result.drops
    return (
        f" A frame inside the true event costs {signed(drops[inside].mean())} on average, one "
        f"outside {signed(drops[~inside].mean())}."
    )


def deletion_table(tested: Sequence[Tested], method: Method) -> pd.DataFrame:
    """A row per network and frame."""
    parts = []
    for deletion in tested:
        count = len(deletion.clip.frames)
        inside = inside_event(deletion.clip)
        columns = {
            "network": deletion.card.id,
            "class": deletion.result.target,
            "against": deletion.result.rival or "all others",
            "frame": np.arange(1, count + 1),
            "seconds": deletion.clip.times_s.round(3),
            "inside event": [None] * count if inside is None else inside,
            "lost without it": deletion.result.drops,
            **(
                {}
                if deletion.untrained is None
                else {"lost by the untrained": deletion.untrained.drops}
            ),
            f"sum of {method}": deletion.sums,
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts).set_index(["network", "frame"])
