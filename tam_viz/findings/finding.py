"""A finding: a whole view as data, with the pixels in it, so that it opens without the video."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from tam_viz.analysis.edits.edits import describe_edits
from tam_viz.files import sha256_of
from tam_viz.findings.evidence import Evidence
from tam_viz.types import Card, Clip, InputSpec, Run, Source, TAMTrace
from tam_viz.video.library import VideoFile

Role = Literal["first", "second", "played", "donor"]
ROLES: tuple[Role, ...] = ("first", "second", "played", "donor")

NOTE_LETTERS = 4000
"""The longest note that a finding holds."""

ONE_VIEW_KEPT = "Of the views of the published test, one is kept, and what is said of it:"
"""Followed by the networks that were given several."""

_PACKAGES = ("tam-viz", "torch", "torchvision", "numpy", "av", "plotly", "streamlit")


@dataclass(frozen=True)
class KeptNetwork:
    """Which weights spoke.

    Attributes:
        id: Of the checkpoint.
        temporal: Its temporal module.
        sha256: Of its weights.
        input: What it takes.
        classes: Class names in the order of the logits.
    """

    id: str
    temporal: str
    sha256: str
    input: InputSpec
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class KeptClip:
    """A clip that a finding holds.

    Attributes:
        clip: Its frames, and what is known of them.
        spec: How they were taken from the video.
        view: Which view it is.
        roles: What it is there for: `second` is another clip beside the first, `played` the first
            one in another time, `donor` gives V or Θ to an edit.
        video_sha256: Of the file; empty where there was none, or a folder of images.
        origin: The id that the clip had where the finding was made.
    """

    clip: Clip
    spec: InputSpec
    view: int
    roles: tuple[Role, ...]
    video_sha256: str = ""
    origin: str = ""


@dataclass(frozen=True, eq=False)
class Finding:
    """A view as a visitor saw it.

    Attributes:
        title: What to call it.
        created: When, in UTC, as ISO 8601 writes it.
        query: What was selected: parameters of the address, each with its values.
        networks: Those that ran.
        clips: What they were given.
        runs: What they said of the clips, and what their TAM blocks decided.
        given: By id of a network, what the operations `given` and `level` put in.
        versions: Of the program and of what it stands on.
        notes: Sentences on what is missing.
        note: What its maker wrote, letter for letter; up to `NOTE_LETTERS`.
        evidence: What else was looked at.
    """

    title: str
    created: str
    query: Mapping[str, tuple[str, ...]]
    networks: tuple[KeptNetwork, ...]
    clips: tuple[KeptClip, ...]
    runs: tuple[Run, ...]
    given: Mapping[str, TAMTrace] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    note: str = ""
    evidence: tuple[Evidence, ...] = ()

    def network(self, name: str) -> KeptNetwork:
        """The network with an id."""
        return next(network for network in self.networks if network.id == name)

    def clip(self, clip_id: str) -> Clip:
        """The clip with an id."""
        return next(kept.clip for kept in self.clips if kept.clip.id == clip_id)

    def of(self, role: Role) -> tuple[KeptClip, ...]:
        """The clips with a role."""
        return tuple(kept for kept in self.clips if role in kept.roles)


def make(
    title: str,
    clips: Sequence[KeptClip],
    runs: Sequence[tuple[Card, Run]],
    *,
    query: Mapping[str, tuple[str, ...]] | None = None,
    given: Mapping[str, TAMTrace] | None = None,
    notes: Sequence[str] = (),
    note: str = "",
    evidence: Sequence[Evidence] = (),
) -> Finding:
    """A finding of what was just seen.

    Args:
        title: What to call it.
        clips: The first clip (once for each InputSpec), the second one and donors of edits.
        runs: With the networks that ran; of these clips.
        query: See `Finding`.
        given: See `Finding`.
        notes: See `Finding`.
        note: See `Finding`.
        evidence: See `Finding`; of these networks and clips.
    """
    kept_ids = {kept.clip.id for kept in clips}
    donors = {edit.donor.id for _, run in runs for edit in run.edits if edit.donor is not None}
    explained = {attribution.clip_id for item in evidence for attribution in item.maps}
    explained |= {lost.clip_id for item in evidence for lost in item.losses}
    missing = ({run.clip_id for _, run in runs} | donors | explained) - kept_ids
    if missing:
        raise ValueError(f"clips that runs speak of are not kept: {', '.join(missing)}")
    networks = {
        card.id: KeptNetwork(card.id, card.temporal, card.sha256, card.input, card.classes)
        for card, _ in runs
    }
    return Finding(
        title=title,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        query=dict(query or {}),
        networks=tuple(networks.values()),
        clips=tuple(clips),
        runs=tuple(run for _, run in runs),
        given=dict(given or {}),
        versions=versions(),
        notes=tuple(notes),
        note=note[:NOTE_LETTERS],
        evidence=tuple(evidence),
    )


def versions() -> dict[str, str]:
    """Of this program and of what its numbers depend on."""
    versions = {"python": platform.python_version(), "machine": platform.machine()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def video_sha256(source: Source) -> str:
    """SHA-256 of the file that a clip is of; empty where there is none, or a folder of images."""
    if not isinstance(source, VideoFile) or source.path.is_dir():
        return ""
    return sha256_of(source.path)


def describe(finding: Finding) -> str:
    """Some sentences on what a finding is."""
    first = finding.of("first")[0].clip
    edited = {run.edits: describe_edits(run.edits) for run in finding.runs if run.edits}
    second = finding.of("second")
    parts = [
        f"A finding of {finding.created[:10]} on '{first.source}', made with tam_viz "
        f"{finding.versions.get('tam-viz', '(unknown)')}.",
        f"Networks: {', '.join(network.id for network in finding.networks)}.",
    ]
    if first.reader:
        parts.append(f"Read by {first.reader}.")
    if second:
        parts.append(f"Beside it: '{second[0].clip.source}'.")
    if edited:
        parts.append(f"Edited: {' | '.join(edited.values())}.")
    if finding.evidence:
        parts.append(f"Evidence: {'; '.join(item.title for item in finding.evidence)}.")
    return " ".join(parts)
