"""A clip that lies in a store."""

from __future__ import annotations

from dataclasses import dataclass

from upath import UPath

from tam_viz.scan.copies import copies
from tam_viz.types import Clip, InputSpec, Truth, UserError
from tam_viz.video.clip import read_clip, read_views
from tam_viz.video.movie import Movie, Played, Report, movie


@dataclass(frozen=True)
class StoredClip(Played):
    """A video or a folder of images at an address: what to call it, and what is known of it."""

    name: str
    address: UPath
    truth: Truth | None = None

    @property
    def key(self) -> str:
        """The address and the name."""
        return f"{self.address} {self.name}"

    def read(self, spec: InputSpec, view: int = 0) -> Clip:
        """One view of it; see `read_clip`."""
        with copies().of(self.address) as path:
            return read_clip(path, spec, view, name=self.name, truth=self.truth)

    def views(self, spec: InputSpec) -> tuple[Clip, ...]:
        """All views of it; see `read_views`."""
        with copies().of(self.address) as path:
            return read_views(path, spec, name=self.name, truth=self.truth)

    def player(self, report: Report = lambda _: None) -> Movie | None:
        """What a browser plays of it; None also where the store does not give it."""
        try:
            with copies().of(self.address) as path:
                return movie(path, self.name, report)
        except UserError:
            return None
