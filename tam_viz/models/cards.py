"""Finding checkpoints and reading their cards, without torch."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from tam_viz import shipped
from tam_viz.files import what_is_wrong, write_whole
from tam_viz.types import Audit, Card, UserError

CARD, AUDIT, RESULTS = "card.json", "audit.json", "results.json"
_CARD, _AUDIT = TypeAdapter(Card), TypeAdapter(Audit)
OWN = shipped.CHECKPOINTS
NEW = shipped.new_checkpoints()
"""Where checkpoints go that are trained, imported or downloaded."""


def folders() -> list[Path]:
    """The folders that are searched for checkpoints: the program's, new ones, TAM_VIZ_CHECKPOINTS.

    `TAM_VIZ_CHECKPOINTS` holds further folders, separated as in `PATH`.
    """
    named = os.environ.get("TAM_VIZ_CHECKPOINTS", "").split(os.pathsep)
    every = dict.fromkeys([OWN, NEW, *(Path(name) for name in named if name)])
    return [folder for folder in every if folder.is_dir()]


def available() -> dict[str, Path]:
    """The folder of every checkpoint by id; TANets first, then by id."""
    by_name: dict[str, Path] = {}
    for folder in folders():
        for card in sorted(folder.glob(f"*/{CARD}")):
            by_name.setdefault(card.parent.name, card.parent)
    return dict(
        sorted(by_name.items(), key=lambda item: (not item[0].startswith("tanet"), item[0]))
    )


def deeper() -> dict[str, Path]:
    """Checkpoints that lie a level deeper, where no list has them: other seeds and variants."""
    return {
        card.parent.name: card.parent
        for folder in reversed(folders())
        for card in sorted(folder.glob(f"*/*/{CARD}"), reverse=True)
    }


def read_deeper() -> dict[str, Card]:
    """The cards of `deeper` by id, those that can be read."""
    cards = {}
    for name, folder in sorted(deeper().items()):
        with contextlib.suppress(UserError):  # nobody asked for this one
            cards[name] = read_card(folder)
    return cards


def find(name: str | Path) -> Path:
    """The folder of a checkpoint, given its id or the folder itself.

    A string is taken for an id first, also of other seeds and variants; a `Path` is always the
    folder.

    Raises:
        UserError: There is no such checkpoint.
    """
    known = available()
    if isinstance(name, str) and name in (every := known if name in known else deeper()):
        return every[name]
    folder = Path(name).absolute()
    with contextlib.suppress(OSError):  # a name that no file system takes
        if (folder / CARD).is_file():
            return folder.resolve()
    listed = ", ".join(known) or "none"
    raise UserError(
        f"There is no checkpoint '{name}': expected an id ({listed}) or a folder with {CARD}."
    )


def read_all() -> tuple[dict[str, Card], list[str]]:
    """The cards of all checkpoints by id, and a sentence on each that cannot be read."""
    cards: dict[str, Card] = {}
    problems: list[str] = []
    for name, folder in available().items():
        try:
            cards[name] = read_card(folder)
        except UserError as error:
            problems.append(str(error))
    return cards, problems


def starters(cards: Mapping[str, Card], classes: tuple[str, ...] | None = None) -> list[str]:
    """The networks to begin with: TANet, TSM, temporal convolution and TSN, as far as there.

    All of them know the same classes: those that are named, or those of the first TANet.
    """
    if classes is None:
        classes = next((card.classes for card in cards.values() if card.temporal == "tam"), ())
    return [
        name
        for temporal in ("tam", "tsm", "tconv", "none")
        for name, card in cards.items()
        if card.temporal == temporal and card.classes == classes
    ]


def read_card(folder: Path) -> Card:
    """Reads `card.json`; the id is the name of the folder, whatever the file says.

    Raises:
        UserError: The file is not a card.
    """
    path = folder / CARD
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return _CARD.validate_python({**data, "id": folder.name})
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            f"{path} is not the card of a checkpoint ({what_is_wrong(error)}); put back the "
            f"original file or make the checkpoint anew."
        ) from error


def write_card(folder: Path, card: Card) -> None:
    """Writes `card.json`, whole or not at all."""
    _write(folder / CARD, dataclasses.asdict(card))


def read_audit(folder: Path, card: Card) -> Audit | None:
    """The audit that lies beside a card; None if there is none of these weights."""
    try:
        audit = _AUDIT.validate_json((folder / AUDIT).read_bytes())
    except (OSError, ValueError):
        return None
    return audit if audit.sha256 == card.sha256 else None


def write_audit(folder: Path, audit: Audit) -> None:
    """Writes `audit.json`, whole or not at all."""
    _write(folder / AUDIT, dataclasses.asdict(audit))


def _write(path: Path, data: dict[str, Any]) -> None:
    write_whole(path, json.dumps(data, indent=2) + "\n")
