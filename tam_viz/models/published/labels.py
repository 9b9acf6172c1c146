"""Names of classes: from a file that a person gives once, or from torchvision for Kinetics-400."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

from tam_viz.models.published.class_json import read_json
from tam_viz.models.published.class_lines import Numbered, is_sequence, line_rows, read_lines
from tam_viz.models.published.class_marks import marked
from tam_viz.texts import read_text
from tam_viz.types import UserError

Order = Literal["file", "sorted"]
_KINETICS = 400
_BYTES = 4 * 2**20


def read_labels(path: Path, order: Order = "file") -> tuple[str, ...]:
    """Class names in the order of the logits.

    Where a file numbers its classes the numbers decide, wherever the rows stand; those from 1 are
    shifted. A text has one name a line (`labels.csv` of Something-Something V1, the label maps of
    mmaction2 and of the authors), number and name or name and number (`classInd.txt` of UCF101),
    or a table under a header such as `id,name`. JSON maps names to numbers
    (Something-Something V2) or numbers to names (`id2label` of transformers), or lists names.

    Args:
        path: The file.
        order: `file` takes names without numbers as they stand; `sorted` by the alphabet, as the
            authors of TSM and TAM number Something-Something V1. mmaction2 numbers it as it
            stands.

    Raises:
        UserError: It is not such a file, a name or a number is there twice, a number is missing,
            or names with numbers are to be sorted.
    """
    text = read_text(path, _BYTES, "a file of class names")
    if not text.strip():
        raise UserError(f"'{path.name}' is empty; expected names of classes.")
    if text.lstrip()[0] in "{[" and not marked(line_rows(text)):
        try:
            names = read_json(text)
        except (ValueError, RecursionError) as error:
            raise UserError(
                f"'{path.name}' is not a list of class names ({error}); expected a JSON object of "
                f"names and numbers, a JSON list, or a text with one name a line."
            ) from error
    else:
        names = read_lines(text, path.name)
    numbered = bool(names) and not isinstance(names[0], str)
    if numbered and order == "sorted":
        raise UserError(
            f"'{path.name}' numbers its classes, so they cannot be sorted; take the order of the "
            f"file."
        )
    ordered = _by_number(cast("Numbered", names), path.name) if numbered else names
    return _distinct(cast("list[str]", ordered), path.name, order)


def _by_number(names: Numbered, file: str) -> list[str]:
    """Names in the order of their numbers, which run from 0 or from 1.

    Raises:
        UserError: A number is there twice, or missing.
    """
    seen: dict[int, str] = {}
    for number, _, where in names:
        if number in seen:
            raise UserError(
                f"'{file}' has the number {number} twice: {_lower(where)} and "
                f"{_lower(seen[number])}."
            )
        seen[number] = where
    if not is_sequence(list(seen)):
        first = 0 if 0 in seen else 1
        lacking = next(n for n in range(first, len(seen) + first) if n not in seen)
        top, last = max(seen), len(seen) + first - 1
        raise UserError(
            f"'{file}' numbers {len(seen)} classes and has no number {lacking}; "
            f"{_lower(seen[top])} has number {top}. Expected {first} to {last}, each once."
        )
    return [name for _, name, _ in sorted(names)]


def _distinct(names: list[str], file: str, order: Order) -> tuple[str, ...]:
    twice = next((name for name in names if names.count(name) > 1), None)
    if not names or twice is not None:
        what = "no class" if not names else f"the class '{twice}' twice"
        raise UserError(f"'{file}' names {what}; expected each class once.")
    return tuple(sorted(names)) if order == "sorted" else tuple(names)


def _lower(where: str) -> str:
    return where[0].lower() + where[1:]


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
