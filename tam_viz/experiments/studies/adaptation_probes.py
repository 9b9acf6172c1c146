"""Linear probes of Θ and V of every block, scored on held-out clips, and probes of the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from tam_viz.analysis.tam import probes
from tam_viz.analysis.tam.adaptivity import Probes
from tam_viz.analysis.tam.importance import inside_event
from tam_viz.analysis.tam.inside_probe import InsideProbe, off_mean
from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.types import Clip, TAMTrace


@dataclass(frozen=True, eq=False)
class Facts:
    """The ground truth of n clips.

    Attributes:
        labels: Class numbers.
        speed: Log₂ of the speed.
        pan: Of the camera, (right, down).
        inside: True for the frames inside the event.
    """

    labels: Int[np.ndarray, " n"]
    speed: Float[np.ndarray, " n"]
    pan: Float[np.ndarray, "n 2"]
    inside: Bool[np.ndarray, "n t"]

    @classmethod
    def of(cls, clips: Sequence[Clip]) -> Facts:
        """Reads the facts off generated clips."""
        truths = [clip.truth for clip in clips if clip.truth is not None]
        generations = [truth.generation for truth in truths if truth.generation is not None]
        return cls(
            labels=np.array([CLASSES.index(truth.label) for truth in truths]),
            speed=np.log2([how.speed for how in generations]),
            pan=np.array([how.camera for how in generations]),
            inside=np.stack([_within(clip) for clip in clips]),
        )


def _within(clip: Clip) -> Bool[np.ndarray, " t"]:
    inside = inside_event(clip)
    if inside is None:
        raise TypeError(f"{clip.source} was not generated")
    return inside


def probe(traces: Sequence[TAMTrace], facts: Facts) -> Probes:
    """Probes of every block.

    Args:
        traces: One for each clip.
        facts: What is known of the clips.
    """
    direction: dict[str, list[float]] = {motion.family: [] for motion in MOTIONS}
    probed = Probes(direction, [], [], [])
    for name in traces[0].names:
        kernels = np.stack([trace[name].kernel.ravel() for trace in traces])
        maps = np.stack([trace[name].importance for trace in traces])
        for number, motion in enumerate(MOTIONS):
            rows = facts.labels // 2 == number
            second = facts.labels[rows] % 2 == 1
            direction[motion.family].append(probes.tell_apart(kernels[rows], second))
        probed.speed.append(probes.variance_told(kernels, facts.speed))
        pans = [probes.variance_told(kernels, facts.pan[:, axis]) for axis in (0, 1)]
        probed.camera.append(sum(pans) / 2)
        probed.inside.append(_inside(maps, facts.inside))
    return probed


def inside_probe(traces: Sequence[TAMTrace], facts: Facts) -> InsideProbe:
    """The probes of V of every block, fitted to all clips, to be asked about others.

    Args:
        traces: One for each clip.
        facts: What is known of the clips.
    """
    names = traces[0].names
    fitted = [
        probes.boundary(*_frames(np.stack([t[name].importance for t in traces]), facts.inside))
        for name in names
    ]
    weights, biases = zip(*fitted, strict=True)
    return InsideProbe(names, weights, biases)


def _inside(maps: Float[np.ndarray, "n c t"], inside: Bool[np.ndarray, "n t"]) -> float:
    clip = np.repeat(np.arange(len(maps)), maps.shape[2] - 2)
    return probes.ranked_right(*_frames(maps, inside), clip)


def _frames(
    maps: Float[np.ndarray, "n c t"], inside: Bool[np.ndarray, "n t"]
) -> tuple[Float[np.ndarray, "f c"], Bool[np.ndarray, " f"]]:
    """V of each frame, centred by clip and channel, and whether it is inside the event.

    The ends, which see zero padding, are left out.
    """
    shifted = off_mean(maps)[:, :, 1:-1]
    return shifted.transpose(0, 2, 1).reshape(-1, maps.shape[1]), inside[:, 1:-1].ravel()
