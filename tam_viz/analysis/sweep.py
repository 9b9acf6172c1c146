"""Many interventions at once: block by block, from clip to clip, and in the clip's own time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from tam_viz.analysis.edits import OPERATIONS
from tam_viz.analysis.effect import Subject, between, log_odds
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

    def change(self, place: int) -> Float[np.ndarray, "b e"]:
        """Change of the log-odds of a class."""
        return np.asarray(log_odds(self.logits, place) - log_odds(self.before, place))

    def noise_change(self, place: int) -> Float[np.ndarray, " b"]:
        """The same by noise in the pixels, with nothing edited."""
        return np.asarray(log_odds(self.noise, place) - log_odds(self.before, place))

    def limit(self, place: int) -> float:
        """End of a colour scale: the largest change by one block; at least 0.5."""
        single = [name != ALL_BLOCKS for name in self.blocks]
        return max(0.5, float(np.abs(self.change(place)[single]).max(initial=0.0)))

    @property
    def answers(self) -> list[list[str]]:
        """What the network says, by block and edit."""
        return [[self.classes[k] for k in row] for row in self.logits.argmax(-1)]

    @property
    def flips(self) -> Bool[np.ndarray, "b e"]:
        """Where the answer turns to another class."""
        turned: np.ndarray = self.logits.argmax(-1) != self.before.argmax()
        return turned


def sweep_table(found: Sweep, place: int) -> pd.DataFrame:
    """Change of the log-odds by block and edit."""
    table = pd.DataFrame(
        found.change(place), columns=found.columns, index=pd.Index(found.rows, name="block")
    )
    table["no edit, pixels ±2"] = found.noise_change(place)
    return table


def describe_sweep(found: Sweep, to: Subject) -> str:
    """Two sentences on the largest change, the answers that turn, and what is noise."""
    change, single = found.change(to.place), [name != ALL_BLOCKS for name in found.blocks]
    rows = change[single]
    b, e = np.unravel_index(np.abs(rows).argmax(), rows.shape)
    a = int(np.abs(change[-1]).argmax())
    return (
        f"One block changes the log-odds of {to.says} most by '{found.columns[e]}' in "
        f"{found.rows[b]}: {rows[b, e]:+.2f}; all blocks together by '{found.columns[a]}': "
        f"{change[-1, a]:+.2f}. The answer turns in {found.flips[single].sum()} of {rows.size} "
        f"cells with one block edited. Noise of ±2 grey levels in the pixels, which nobody sees, "
        f"changes them by at most {np.abs(found.noise_change(to.place)).max():.2f}."
    )


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
    """Log-odds between the two clips' classes, a row per block, for both directions."""
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
        f"As they are, the log-odds of '{names[0]}' against '{names[1]}' are {own:+.2f} for the "
        f"first clip and {other:+.2f} for the second. With the second clip's in all blocks the "
        f"first clip gets {swapped[V]:+.2f} (V), {swapped[THETA]:+.2f} (Θ) and "
        f"{swapped[BOTH]:+.2f} (both); the single block that moves it most is "
        f"{there.blocks[most]} ({moves[most]:+.2f}, both)."
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
                row[f"log-odds against {to.rival}"] = float(against)
            rows.append(row)
    return pd.DataFrame(rows).set_index(["network", "the clip"])


def describe_tempi(said: Mapping[str, Played], to: Subject) -> str:
    """One sentence on what playing the clip backwards does to every network."""
    parts = []
    for network, played in said.items():
        first, then = (_odds(played[name], to) for name in (AS_IT_IS, "reversed"))
        parts.append(f"{network} {first:+.2f} → {then:+.2f}")
    held = "" if to.rival is None else f" against '{to.rival}'"
    return f"Played backwards, the log-odds of '{to.name}'{held} go: {'; '.join(parts)}."


def _odds(said: Prediction, to: Subject) -> float:
    against = to.against_rival(said.logits)
    return float(log_odds(said.logits, to.place) if against is None else against)
