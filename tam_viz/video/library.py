"""Folders of clips, the gallery that comes with the project among them."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tam_viz.literal import visible
from tam_viz.tables import Row, Table, read_table
from tam_viz.texts import read_text
from tam_viz.types import Clip, Generation, InputSpec, Truth, UserError
from tam_viz.video.clip import read_clip, read_views
from tam_viz.video.containers import is_named_video
from tam_viz.video.movie import Movie, Played, Report, movie

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
_FILE_HEADINGS = ("file", "path", "video", "filename", "file_name", "clip")
_LABEL_HEADINGS = ("label", "class", "class_name", "category", "action")
_BYTES = 32 * 2**20


@dataclass(frozen=True)
class VideoFile(Played):
    """A video in a file: what to call it, where it is, and what is known of it."""

    name: str
    path: Path
    truth: Truth | None = None

    @property
    def key(self) -> str:
        """The path, the name and the visitor's label, which are part of the clip."""
        given = f" {self.truth.label}" if self.truth is not None and self.truth.visitors else ""
        return f"{self.path} {self.name}{given}"

    def read(self, spec: InputSpec, view: int = 0) -> Clip:
        """One view of it; see `read_clip`."""
        return read_clip(self.path, spec, view, name=self.name, truth=self.truth)

    def views(self, spec: InputSpec) -> tuple[Clip, ...]:
        """All views of it; see `read_views`."""
        return read_views(self.path, spec, name=self.name, truth=self.truth)

    def player(self, report: Report = lambda _: None) -> Movie | None:
        """The file itself, or a small preview of it; see `Played`."""
        return movie(self.path, self.name, report)


def read_folder(folder: Path) -> list[VideoFile]:
    """The clips of a folder: those that its `labels.csv` lists, in its order, or all videos.

    Only `file` and `label` are needed in the list; the other fields are those of generated clips.
    `file` may lie in a folder inside, as class folders do (`jump/b.mp4`).

    Raises:
        UserError: There is no such folder, or its list cannot be read.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder '{folder}' of clips; name one that is there.")
    path = folder / LABELS
    if not path.exists():
        files = sorted(f for f in folder.iterdir() if is_named_video(f.name))
        return [VideoFile(visible(file.name), file) for file in files]
    name = f"{folder.name}/{LABELS}"
    text = read_text(path, _BYTES, "a list of clips")
    if not text.strip():
        return []
    table = read_table(text, name, _FILE_HEADINGS, _LABEL_HEADINGS)
    return [_listed(folder, table, row, name) for row in table.rows]


def _listed(folder: Path, table: Table, row: Row, name: str) -> VideoFile:
    def cell(*columns: str) -> str:
        at = table.column(*columns)
        return "" if at is None else row.cells[at]

    file, label = cell(*_FILE_HEADINGS), cell(*_LABEL_HEADINGS)
    if not file or not label:
        lacking = "file" if not file else "label"
        raise UserError(f"Line {row.line} of '{name}' has no {lacking}; give one or remove it.")
    try:
        numbers = [float(value) for field in FIELDS[2:] if (value := cell(field))]
    except ValueError as error:
        raise UserError(
            f"Line {row.line} of '{name}' has a field that is no number where one should be "
            f"({error}); leave it empty or write it with a point."
        ) from error
    event = (numbers[0], numbers[1]) if len(numbers) >= 2 else None
    generation = None
    if len(numbers) == len(FIELDS) - 2:
        generation = Generation(numbers[2], (numbers[3], numbers[4]), numbers[5])
    inside = _inside(folder, file)
    return VideoFile(visible(inside.as_posix()), folder / inside, Truth(label, event, generation))


def _inside(folder: Path, file: str) -> PurePosixPath:
    r"""Where a listed file lies in its folder; a list may not point outside it.

    Of a path that begins elsewhere (`C:\clips\jump\b.mp4`, `../b.mp4`) the longest end that is
    there is taken.
    """
    parts = [part for part in re.split(r"[/\\]+", file) if part not in ("", ".")]
    beyond = [i for i, part in enumerate(parts) if part == ".." or re.fullmatch("[A-Za-z]:", part)]
    first = max(beyond, default=-1) + 1
    tails = [PurePosixPath(*parts[start:]) for start in range(first, len(parts))]
    if not tails:
        raise UserError(f"'{file}' in the list of '{folder.name}' names no file inside it.")
    if first == 0 and not file.startswith(("/", "\\")):
        return tails[0]
    return next((tail for tail in tails if (folder / tail).exists()), tails[-1])


def distinct_names(folders: Sequence[Path]) -> list[str]:
    """What to call folders: their last part, with as many parents as tell each from the others."""
    names = []
    for folder in folders:
        parts = folder.parts
        count = 1
        while count < len(parts) and any(
            other != folder and other.parts[-count:] == parts[-count:] for other in folders
        ):
            count += 1
        names.append(Path(*parts[-count:]).as_posix())
    return names


def write_labels(folder: Path, truths: dict[str, Truth]) -> None:
    """Writes the `labels.csv` of a folder: clip names and what is known of them."""
    with (folder / LABELS).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for name, truth in truths.items():
            generation = truth.generation
            more = (
                ()
                if generation is None
                else (generation.speed, *generation.camera, generation.difficulty)
            )
            numbers = (*(truth.event_s or ()), *more)
            writer.writerow([name, truth.label, *(f"{number:.4f}" for number in numbers)])
