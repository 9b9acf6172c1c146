"""The clips that come with the project: two of each class, and two with one first frame.

Nothing in them seems to point somewhere: an arrow to the right that moves left would contradict its
label. The first clip of each class is calm, so that what happens in it is easily seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

from tam_viz.motionpairs import textures
from tam_viz.motionpairs.dataset import class_number, video
from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.motionpairs.scene import FPS, LEVELS, Scene, draw_scene, level_of
from tam_viz.types import Truth
from tam_viz.video.encode import write_mp4
from tam_viz.video.library import write_labels

SEED = 7
"""Of the set that the clips are from: test scenes that no network is trained or measured on."""


@dataclass(frozen=True)
class Drawn:
    """A clip of the gallery as a clip of a set.

    Attributes:
        label: Its class.
        index: Its number in the set.
    """

    label: str
    index: int

    def scene(self) -> Scene:
        """Everything that decides its pixels."""
        return draw_scene(SEED, self.index, class_number(self.label), "test")


@cache
def gallery_clips() -> dict[str, Drawn]:
    """The clips by their file names: the first of their class that qualify."""
    clips: dict[str, Drawn] = {}
    for turn in (1, 2):
        for label in CLASSES:
            taken = set(clips.values())
            drawn = next(
                showing
                for showing in _turns(label)
                if showing not in taken
                and _points_nowhere(showing)
                and (turn == 2 or _is_calm(showing))
            )
            clips[f"{_file(label)}_{turn}.mp4"] = drawn
    taken = set(clips.values())
    pair = next(motion.classes for motion in MOTIONS if not motion.reversal)
    index = next(
        showing.index
        for showing in _turns(pair[0])
        if showing not in taken
        and _points_nowhere(showing)
        and _is_calm(showing)
        and _begins_late(showing)
    )
    for label in pair:
        clips[f"{_file(label)}_twin.mp4"] = Drawn(label, index)
    return clips


def write_gallery(folder: Path, *, size: int = 128) -> None:
    """Writes the clips as mp4 with their `labels.csv`."""
    truths: dict[str, Truth] = {}
    for name, drawn in gallery_clips().items():
        frames, truths[name] = video(SEED, drawn.index, drawn.label, size=size)
        write_mp4(folder / name, frames, FPS)
    write_labels(folder, truths)


def _turns(label: str) -> Iterator[Drawn]:
    return (Drawn(label, index) for index in count(CLASSES.index(label), len(CLASSES)))


def _points_nowhere(drawn: Drawn) -> bool:
    scene = drawn.scene()
    return not any(
        track.what == "object" and textures.shape_of(scene.pool, sprite) in textures.POINTING
        for track, sprite in zip(scene.tracks, scene.sprites, strict=True)
    )


def _is_calm(drawn: Drawn) -> bool:
    generation = drawn.scene().truth.generation
    return generation is not None and level_of(generation.difficulty) == LEVELS[0]


def _begins_late(drawn: Drawn) -> bool:
    """Whether the first frames show nothing of the event, in the video as it is encoded too."""
    return drawn.scene().event[0] > 0.2


def _file(label: str) -> str:
    return label.replace(" ", "_")
