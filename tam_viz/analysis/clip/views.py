"""Several views of one video: what a network says of them together, and how far they differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from tam_viz.types import Average, Clip, Prediction, Run


def averaged(predictions: Sequence[Prediction], how: Average) -> Prediction:
    """The prediction of a network averaged over all views.

    Averages the logits, or the probabilities, whose logarithms are the logits then.

    Args:
        predictions: One for each view; at least one.
        how: What is averaged.
    """
    first = predictions[0]
    if how == "logits":
        logits = np.mean([p.logits for p in predictions], axis=0)
    else:
        logits = np.log(np.mean([p.probabilities for p in predictions], axis=0) + 1e-30)
    frames = np.concatenate([p.frame_logits for p in predictions])
    return Prediction(logits.astype(np.float32), frames, first.classes)


def together(runs: Sequence[Run], how: Average) -> Run:
    """One run that stands for all views: their average, the maps of the middle one."""
    if len(runs) == 1:
        return runs[0]
    return dataclasses.replace(
        runs[len(runs) // 2],
        prediction=averaged([run.prediction for run in runs], how),
        seconds=sum(run.seconds for run in runs),
    )


def describe_views(runs: Sequence[Run], how: Average) -> str:
    """One sentence on how far the views of a video agree."""
    best, probability = together(runs, how).prediction.top(1)[0]
    if len(runs) == 1:
        return f"{runs[0].checkpoint_id}: one view."
    class_index = runs[0].prediction.classes.index(best)
    each = [float(run.prediction.probabilities[class_index]) for run in runs]
    agree = sum(run.prediction.top(1)[0][0] == best for run in runs)
    return (
        f"{runs[0].checkpoint_id}: {agree} of {len(runs)} views say '{best}' on their own, with a "
        f"probability from {min(each):.2f} to {max(each):.2f}; together {probability:.2f}."
    )


def seen_alike(clips: Sequence[Clip]) -> list[list[int]]:
    """Numbers of the clips that show the same square of the same frames, in groups.

    Groups and numbers are in the order of the clips.
    """
    groups: dict[object, list[int]] = {}
    for number, clip in enumerate(clips):
        groups.setdefault((clip.frame_indices.tobytes(), _square(clip)), []).append(number)
    return list(groups.values())


def _square(clip: Clip) -> tuple[float, ...]:
    """Where the square lies, as shares of the width and the height of the frame."""
    if clip.crop is None:
        return ()
    left, top, right, bottom, width, height = clip.crop
    shares = (left / width, top / height, right / width, bottom / height)
    return (*(round(share, 2) for share in shares), float(clip.mirrored))
