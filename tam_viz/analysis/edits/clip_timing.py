"""Predictions for a clip played in other ways: reversed, shuffled, frozen, slower, faster."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tam_viz.analysis.edits.contrasts import Subject, log_odds
from tam_viz.analysis.edits.sweep import AS_IT_IS
from tam_viz.analysis.formatting import signed
from tam_viz.types import Prediction

Played = Mapping[str, Prediction]
"""What a network says of a clip by how it is played, beginning with `AS_IT_IS`."""


def tempo_table(
    by_network: Mapping[str, Played], to: Subject, words: Mapping[str, str]
) -> pd.DataFrame:
    """A table of predictions by network and way of playing.

    Args:
        by_network: By network; all of them know the same classes.
        to: The class that is spoken of.
        words: What each way to play the clip is called.
    """
    rows = []
    for network, played in by_network.items():
        for name, prediction in played.items():
            best, probability = prediction.top(1)[0]
            row: dict[str, str | float] = {
                "network": network,
                "the clip": words.get(name, name),
                "says": best,
                "probability": probability,
                f"log-odds of {to.name}": float(log_odds(prediction.logits, to.class_index)),
            }
            against = to.against_rival(prediction.logits)
            if against is not None:
                row[f"log-ratio {to.name} : {to.rival}"] = float(against)
            rows.append(row)
    return pd.DataFrame(rows).set_index(["network", "the clip"])


def describe_tempi(by_network: Mapping[str, Played], to: Subject) -> str:
    """One sentence on what playing the clip backwards does to every network."""
    parts = []
    for network, played in by_network.items():
        first, then = (float(to.score(played[way].logits)) for way in (AS_IT_IS, "reversed"))
        parts.append(f"{network} {signed(first)} → {signed(then)}")
    return f"As it is → played backwards, {to.measure}: {'; '.join(parts)}."
