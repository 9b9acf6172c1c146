"""Many interventions at once: block by block, from clip to clip, and in the clip's own time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from tam_viz.analysis.edits import OPERATIONS
from tam_viz.analysis.subject import Subject, between, log_odds
from tam_viz.analysis.words import signed
from tam_viz.types import ALL_BLOCKS, Edit, Prediction

AS_IT_IS = "as it is"
V, THETA, BOTH = "V", "Θ", "V and Θ"
SWAPPED = (V, THETA, BOTH)
"""What can be taken from a second clip."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a network says when one block, or all, are edited in each of several ways.

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

    def change(self, to: Subject) -> Float[np.ndarray, "b e"]:
        """Change of the score of a class."""
        return np.asarray(to.score(self.logits) - to.score(self.before))

    def noise_change(self, to: Subject) -> Float[np.ndarray, " b"]:
        """The same by noise in the pixels, with nothing edited."""
        return np.asarray(to.score(self.noise) - to.score(self.before))

    def limit(self, to: Subject) -> float:
        """End of a colour scale: the largest change by one block; at least 0.5."""
        single = [name != ALL_BLOCKS for name in self.blocks]
        return max(0.5, float(np.abs(self.change(to)[single]).max(initial=0.0)))

    @property
    def answers(self) -> list[list[str]]:
        """What the network says, by block and edit."""
        return [[self.classes[k] for k in row] for row in self.logits.argmax(-1)]

    @property
    def flips(self) -> Bool[np.ndarray, "b e"]:
        """Where the answer turns to another class."""
        turned: np.ndarray = self.logits.argmax(-1) != self.before.argmax()
        return turned


def sweep_table(found: Sweep, to: Subject) -> pd.DataFrame:
    """Change of the score by block and edit."""
    table = pd.DataFrame(
        found.change(to), columns=found.columns, index=pd.Index(found.rows, name="block")
    )
    table["no edit, pixels ±2"] = found.noise_change(to)
    return table


def describe_sweep(found: Sweep, to: Subject) -> str:
    """Sentences on the largest change, the answers that turn, and what is noise."""
    change, single = found.change(to), [name != ALL_BLOCKS for name in found.blocks]
    rows, first = change[single], float(to.score(found.before))
    b, e = np.unravel_index(np.abs(rows).argmax(), rows.shape)
    a = int(np.abs(change[-1]).argmax())
    return (
        f"With nothing edited, the {to.measure_says} is {signed(first)}. One block changes that "
        f"most by '{found.columns[e]}' in {found.rows[b]}: {signed(rows[b, e])}, to "
        f"{signed(first + rows[b, e])}; all blocks together by '{found.columns[a]}': "
        f"{signed(change[-1, a])}. {_turns(found, to)} Noise of ±2 grey levels in the pixels, "
        f"which nobody sees, changes that by at most {np.abs(found.noise_change(to)).max():.2f}."
    )


def _turns(found: Sweep, to: Subject) -> str:
    """Where the answer turns with one block edited, and what turns a wrong one right."""
    single = [name != ALL_BLOCKS for name in found.blocks]
    turned, right = found.flips[single], found.logits.argmax(-1) == to.place
    said = f"The answer turns in {turned.sum()} of {turned.size} cells with one block edited"
    if not turned.any():
        said = "No edit of one block turns the answer, not even that one"
    if found.before.argmax() == to.place:
        return f"{said}."
    if turned.any():
        said += f", in {right[single].sum()} of them to '{to.name}'"
    whole = [f"'{name}'" for name, good in zip(found.columns, right[-1], strict=True) if good]
    names = " or ".join(whole) if whole else "none of the edits"
    return f"{said}; in all blocks together {names} makes it '{to.name}'."


@dataclass(frozen=True, eq=False)
class Swaps:
    """What a network says of a clip that is given V, Θ or both of another clip.

    Attributes:
        blocks: The TAM blocks in forward order.
        own: Logits of the clip as it is.
        other: Logits of the other clip as it is.
        single: By what is swapped, logits with one block swapped.
        up_to: The same with all blocks swapped from the first one up to each.
    """

    blocks: tuple[str, ...]
    own: Float[np.ndarray, " k"]
    other: Float[np.ndarray, " k"]
    single: Mapping[str, Float[np.ndarray, "b k"]]
    up_to: Mapping[str, Float[np.ndarray, "b k"]]


def swap_table(there: Swaps, back: Swaps, first: int, second: int) -> pd.DataFrame:
    """Log-ratio of the two classes, a row per block, for both directions."""
    columns = {
        f"{clip}, {what} {how}": between(values[what], first, second)
        for clip, swaps in (("first clip", there), ("second clip", back))
        for how, values in (("of this block", swaps.single), ("up to this block", swaps.up_to))
        for what in SWAPPED
    }
    return pd.DataFrame(columns, index=pd.Index(there.blocks, name="block"))


def describe_swaps(there: Swaps, names: tuple[str, str], places: tuple[int, int]) -> str:
    """Two sentences on how far V and Θ of the second clip carry the first one's answer."""
    own, other = (float(between(x, *places)) for x in (there.own, there.other))
    swapped = {what: float(between(there.up_to[what][-1], *places)) for what in SWAPPED}
    moves = between(there.single[BOTH], *places) - own
    most = int(np.abs(moves).argmax())
    return (
        f"As they are, the log-ratio '{names[0]}' : '{names[1]}' is {signed(own)} for the "
        f"first clip and {signed(other)} for the second. With the second clip's in all blocks the "
        f"first clip gets {signed(swapped[V])} (V), {signed(swapped[THETA])} (Θ) and "
        f"{signed(swapped[BOTH])} (both); the single block that moves it most is "
        f"{there.blocks[most]} ({signed(moves[most])}, both)."
    )


Played = Mapping[str, Prediction]
"""What a network says of a clip by how it is played, beginning with `AS_IT_IS`."""


def tempo_table(said: Mapping[str, Played], to: Subject, words: Mapping[str, str]) -> pd.DataFrame:
    """What every network says of the clip however it is played.

    Args:
        said: By network; all of them know the same classes.
        to: The class that is spoken of.
        words: What each way to play the clip is called.
    """
    rows = []
    for network, played in said.items():
        for name, one in played.items():
            best, probability = one.top(1)[0]
            row: dict[str, str | float] = {
                "network": network,
                "the clip": words.get(name, name),
                "says": best,
                "probability": probability,
                f"log-odds of {to.name}": float(log_odds(one.logits, to.place)),
            }
            against = to.against_rival(one.logits)
            if against is not None:
                row[f"log-ratio {to.name} : {to.rival}"] = float(against)
            rows.append(row)
    return pd.DataFrame(rows).set_index(["network", "the clip"])


def describe_tempi(said: Mapping[str, Played], to: Subject) -> str:
    """One sentence on what playing the clip backwards does to every network."""
    parts = []
    for network, played in said.items():
        first, then = (float(to.score(played[way].logits)) for way in (AS_IT_IS, "reversed"))
        parts.append(f"{network} {signed(first)} → {signed(then)}")
    return f"As it is → played backwards, {to.measure}: {'; '.join(parts)}."
