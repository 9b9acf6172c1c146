"""Folders of clips with a `labels.csv`, the gallery that comes with the project among them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from tam_viz.types import Truth, UserError

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
class Source:
    """A video that can be read: where it is, and what is known of it."""

    name: str
    path: Path
    truth: Truth | None = None


def read_folder(folder: Path) -> list[Source]:
    """The clips that the `labels.csv` of a folder lists, in its order.

    Raises:
        UserError: There is no such list, or it cannot be read.
    """
    path = folder / LABELS
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [_source(folder, row) for row in csv.DictReader(file)]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} is not a list of clips ({error}); `tam-viz clips` writes one."
        ) from error


def _source(folder: Path, row: dict[str, str]) -> Source:
    name = Path(row["file"]).name  # a list may not point outside its folder
    truth = Truth(
        label=row["label"],
        event_s=(float(row["event_start_s"]), float(row["event_end_s"])),
        speed=float(row["speed"]),
        camera=(float(row["camera_right"]), float(row["camera_down"])),
        difficulty=float(row["difficulty"]),
    )
    return Source(name, folder / name, truth)


def write_labels(folder: Path, truths: dict[str, Truth]) -> None:
    """Writes the `labels.csv` of a folder: clip names and what is known of them."""
    with (folder / LABELS).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for name, truth in truths.items():
            numbers = (*truth.event_s, truth.speed, *truth.camera, truth.difficulty)
            writer.writerow([name, truth.label, *(f"{number:.4f}" for number in numbers)])
