"""Where the clips of a dataset are: a folder, any store that fsspec opens, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from tam_viz.motionpairs.scene import Split
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.scan.items import Item
from tam_viz.scan.store import Address, address
from tam_viz.scan.stored_clip import StoredClip
from tam_viz.types import Source, Truth
from tam_viz.video.library import GALLERY, VideoFile

_Folder = Annotated[
    Address | None,
    PlainValidator(lambda text: None if text is None else address(text)),
    PlainSerializer(lambda folder: None if folder is None else str(folder), return_type=str | None),
]


@dataclass(frozen=True)
class Root:
    """Where the clips of a dataset are: below an address, the gallery, or nowhere if drawn.

    Attributes:
        folder: A folder of this machine, as an absolute path, or an address of a store; None for
            the gallery and for drawn clips.
        split: Of drawn clips.
        seed: Of drawn clips.
        gallery: Whether they are the clips that come along, wherever this package is.
    """

    folder: _Folder = None
    split: Split = "test"
    seed: int = 0
    gallery: bool = False

    @property
    def base(self) -> Address | None:
        """The folder of the clips; None where they are drawn."""
        return GALLERY if self.gallery else self.folder

    @property
    def drawn(self) -> bool:
        """Whether the clips are drawn, and so have one view."""
        return self.base is None

    def source(self, item: Item) -> Source:
        """The clip, ready to be read."""
        base = self.base
        if base is None:
            return DrawnClip(self.seed, int(item.path.rsplit("/", 1)[-1]), self.split)
        truth = Truth(item.label) if item.label else None
        if isinstance(base, Path):
            return VideoFile(item.path, base / item.path, truth)
        return StoredClip(item.path, base / item.path, truth)
