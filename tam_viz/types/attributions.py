"""Attributions: maps of a class score over the pixels, and the effect of deleted frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

Method = Literal["Grad-CAM", "integrated gradients"]


Filling = Literal["mean colour", "neighbour"]


@dataclass(frozen=True, eq=False)
class Attribution:
    """The score of a class, distributed over the positions and frames of a clip.

    Attributes:
        clip_id: Id of the clip.
        checkpoint_id: Id of the checkpoint.
        method: How it was distributed.
        target: Name of the class.
        maps: One map per frame, of any size: above 0 for the class, below 0 against it; in units
            of the score.
        score: Log-odds of the class, or its log-ratio to the rival.
        baseline_score: That of the baseline, for integrated gradients.
        steps: Gradients along the path, for integrated gradients.
        delta: By how much the sum of `maps` exceeds `score - baseline_score`.
        rival: Name of the class it is compared with; None for all others together.
    """

    clip_id: str
    checkpoint_id: str
    method: Method
    target: str
    maps: Float[np.ndarray, "t a b"]
    score: float
    baseline_score: float | None = None
    steps: int | None = None
    delta: float | None = None
    rival: str | None = None


@dataclass(frozen=True, eq=False)
class Deletion:
    """The drop of a class score when one frame is replaced.

    Attributes:
        clip_id: Id of the clip.
        checkpoint_id: Id of the checkpoint.
        target: Name of the class.
        filling: What stood in the place of the frame.
        drops: Score of the whole clip less that without the frame; above 0 where the frame
            speaks for the class.
        score: Log-odds of the class, or its log-ratio to the rival, on the whole clip.
        rival: Name of the class it is compared with; None for all others together.
    """

    clip_id: str
    checkpoint_id: str
    target: str
    filling: Filling
    drops: Float[np.ndarray, " t"]
    score: float
    rival: str | None = None
