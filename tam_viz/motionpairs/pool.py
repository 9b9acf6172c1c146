"""Clips drawn once and kept in files that are mapped into memory, so that training never waits.

Drawing a clip takes as long as a tenth of a training step or more; reading it back takes next
to nothing, and all runs read the same files.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from tam_viz.files import replacing
from tam_viz.motionpairs.dataset import batch
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.motionpairs.scene import Split
from tam_viz.types import UserError

SHARD = 1000
"""Clips in a file, or fewer in the last one of a pool."""


class Pool:
    """The first `clips` clips of a set; a file of them is drawn when it is first needed.

    Files are written whole or not at all, so processes may share them and may be killed.

    Args:
        seed: Of the set.
        clips: How many.
        split: Of the set.
        frames: T.
        size: Side in pixels.
    """

    def __init__(self, seed: int, clips: int, split: Split, frames: int, size: int) -> None:
        self.seed, self.split, self.frames, self.size = seed, split, frames, size
        self.clips, self.per_file = clips, SHARD
        self.shards = -(-clips // self.per_file)
        self._open: dict[int, UInt8[np.ndarray, "n t s s 3"]] = {}

    def shard(self, number: int) -> UInt8[np.ndarray, "n t s s 3"]:
        """File number `number`, mapped into memory."""
        if number not in self._open:
            self.draw(number)
            self._open[number] = np.load(self._path(number), mmap_mode="r")
        return self._open[number]

    def __getitem__(self, index: int) -> tuple[UInt8[np.ndarray, "t s s 3"], int]:
        """Clip number `index` and its class number."""
        number, offset = divmod(index, self.per_file)
        return self.shard(number)[offset], index % len(CLASSES)

    def take(
        self, indices: Int[np.ndarray, " n"]
    ) -> tuple[UInt8[np.ndarray, "n t s s 3"], Int[np.ndarray, " n"]]:
        """The clips with these numbers, and their class numbers."""
        return np.stack([self[int(i)][0] for i in indices]), indices % len(CLASSES)

    def _span(self, number: int) -> tuple[int, int]:
        """The first clip of a file, and the first that is no longer in it."""
        first = number * self.per_file
        return first, min(first + self.per_file, self.clips)

    def _path(self, number: int) -> Path:
        first, end = self._span(number)
        name = f"{self.split}-{self.seed}-{self.frames}x{self.size}-{first}-{end - 1}.npy"
        return cache_folder() / f"motionpairs-{_generation()}" / name

    def missing(self) -> list[int]:
        """Numbers of the files that are not drawn yet."""
        return [number for number in range(self.shards) if not self._path(number).exists()]

    def draw(self, number: int) -> None:
        """Draws file number `number` if it is not there.

        Raises:
            UserError: It cannot be written.
        """
        path = self._path(number)
        if path.exists():
            return
        first, end = self._span(number)
        drawn, _ = batch(
            self.seed, first, end - first, split=self.split, frames=self.frames, size=self.size
        )
        try:
            _write(path, drawn)
        except OSError as error:
            raise UserError(
                f"The clips cannot be kept in '{path.parent}' ({error.strerror}); "
                f"name another folder in TAM_VIZ_CACHE."
            ) from error


def _write(path: Path, clips: UInt8[np.ndarray, "n t s s 3"]) -> None:
    """Writes a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial, partial.open("wb") as file:
        np.save(file, clips)


def cache_folder() -> Path:
    """The folder of pools: `TAM_VIZ_CACHE`, or the user's cache folder. It may be deleted."""
    named = os.environ.get("TAM_VIZ_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tam_viz"


@cache
def _generation() -> str:
    """Fingerprint of the generator: files that another version drew are not read."""
    clips, _ = batch(0, 0, len(CLASSES), split="train")
    return hashlib.sha256(clips.tobytes()).hexdigest()[:12]
