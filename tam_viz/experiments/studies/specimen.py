"""Choosing what is first shown of a network, by measuring every channel on clips of the gallery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.clip.specimen import (
    Merits,
    Specimen,
    best_channel,
    event_variation,
    object_correlation,
    second_taps,
)
from tam_viz.analysis.tam.importance import inside_event
from tam_viz.capture.features import clip_features
from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel
from tam_viz.motionpairs.gallery import gallery_clips
from tam_viz.motionpairs.motions import reversed_label
from tam_viz.motionpairs.render import coverage
from tam_viz.types import Clip, UserError
from tam_viz.video.library import VideoFile
from tam_viz.video.tempo import middle, retimed

_CELLS = 8
"""Maps with fewer cells along a side do not show where an object is."""


def choose_specimen(loaded: LoadedModel, sources: Sequence[VideoFile]) -> Specimen:
    """The clip, block and channel that show best what TAM does; `Merits.score` is the measure.

    Looked at are clips that the network names rightly as they are and played backwards, in blocks
    whose maps have at least 8 × 8 cells.

    Args:
        loaded: A TANet that was trained on MotionPairs.
        sources: Clips of the gallery.

    Raises:
        UserError: The network has no TAM, or names no clip rightly both ways.
    """
    if not loaded.block_names:
        raise UserError(f"{loaded.card.id} has no TAM to show; name a TANet.")
    best: Specimen | None = None
    for name, clip in _solved(loaded, sources):
        for block, every in _merits(loaded, name, clip).items():
            channel = best_channel(every)
            specimen = Specimen(loaded.card.sha256, name, block, channel, every[channel])
            if best is None or specimen.merits.score > best.merits.score:
                best = specimen
    if best is None:
        raise UserError(
            f"{loaded.card.id} classifies no clip correctly both as it is and played backwards, "
            f"so there "
            f"is none to show first."
        )
    return best


def merits_of(loaded: LoadedModel, source: VideoFile, block: str) -> list[Merits]:
    """The merits of every channel of a block on a clip of the gallery."""
    return _merits(loaded, source.name, source.read(loaded.card.input))[block]


def _solved(loaded: LoadedModel, sources: Sequence[VideoFile]) -> Iterator[tuple[str, Clip]]:
    for source in sources:
        clip = source.read(loaded.card.input)
        if clip.label is None or source.name not in gallery_clips():
            continue
        other = reversed_label(clip.label)
        if other != clip.label and all(
            run(loaded, shown).prediction.top(1)[0][0] == label
            for shown, label in ((clip, clip.label), (retimed(clip, "reversed"), other))
        ):
            yield source.name, clip


def _merits(loaded: LoadedModel, name: str, clip: Clip) -> dict[str, list[Merits]]:
    inside = inside_event(clip)
    back = run(loaded, retimed(clip, "reversed")).trace
    still = run(loaded, retimed(clip, "frozen", middle(len(clip.frames)))).trace
    if inside is None or back is None or still is None:
        raise TypeError(f"{name} has no event, or {loaded.card.id} no TAM")
    merits = {}
    for block, features in clip_features(loaded, clip).items():
        cells = features.x.shape[2]
        if cells < _CELLS:
            continue
        moved = 0.5 * np.abs(features.kernel - back[block].kernel).sum(axis=1)
        columns = (
            second_taps(features.kernel),
            moved,
            object_correlation(features.x, _covered(name, clip, cells)),
            event_variation(features.trace, still[block], inside),
        )
        merits[block] = [
            Merits(*(float(value) for value in row)) for row in zip(*columns, strict=True)
        ]
    return merits


def _covered(name: str, clip: Clip, cells: int) -> Float[np.ndarray, "t h w"]:
    """How much of each cell of the frames is covered by what moves in the event."""
    u = (clip.frame_indices + 0.5) / clip.video_frames
    size = clip.frames.shape[1]
    fine = coverage(gallery_clips()[name].scene(), u, size)
    step = size // cells
    return fine.reshape(len(u), cells, step, cells, step).mean(axis=(2, 4))
