"""The scores of the class above the pictures of the page of interventions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from tam_viz.analysis.edits.contrasts import log_probability
from tam_viz.analysis.formatting import plain, signed
from tam_viz.literal import in_markdown
from tam_viz.types import Prediction
from tam_viz.ui.edits.intervention import Effect

_BELOW = "Small number: change against the unedited network and clip."
_OFF = (
    "TAM switched off: V at its mean over {over} and Θ = [0, 1, 0] in all blocks, on the clip as "
    "it is. It does not depend on the edit."
)
_WAITS = "…"


def show_scores(effect: Effect) -> None:
    """The score of the class after the edit, and its change."""
    class_index, kind = effect.subject.class_index, effect.subject.kind.capitalize()
    before, after = effect.before.prediction, effect.after.prediction
    measures: dict[str, Callable[[Prediction], float]] = {
        f"Probability of '{effect.subject.name}'": lambda p: float(p.probabilities[class_index]),
        "Log-probability": lambda p: float(log_probability(p.logits, class_index)),
        kind: lambda p: float(effect.subject.score(p.logits)),
    }
    off = effect.off is not None or effect.waits
    columns = st.columns(len(measures) + off)
    for column, (says, measure) in zip(columns, measures.items(), strict=False):
        score, more = measure(after), measure(after) - measure(before)
        column.metric(
            in_markdown(says), plain(score), signed(more), help=_BELOW, **_CARD, **_look(more)
        )
    if off:
        value, over = _WAITS, "clips"
        if effect.off is not None:
            value, over = (
                plain(float(effect.subject.score(effect.off.prediction.logits))),
                effect.over,
            )
        label = in_markdown(f"{kind}, TAM off")
        columns[-1].metric(label, value, help=_OFF.format(over=over), **_CARD)


_CARD: dict[str, Any] = {"border": True, "height": "stretch"}
"""All cards of the row are as tall as the tallest."""


def _look(change: float) -> dict[str, Any]:
    """Colour and arrow of a change: neither where it rounds to nothing.

    Streamlit knows a loss by an ASCII hyphen alone.
    """
    if round(change, 2) == 0:
        return {"delta_color": "off", "delta_arrow": "off"}
    return (
        {"delta_color": "green", "delta_arrow": "up"}
        if change > 0
        else {"delta_color": "red", "delta_arrow": "down"}
    )
