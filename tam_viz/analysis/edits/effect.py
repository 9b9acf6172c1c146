"""The effect of an intervention on the prediction, and on V and Θ of later blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.edits.contrasts import Subject, log_odds, log_probability
from tam_viz.analysis.formatting import signed
from tam_viz.analysis.tam.kernels import TAPS, shares
from tam_viz.types import ALL_BLOCKS, BlockTrace, Edit, Prediction, TAMTrace, Target

_AXIS_ENDS = (0.1, 0.25, 0.5, 1.0)


def score_table(predictions: Mapping[str, Prediction], subject: Subject) -> pd.DataFrame:
    """A table of predictions and class scores; a row per variant of a network."""
    rows = []
    for name, prediction in predictions.items():
        best, probability = prediction.top(1)[0]
        row: dict[str, str | float] = {
            "": name,
            "says": best,
            "probability": probability,
            f"log p of {subject.name}": float(
                log_probability(prediction.logits, subject.class_index)
            ),
            f"log-odds of {subject.name}": float(log_odds(prediction.logits, subject.class_index)),
        }
        against = subject.against_rival(prediction.logits)
        if against is not None:
            row[f"log-ratio {subject.name} : {subject.rival}"] = float(against)
        rows.append(row)
    return pd.DataFrame(rows).set_index("")


def leading_classes(
    predictions: Sequence[Prediction], reference: Prediction | None, subject: Subject, n: int = 5
) -> list[str]:
    """The `n` best classes of every prediction, the best of the reference, the subject's two.

    In the order of the first prediction, best first.
    """
    wanted = {subject.name, subject.rival}
    wanted |= set() if reference is None else {reference.top(1)[0][0]}
    wanted |= {c for prediction in predictions for c, _ in prediction.top(n)}
    first = predictions[0]
    order = np.argsort(-first.logits, kind="stable")
    return [first.classes[i] for i in order if first.classes[i] in wanted]


def describe_answers(
    done: str, before: Prediction, after: Prediction, off: Prediction | None, to: Subject
) -> str:
    """Two sentences on the answer before and after, and with TAM switched off.

    Args:
        done: What was edited, in words.
        before: With nothing edited.
        after: Edited.
        off: With TAM switched off; None where there is no mean of V to put in.
        to: The class that is spoken of.
    """
    (was, p_was), (now, p_now) = before.top(1)[0], after.top(1)[0]
    first, then = (float(to.score(p.logits)) for p in (before, after))
    turned = f"stays '{was}' ({p_was:.2f} → {p_now:.2f})"
    if was != now:
        turned = f"turns from '{was}' ({p_was:.2f}) to '{now}' ({p_now:.2f})"
    without = ""
    if off is not None:
        without = (
            f"; with TAM switched off it is {signed(float(to.score(off.logits)))} and the "
            f"prediction '{off.top(1)[0][0]}'"
        )
    return (
        f"With {done}, the prediction {turned}. The {to.measure_says} goes from {signed(first)} to "
        f"{signed(then)}{without}."
    )


@dataclass(frozen=True, eq=False)
class TraceChange:
    """Change of V and Θ by block: root mean squares.

    Attributes:
        importance: Of V; in [0, 1).
        kernel: Of Θ; in [0, 1).
    """

    importance: Float[np.ndarray, " b"]
    kernel: Float[np.ndarray, " b"]

    @property
    def end(self) -> float:
        """End of an axis from 0 that has room for it."""
        most = max(self.importance.max(), self.kernel.max())
        return next(end for end in _AXIS_ENDS if most <= end)


def change(before: TAMTrace, after: TAMTrace) -> TraceChange:
    """The change of V and Θ of each block."""
    pairs = list(zip(before.blocks, after.blocks, strict=True))
    return TraceChange(
        np.array([_rms(a.importance, b.importance) for a, b in pairs]),
        np.array([_rms(a.kernel, b.kernel) for a, b in pairs]),
    )


def _rms(before: Float[np.ndarray, "c m"], after: Float[np.ndarray, "c m"]) -> float:
    return float(np.sqrt(((before.astype(np.float64) - after) ** 2).mean()))


def edited_blocks(edits: Sequence[Edit], names: Sequence[str], target: Target) -> list[bool]:
    """Which blocks have their V, or their Θ, edited."""
    touched = {edit.block for edit in edits if edit.target == target}
    return [ALL_BLOCKS in touched or name in touched for name in names]


def change_table(names: Sequence[str], edited: TraceChange, second: TraceChange) -> pd.DataFrame:
    """Both changes, a row per block."""
    columns = {
        "V, by the edit": edited.importance,
        "Θ, by the edit": edited.kernel,
        "V, second clip": second.importance,
        "Θ, second clip": second.kernel,
    }
    return pd.DataFrame(columns, index=pd.Index(names, name="block"))


def describe_change(
    names: Sequence[str], edited: TraceChange, second: TraceChange, edits: Sequence[Edit]
) -> str:
    """One sentence on where V and Θ change most, and how far that reaches."""
    parts: list[tuple[str, Target, np.ndarray, np.ndarray]] = [
        ("V", "importance", edited.importance, second.importance),
        ("Θ", "kernel", edited.kernel, second.kernel),
    ]
    sentences = []
    for symbol, target, values, other in parts:
        if not values.any():
            sentences.append(f"{symbol} is the same in every block")
            continue
        most = int(values.argmax())
        followers = np.where(edited_blocks(edits, names, target), 0.0, values)
        where = int(followers.argmax())
        more = ""
        if followers.any() and where == most:
            more = f", a block whose {symbol} is not edited"
        elif followers.any():
            more = f"; among blocks whose {symbol} is not edited, most in {names[where]}"
            more += f", by {followers[where]:.3f}"
        sentences.append(
            f"{symbol} changes most in {names[most]}, by {values[most]:.3f} (the second clip "
            f"differs there by {other[most]:.3f}){more}"
        )
    return ". ".join(sentences) + "."


def channel_change_table(blocks: Mapping[str, BlockTrace], channel: int) -> pd.DataFrame:
    """V by frame and Θ by tap of one channel, a column per variant."""
    columns = {
        name: np.concatenate([block.importance[channel], shares(block.kernel)[channel]])
        for name, block in blocks.items()
    }
    frames = next(iter(blocks.values())).importance.shape[1]
    index = [f"V, frame {t + 1}" for t in range(frames)] + [f"Θ, {tap}" for tap in TAPS]
    return pd.DataFrame(columns, index=pd.Index(index, name="of the channel"))


def describe_channel_change(before: BlockTrace, after: BlockTrace, channel: int) -> str:
    """One sentence on what an edit does to one channel."""
    v, now = before.importance[channel], after.importance[channel]
    frame = int(np.abs(now - v).argmax())
    was, then = (shares(block.kernel)[channel] for block in (before, after))
    return (
        f"Channel {channel} of {before.name}: V changes most in frame {frame + 1}, from "
        f"{v[frame]:.2f} to {now[frame]:.2f}; past, present and future go from "
        f"{', '.join(f'{x:.2f}' for x in was)} to {', '.join(f'{x:.2f}' for x in then)}."
    )
