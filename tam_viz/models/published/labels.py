"""Names of classes: from a file that a person gives once, or from torchvision for Kinetics-400."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from tam_viz.types import UserError

Order = Literal["file", "sorted"]
_KINETICS = 400
_BYTES = 4 * 2**20


def read_labels(path: Path, order: Order = "file") -> tuple[str, ...]:
    """Class names in the order of the logits.

    `labels.json` maps names to numbers (Something-Something V2) or is a list of names; any other
    file has one name a line (`labels.csv` of Something-Something V1, the label maps of
    mmaction2 and of the authors).

    Args:
        path: The file.
        order: `file` takes the names as they stand; `sorted` by the alphabet, as the authors of
            TSM and TAM number Something-Something V1. mmaction2 numbers it as it stands.

    Raises:
        UserError: It is not such a file, a name is there twice, or a number is missing.
    """
    try:
        if path.stat().st_size > _BYTES:
            raise UserError(f"'{path.name}' is too large for a file of class names.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"'{path.name}' cannot be read as text ({error}).") from error
    try:
        names = _from_json(json.loads(text)) if text.lstrip()[:1] in ("{", "[") else _lines(text)
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError(
            f"'{path.name}' is no list of class names ({error}): expected a JSON object of names "
            f"and numbers from 0, a JSON list, or one name a line."
        ) from error
    if not names or len(set(names)) < len(names):
        raise UserError(f"'{path.name}' names no class, or one class twice.")
    return tuple(sorted(names)) if order == "sorted" else tuple(names)


def _from_json(data: object) -> list[str]:
    if isinstance(data, list):
        return [str(name) for name in data]
    if not isinstance(data, dict):
        raise TypeError("neither an object nor a list")
    numbers = {int(number): str(name) for name, number in data.items()}
    if sorted(numbers) != list(range(len(data))):
        raise ValueError("the numbers do not run from 0 to the number of names less one")
    return [numbers[i] for i in range(len(numbers))]


def _lines(text: str) -> list[str]:
    return [line.strip().strip('"') for line in text.splitlines() if line.strip()]


def default_labels(classes: int) -> tuple[tuple[str, ...], str]:
    """Names for so many classes when nobody gives any, and a sentence on where they are from."""
    if classes == _KINETICS:
        from torchvision.models.video import R3D_18_Weights  # noqa: PLC0415  # seconds to import

        names = R3D_18_Weights.DEFAULT.meta["categories"]
        return tuple(str(name) for name in names), "Kinetics-400, in the order of its label map"
    digits = len(str(classes - 1))
    return (
        tuple(f"class {i:0{digits}}" for i in range(classes)),
        "numbered, because no file of names was given",
    )
