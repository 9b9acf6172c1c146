"""The clips of a finding as something to look at: the video is not needed."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tam_viz.findings.finding import Finding, KeptClip
from tam_viz.types import Clip, InputSpec, Truth, UserError
from tam_viz.video.encode import write_mp4

_PLAYER_PX = 128


@dataclass(frozen=True, eq=False)
class FindingSource:
    """A clip of a finding.

    Attributes:
        finding: The whole.
        digest: SHA-256 of its file.
        role: Which of its clips.
    """

    finding: Finding
    digest: str
    role: Literal["first", "second"] = "first"

    @property
    def name(self) -> str:
        """Digits of the finding and the name of the clip; no two are called alike."""
        which = "" if self.role == "first" else f", {self.role}"
        return f"finding {self.digest[:8]}{which}: {self._kept[0].clip.source}"

    @property
    def key(self) -> str:
        """The file and the role."""
        return f"finding {self.digest} {self.role}"

    @property
    def truth(self) -> Truth | None:
        """Known facts about the clip."""
        return self._kept[0].clip.truth

    @property
    def _kept(self) -> tuple[KeptClip, ...]:
        return self.finding.of(self.role)

    def read(self, spec: InputSpec, view: int = 0) -> Clip:
        """The frames that were kept for an InputSpec.

        Raises:
            UserError: None were.
        """
        for kept in self._kept:
            if (kept.spec, kept.view) == (spec, view):
                return kept.clip
        raise UserError(
            f"'{self.name}' holds the frames that its networks were given, not the video: "
            f"{self._holds()}. Asked for was {_described(spec, view)}; choose one of its "
            f"networks and its protocol, or give the video itself."
        )

    def views(self, spec: InputSpec) -> tuple[Clip, ...]:
        """The one view that was kept for an InputSpec.

        Raises:
            UserError: None was.
        """
        kept = [kept for kept in self._kept if kept.spec == spec]
        return (self.read(spec, kept[0].view if kept else 0),)

    def movie(self) -> tuple[bytes, str]:
        """The frames of the first network as a video, each as long as it stood for."""
        clip = self._kept[0].clip
        frames = _large(clip.frames)
        steps = np.diff(clip.times_s)
        seconds = float(np.median(np.abs(steps))) if len(steps) else 1.0
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "clip.mp4"
            write_mp4(path, frames, min(max(1 / max(seconds, 1e-3), 1.0), 30.0))
            return path.read_bytes(), "video/mp4"

    def _holds(self) -> str:
        return "; ".join(_described(kept.spec, kept.view) for kept in self._kept)


def sources(finding: Finding, digest: str) -> dict[Literal["first", "second"], FindingSource]:
    """The clips of a finding to look at, by role."""
    roles: tuple[Literal["first", "second"], ...] = ("first", "second")
    return {role: FindingSource(finding, digest, role) for role in roles if finding.of(role)}


def _described(spec: InputSpec, view: int) -> str:
    which = "" if spec.all_views == 1 else f", view {view + 1} of {spec.all_views}"
    return f"{spec.frames} frames of {spec.size} pixels, {spec.sampling}{which}"


def _large(frames: np.ndarray) -> np.ndarray:
    """Small frames as large as a player shows them; H.264 wants an even size."""
    times = max(1, -(-_PLAYER_PX // frames.shape[1]))
    large: np.ndarray = frames.repeat(times, axis=1).repeat(times, axis=2)
    odd = large.shape[1] % 2
    return np.pad(large, ((0, 0), (0, odd), (0, odd), (0, 0)), mode="edge") if odd else large
