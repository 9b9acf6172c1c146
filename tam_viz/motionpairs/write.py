"""Writing MotionPairs clips as videos that anyone can play."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tam_viz.motionpairs.dataset import video
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.motionpairs.scene import FPS
from tam_viz.types import Truth
from tam_viz.video.encode import write_mp4
from tam_viz.video.library import write_labels


def write_clips(
    folder: Path, count: int, seed: int, *, size: int = 128, classes: Sequence[str] = CLASSES
) -> Iterator[str]:
    """Writes `count` test clips as mp4 with a `labels.csv`, yielding the name of each.

    Classes take turns. The list is written last, so a folder with a list is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truths: dict[str, Truth] = {}
    for index in range(count):
        label = classes[index % len(classes)]
        frames, truth = video(seed, index, label, size=size)
        name = f"{label.replace(' ', '_')}_{index // len(classes) + 1}.mp4"
        write_mp4(folder / name, frames, FPS)
        truths[name] = truth
        yield name
    write_labels(folder, truths)
