"""Folders of clips, the gallery that comes with the project among them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tam_viz.types import Clip, InputSpec, Made, Truth, UserError
from tam_viz.video.clip import read_clip, read_views
from tam_viz.video.containers import EXTENSIONS, player_format

LABELS = "labels.csv"
GALLERY = Path(__file__).resolve().parents[1] / "gallery"
FIELDS = (
    "file",
    "label",
    "event_start_s",
    "event_end_s",
    "speed",
    "camera_right",
    "camera_down",
    "difficulty",
)


@dataclass(frozen=True)
class VideoFile:
    """A video in a file: what to call it, where it is, and what is known of it."""

    name: str
    path: Path
    truth: Truth | None = None

    @property
    def key(self) -> str:
        """The path and the name, which is part of the clip."""
        return f"{self.path} {self.name}"

    def read(self, spec: InputSpec, view: int = 0) -> Clip:
        """One view of it; see `read_clip`."""
        return read_clip(self.path, spec, view, name=self.name, truth=self.truth)

    def views(self, spec: InputSpec) -> tuple[Clip, ...]:
        """All views of it; see `read_views`."""
        return read_views(self.path, spec, name=self.name, truth=self.truth)

    def movie(self) -> tuple[bytes, str] | None:
        """Its bytes and its media type, where browsers play it."""
        kind = player_format(self.path)
        return None if kind is None else (self.path.read_bytes(), kind)


def read_folder(folder: Path) -> list[VideoFile]:
    """The clips of a folder: those that its `labels.csv` lists, in its order, or all videos.

    Only `file` and `label` are needed in the list; the other fields are those of generated clips.

    Raises:
        UserError: There is no such folder, or its list cannot be read.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder '{folder}' of clips; name one that is there.")
    path = folder / LABELS
    if not path.exists():
        files = sorted(f for f in folder.iterdir() if f.suffix.lower()[1:] in EXTENSIONS)
        return [VideoFile(file.name, file) for file in files]
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [_listed(folder, row) for row in csv.DictReader(file)]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} is not a list of clips ({type(error).__name__}: {error}); it needs the "
            f"columns 'file' and 'label', as `tam-viz clips` writes them."
        ) from error


def _listed(folder: Path, row: Mapping[str, str | None]) -> VideoFile:
    name = Path(row["file"] or "").name  # a list may not point outside its folder
    label = row["label"]
    if not name or not label:
        raise ValueError("a row without a file or a label")
    numbers = [float(value) for field in FIELDS[2:] if (value := row.get(field))]
    event = (numbers[0], numbers[1]) if len(numbers) >= 2 else None
    made = None
    if len(numbers) == len(FIELDS) - 2:
        made = Made(numbers[2], (numbers[3], numbers[4]), numbers[5])
    return VideoFile(name, folder / name, Truth(label, event, made))


def write_labels(folder: Path, truths: dict[str, Truth]) -> None:
    """Writes the `labels.csv` of a folder: clip names and what is known of them."""
    with (folder / LABELS).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for name, truth in truths.items():
            made = truth.made
            more = () if made is None else (made.speed, *made.camera, made.difficulty)
            numbers = (*(truth.event_s or ()), *more)
            writer.writerow([name, truth.label, *(f"{number:.4f}" for number in numbers)])
