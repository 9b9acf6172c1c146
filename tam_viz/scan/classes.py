"""Which class of a network a label of a dataset is, and whether the numbering looks permuted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int

from tam_viz.scan.dataset import Dataset
from tam_viz.tables import read_table
from tam_viz.texts import read_text
from tam_viz.types import UserError

UNKNOWN = -1
LOST, _SURE = 0.1, 0.5
"""A numbering is called permuted if it makes this share right, and another one this share."""


@dataclass(frozen=True)
class Matching:
    """The labels of a dataset among the classes of a network.

    Attributes:
        numbers: For each label its index among the classes; `UNKNOWN` where the network has no
            such class.
        unknown: The labels that the network does not have.
        notice: What a person should know of how they were matched; empty if nothing.
    """

    numbers: Mapping[str, int]
    unknown: tuple[str, ...]
    notice: str = ""


def match(
    dataset: Dataset, classes: Sequence[str], given: Mapping[str, str] | None = None
) -> Matching:
    """Finds the labels of a dataset among the classes of a network.

    Names are equal if they differ only in case, spaces, `_` and `-`. Numbers are those of the
    network's classes, from 0, or from 1 where they run from 1 to the number of classes.

    Args:
        dataset: The dataset.
        classes: Class names in the order of the logits.
        given: For some labels the name of the class, which then decides.

    Raises:
        UserError: `given` names a label or a class that is not there.
    """
    given = given or {}
    for label, name in given.items():
        if label not in dataset.classes:
            raise UserError(f"The map names the label '{label}', which '{dataset.name}' has not.")
        if name not in classes:
            raise UserError(
                f"The map gives '{label}' the class '{name}', which the network has not."
            )
    if dataset.numbered:
        numbers, notice = _by_number(dataset, len(classes))
    else:
        numbers, notice = _by_name(dataset.classes, classes), ""
    numbers |= {label: list(classes).index(name) for label, name in given.items()}
    unknown = tuple(label for label in dataset.classes if numbers[label] == UNKNOWN)
    return Matching(numbers, unknown, notice)


def _by_number(dataset: Dataset, count: int) -> tuple[dict[str, int], str]:
    values = [int(label) for label in dataset.classes]
    first = 1 if min(values) == 1 and max(values) == count else 0
    numbers = {
        label: int(label) - first if int(label) - first < count else UNKNOWN
        for label in dataset.classes
    }
    notice = "The labels run from 1, so 1 is taken for the first class." if first else ""
    return numbers, notice


def _by_name(labels: Sequence[str], classes: Sequence[str]) -> dict[str, int]:
    exact = {name: index for index, name in enumerate(classes)}
    loose: dict[str, int] = {}
    for index, name in enumerate(classes):
        loose[_plain(name)] = UNKNOWN if _plain(name) in loose else index
    return {label: exact.get(label, loose.get(_plain(label), UNKNOWN)) for label in labels}


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", " ", name.casefold()).strip()


def read_map(path: Path) -> dict[str, str]:
    """Reads which label is which class: a table with the columns `label` and `class`.

    Raises:
        UserError: It is not such a table, or a label stands in it twice.
    """
    text = read_text(path, 16 << 20, "a table of labels and classes")
    table = read_table(text, path.name, ("label",), ("class",))
    label, name = table.columns.index("label"), table.columns.index("class")
    mapped: dict[str, str] = {}
    for row in table.rows:
        if row.cells[label] in mapped:
            raise UserError(
                f"Line {row.line} of '{path.name}' has the label '{row.cells[label]}' again."
            )
        mapped[row.cells[label]] = row.cells[name]
    return mapped


def permuted(counts: Int[np.ndarray, "k k"]) -> str:
    """A warning where another numbering of the classes would make most answers right.

    Args:
        counts: Clips by their true class (rows) and the predicted one (columns), of the clips
            whose class the network has.

    Returns:
        A sentence with the evidence; empty where there is none.
    """
    total = int(counts.sum())
    occurring = int((counts.sum(1) > 0).sum())
    enough = total >= 2 * occurring  # else a numbering to fit can always be found
    now = float(np.trace(counts)) / max(1, total)
    if not total or not enough or now > LOST:
        return ""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(counts, maximize=True)
    best = counts[rows, columns].sum() / total
    if best < max(_SURE, 3 * now):
        return ""
    return (
        f"The classes look permuted: {now:.0%} of {total:,} clips are right, and another "
        f"numbering of the classes would make {best:.0%} right. Check the file of class names "
        f"that the network was imported with, or give a map of labels to classes."
    )
