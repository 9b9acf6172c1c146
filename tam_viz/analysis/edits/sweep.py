"""Many interventions at once: block by block, from clip to clip, and in the clip's own time."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from tam_viz.analysis.edits.contrasts import Subject
from tam_viz.analysis.edits.edits import RESCALES
from tam_viz.analysis.formatting import listed, signed
from tam_viz.types import ALL_BLOCKS, OPERATIONS, Edit

AS_IT_IS = "as it is"
V, THETA, BOTH = "V", "Θ", "V and Θ"
NO_EDIT, NOISE, PREDICTED = "no edit", "no edit, pixels ±2", ": prediction"
"""How columns of the table of a sweep are called, or end."""
"""What can be taken from a second clip."""

_SMALL = 0.1
"""A change of the log-odds that is hardly one: the odds change by a tenth."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """Predictions under each of several edits, in one block or all.

    Attributes:
        blocks: Rows: the TAM blocks in forward order, then `ALL_BLOCKS`.
        edits: Columns; where they apply is said by the row.
        classes: Class names in the order of the logits.
        before: Logits with nothing edited.
        logits: Logits by block and edit.
        noise: Logits with nothing edited but the pixels, each row with noise of its own.
    """

    blocks: tuple[str, ...]
    edits: tuple[Edit, ...]
    classes: tuple[str, ...]
    before: Float[np.ndarray, " k"]
    logits: Float[np.ndarray, "b e k"]
    noise: Float[np.ndarray, "b k"]

    @property
    def rows(self) -> list[str]:
        """The rows in words."""
        return ["all blocks" if name == ALL_BLOCKS else name for name in self.blocks]

    @property
    def columns(self) -> list[str]:
        """The edits in words."""
        return [OPERATIONS[edit.target][edit.op] for edit in self.edits]

    @property
    def headings(self) -> list[str]:
        """The edits in words, with what else they do."""
        rescales = [(edit.target, edit.op) in RESCALES for edit in self.edits]
        return [
            f"{name} (rescales)" if more else name
            for name, more in zip(self.columns, rescales, strict=True)
        ]

    def change(self, to: Subject) -> Float[np.ndarray, "b e"]:
        """Change of the score of a class."""
        return np.asarray(to.score(self.logits) - to.score(self.before))

    def noise_change(self, to: Subject) -> Float[np.ndarray, " b"]:
        """The same by noise in the pixels, with nothing edited."""
        return np.asarray(to.score(self.noise) - to.score(self.before))

    @property
    def single(self) -> Int[np.ndarray, " r"]:
        """The rows that are one block."""
        return np.flatnonzero([name != ALL_BLOCKS for name in self.blocks])

    @property
    def fair(self) -> Int[np.ndarray, " f"]:
        """The columns on what TAM decides that leave features as large as they were."""
        kept = [e.target != "input" and (e.target, e.op) not in RESCALES for e in self.edits]
        return np.flatnonzero(kept)

    def limit(self, to: Subject) -> float:
        """End of a colour scale: the largest change by one block in a column that is `fair`.

        At least twice what noise does and 0.1, a tenth of the odds, so that nothing small looks
        like an effect.
        """
        fair = self.change(to)[np.ix_(self.single, self.fair)]
        return scale_end(fair, self.noise_change(to))

    def cell(self, edits: Sequence[Edit]) -> tuple[int, int] | None:
        """Row and column of the cell that makes these edits; None if none does."""
        for row, block in enumerate(self.blocks):
            for column, edit in enumerate(self.edits):
                if tuple(edits) == (dataclasses.replace(edit, block=block),):
                    return row, column
        return None

    @property
    def answers(self) -> list[list[str]]:
        """The predicted class, by block and edit."""
        return [[self.classes[k] for k in row] for row in self.logits.argmax(-1)]

    @property
    def flips(self) -> Bool[np.ndarray, "b e"]:
        """Whether the prediction changes, by block and edit."""
        turned: np.ndarray = self.logits.argmax(-1) != self.before.argmax()
        return turned


def scale_end(fair: Float[np.ndarray, "b e"], noise: Float[np.ndarray, " r"]) -> float:
    """End of a colour scale: the largest of fair changes, at least twice what noise does, and 0.1.

    Args:
        fair: Changes by one block in columns that leave features as large as they were.
        noise: Changes by noise in the pixels.
    """
    floor = 2 * float(np.abs(noise).max(initial=0.0))
    return max(_SMALL, floor, float(np.abs(fair).max(initial=0.0)))


def sweep_table(sweep: Sweep, to: Subject) -> pd.DataFrame:
    """Change of the score by block and edit, and what the network predicts then."""
    table = pd.DataFrame(
        sweep.change(to), columns=sweep.columns, index=pd.Index(sweep.rows, name="block")
    )
    table[NOISE] = sweep.noise_change(to)
    table[f"{NO_EDIT}{PREDICTED}"] = sweep.classes[int(sweep.before.argmax())]
    for name, answers in zip(sweep.columns, zip(*sweep.answers, strict=True), strict=True):
        table[f"{name}{PREDICTED}"] = answers
    return table


def describe_sweep(sweep: Sweep, to: Subject) -> str:
    """Sentences on the largest change, the answers that turn, and what is noise.

    Edits that rescale are counted apart.
    """
    change, first = sweep.change(to), float(to.score(sweep.before))
    fair = sweep.fair
    rows = change[np.ix_(sweep.single, fair)]
    digits = 2 if np.abs(rows).max() >= _SMALL else 4
    b, e = np.unravel_index(np.abs(rows).argmax(), rows.shape)
    a = int(np.abs(change[-1, fair]).argmax())
    largest, together = signed(rows[b, e], digits), signed(change[-1, fair[a]], digits)
    noise = np.abs(sweep.noise_change(to)).max()
    return (
        f"With nothing edited, the {to.measure_says} is {signed(first)}. Of the edits of V or Θ "
        f"in one block the largest change is that of '{sweep.columns[fair[e]]}' in "
        f"{sweep.rows[b]}: {largest}, to {signed(first + rows[b, e], digits)}; of those in all "
        f"blocks that of '{sweep.columns[fair[a]]}': {together}. {_turns(sweep, to)} "
        f"{_rescaled(sweep, to)}{_replaced_inputs(sweep)}Noise of ±2 grey levels in the pixels, "
        f"which nobody sees, changes that by at most {noise:.{digits}f}."
    )


def _turns(sweep: Sweep, to: Subject) -> str:
    """Where the answer turns with one block edited, and what turns a wrong one right."""
    cells = np.ix_(sweep.single, sweep.fair)
    right = sweep.logits.argmax(-1) == to.class_index
    turned = sweep.flips[cells]
    sentence = f"The prediction changes in {turned.sum()} of the {turned.size} in one block"
    if not turned.any():
        sentence = "None of those in one block changes the prediction"
    if sweep.before.argmax() == to.class_index:
        return f"{sentence}."
    if turned.any():
        sentence += f", in {right[cells].sum()} of them to '{to.name}'"
    whole = [f"'{sweep.columns[i]}'" for i in sweep.fair if right[-1, i]]
    names = " or ".join(whole) if whole else "none of the edits"
    return f"{sentence}; in all blocks together {names} makes it '{to.name}'."


def _rescaled(sweep: Sweep, to: Subject) -> str:
    """What edits that rescale do, which is left out of the sentences on the others."""
    rescales = [(edit.target, edit.op) in RESCALES for edit in sweep.edits]
    columns = np.flatnonzero(rescales)
    if not len(columns):
        return ""
    cells = np.ix_(sweep.single, columns)
    most, turned = np.abs(sweep.change(to)[cells]).max(), sweep.flips[cells]
    names = listed(f"'{sweep.columns[i]}'" for i in columns)
    return (
        f"Left out of all that is {names}, which about doubles the features of a block: it changes "
        f"the score by up to {most:.2f} and changes the prediction in {turned.sum()} of "
        f"{turned.size} blocks. "
    )


def _replaced_inputs(sweep: Sweep) -> str:
    """What other features at the input of a block do, which is no edit of V or Θ."""
    columns = np.flatnonzero([edit.target == "input" for edit in sweep.edits])
    if not len(columns):
        return ""
    turned = sweep.flips[np.ix_(sweep.single, columns)]
    names = listed(f"'{sweep.columns[i]}'" for i in columns)
    return (
        f"Other features at a block's input ({names}) change the prediction in {turned.sum()} of "
        f"{turned.size} blocks. "
    )
