"""A clip of a set as something to look at, drawn anew whenever it is asked for."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tam_viz.motionpairs.dataset import clip, video
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.motionpairs.scene import FPS, Split
from tam_viz.types import Clip, InputSpec, Truth, UserError
from tam_viz.video.encode import write_mp4

_PLAYER_PX = 128


@dataclass(frozen=True)
class DrawnClip:
    """Clip number `index` of a set, exactly as networks were measured on it."""

    seed: int
    index: int
    split: Split = "test"

    @property
    def name(self) -> str:
        """The set and the number."""
        return f"{self.split} clip {self.index}"

    @property
    def key(self) -> str:
        """Set, seed and number."""
        return f"{self.split} {self.seed} {self.index}"

    @cached_property
    def truth(self) -> Truth | None:
        """Its ground truth."""
        return self.read(InputSpec(1, 32, 32)).truth

    def read(self, spec: InputSpec, view: int = 0) -> Clip:
        """Its frames, drawn at the size of the network.

        Raises:
            UserError: Another view than the one that there is was asked for.
        """
        if view != 0:
            raise UserError(f"{self.name} is drawn for one view; there is no view {view + 1}.")
        return clip(spec, self.seed, self.index, self.split)

    def views(self, spec: InputSpec) -> tuple[Clip, ...]:
        """The one view that there is."""
        return (self.read(spec),)

    def movie(self) -> tuple[bytes, str]:
        """The whole clip as a video."""
        label = CLASSES[self.index % len(CLASSES)]
        frames, _ = video(self.seed, self.index, label, size=_PLAYER_PX, split=self.split)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "clip.mp4"
            write_mp4(path, frames, FPS)
            return path.read_bytes(), "video/mp4"
