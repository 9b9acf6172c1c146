"""Correctly classified test clips of a class, the nearest to a failure first.

Near is measured in the answers of the network itself: the distance of two clips is that of their
logits, each less its own mean, which changes no probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tam_viz.capture.run import run
from tam_viz.experiments.kinds import knows_motionpairs
from tam_viz.models.engine import LoadedModel
from tam_viz.motionpairs.dataset import TEST_SEED, class_number
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.types import Clip, Step, Steps, UserError

ASKED = 40
"""Test clips of a class that are looked at: the first ones of the set."""


@dataclass(frozen=True)
class Neighbours:
    """Test clips of one class that a network classifies correctly.

    Attributes:
        label: The class.
        asked: How many test clips of it were looked at.
        clips: Number in the test set and distance of each that is right, the nearest first.
    """

    label: str
    asked: int
    clips: tuple[tuple[int, float], ...]


def right_neighbours(
    loaded: LoadedModel, clip: Clip, label: str, asked: int = ASKED
) -> Steps[Neighbours]:
    """Test clips of a class that a network classifies correctly, the nearest to a clip first.

    A step is a clip. The clip itself is none of them.

    Args:
        loaded: A network that was trained on MotionPairs.
        clip: One view, prepared for it.
        label: A class of MotionPairs.
        asked: How many test clips of the class to look at.

    Raises:
        UserError: The network was not trained on MotionPairs, or there is no such class.
    """
    if not knows_motionpairs(loaded.card) or label not in loaded.card.classes:
        raise UserError(
            f"{loaded.card.id} was not trained on the class '{label}' of MotionPairs, so none of "
            f"the test clips can be compared with this one."
        )
    own, class_index = _centred(loaded, clip), loaded.card.classes.index(label)
    right: list[tuple[int, float]] = []
    for number in range(asked):
        index = class_number(label) + number * len(CLASSES)
        other = draw_clip(loaded.card.input, TEST_SEED, index, "test")
        logits = _centred(loaded, other)
        if int(logits.argmax()) == class_index and not np.array_equal(other.frames, clip.frames):
            right.append((index, float(np.linalg.norm(logits - own))))
        last = number + 1 == asked
        ranked = tuple(sorted(right, key=lambda item: item[1]))
        yield Step(number + 1, asked, Neighbours(label, asked, ranked) if last else None)


def _centred(loaded: LoadedModel, clip: Clip) -> np.ndarray:
    logits = run(loaded, clip).prediction.logits.astype(np.float64)
    return np.asarray(logits - logits.mean())
