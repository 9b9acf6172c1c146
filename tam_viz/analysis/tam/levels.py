"""Why two levels: one network with V alone, with Θ alone, with both and with neither, and rivals.

V alone is the network with Θ = (0, 1, 0) in every block: frames are weighted and never mixed. Θ
alone is the network with V at its mean over training clips: frames are mixed, and in the same way
whatever happens when. Neither is TAM switched off. The rivals are networks of their own, trained
with one level from the start, or with a fixed kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.tam.block_features import band
from tam_viz.types import Prediction

FIXED = {
    "past": (1.0, 0.0, 0.0),
    "present": (0.0, 1.0, 0.0),
    "future": (0.0, 0.0, 1.0),
}
"""The kernels of TSM: an eighth of the channels has the first, an eighth the last, the rest the
middle one, whatever the clip."""


@dataclass(frozen=True, eq=False)
class Variant:
    """A network and what it makes of a clip.

    Attributes:
        name: What it is called, such as `V alone`.
        trained: Whether it is a network of its own; else the chosen one, edited.
        prediction: Of the clip.
        accuracy: Top-1 on the test clips, in [0, 1]; None where it was not measured.
    """

    name: str
    trained: bool
    prediction: Prediction
    accuracy: float | None = None


def level_matrices(
    importance: Float[np.ndarray, " t"], kernel: Float[np.ndarray, " 3"]
) -> dict[str, Float[np.ndarray, "t t"]]:
    """The matrices of one channel over time: V alone, Θ alone, both, and that of TSM.

    For TSM it is that of a shifted channel, to the side on which Θ has more weight.
    """
    ones, present = np.ones(len(importance)), np.array(FIXED["present"])
    tap = "past" if kernel[0] > kernel[-1] else "future"
    return {
        "V alone": band(importance, present),
        "Θ alone": band(ones, kernel),
        "V and Θ": band(importance, kernel),
        f"TSM, {tap}": band(ones, np.array(FIXED[tap])),
    }


def matrix_table(matrices: dict[str, Float[np.ndarray, "t t"]]) -> pd.DataFrame:
    """All matrices below each other, a row for each frame of the output."""
    frames = len(next(iter(matrices.values())))
    names = list(range(1, frames + 1))
    tables = {
        name: pd.DataFrame(matrix, index=pd.Index(names, name="frame t of the output"))
        for name, matrix in matrices.items()
    }
    return pd.concat(tables, names=["matrix"]).set_axis(names, axis="columns")


def describe_matrices(importance: Float[np.ndarray, " t"], kernel: Float[np.ndarray, " 3"]) -> str:
    """Sentences on the effect of each of the two levels in a channel."""
    past, present, future = kernel
    return (
        f"V alone weights frames by {importance.min():.2f} (frame {int(importance.argmin()) + 1}) "
        f"to {importance.max():.2f} (frame {int(importance.argmax()) + 1}) and moves nothing. "
        f"Θ alone gives every frame the same blend: past {past:.2f}, present {present:.2f}, "
        f"future {future:.2f}."
    )


def variant_table(variants: Sequence[Variant], about: str) -> pd.DataFrame:
    """Every network with its prediction and the probability of one class."""
    rows = [
        {
            "network": variant.name,
            "made by": "training" if variant.trained else "editing the chosen network",
            "prediction": variant.prediction.top(1)[0][0],
            f"probability of '{about}'": probability(variant, about),
            "top-1 accuracy on the test clips": variant.accuracy,
        }
        for variant in variants
    ]
    return pd.DataFrame(rows).set_index("network")


def probability(variant: Variant, about: str) -> float:
    """Probability of a class."""
    prediction = variant.prediction
    return float(prediction.probabilities[prediction.classes.index(about)])


def describe_variants(variants: Sequence[Variant], about: str, *, known: bool) -> str:
    """Sentences on which variants predict a class, and on their accuracy on the test clips.

    Args:
        variants: The networks.
        about: The class.
        known: Whether it is the true class of the clip.
    """
    parts = [f"{'True class' if known else 'Predicted class'}: {about}."]
    for says, trained in (("The chosen network keeps it with", False), ("Others with it", True)):
        group = [v for v in variants if v.trained == trained]
        agree = [v.name for v in group if v.prediction.top(1)[0][0] == about]
        if group:
            parts.append(f"{says}: {'; '.join(agree) or 'none'}.")
    measured = [f"{v.name} {v.accuracy:.2f}" for v in variants if v.accuracy is not None]
    if measured:
        parts.append(f"Top-1 accuracy on the test clips: {'; '.join(measured)}.")
    return " ".join(parts)
