"""What the first page offers to look at: a clip, the page to see it on, and what is to be seen."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from tam_viz.files import what_is_wrong, write_whole
from tam_viz.types import UserError

SHOWCASES = "showcases.json"
BACKWARDS = "backwards"
"""Stands for the clip itself, played backwards."""


@dataclass(frozen=True)
class Showcase:
    """One thing worth looking at, found by measuring the gallery.

    Attributes:
        title: What it is.
        says: What was measured.
        page: Name of the page, as in its address.
        clip: File name in the gallery.
        second: The clip beside it, or `BACKWARDS`; empty for the page's own choice.
        block: The block to look at; empty for the page's own choice.
    """

    title: str
    says: str
    page: str
    clip: str
    second: str = ""
    block: str = ""


def read_showcases(folder: Path) -> tuple[Showcase, ...]:
    """Reads the list that `write_showcases` wrote.

    Raises:
        UserError: The file is missing or is not such a list.
    """
    path = folder / SHOWCASES
    try:
        return TypeAdapter(tuple[Showcase, ...]).validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} is not a list of showcases ({what_is_wrong(error)}); "
            f"`python docs/make.py showcases` writes it."
        ) from error


def write_showcases(folder: Path, showcases: Sequence[Showcase]) -> None:
    """Writes the list."""
    rows = [dataclasses.asdict(showcase) for showcase in showcases]
    text = json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
    write_whole(folder / SHOWCASES, text)
