"""Panels on adaptive kernels: what predictions lose without, and what can be decoded from Θ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.tam import adaptivity_words as words
from tam_viz.analysis.tam.adaptivity import ALL, Adaptation, Loss
from tam_viz.motionpairs.motions import MOTIONS
from tam_viz.panels.panel import Panel
from tam_viz.plots.shared import theme
from tam_viz.plots.tam import adaptivity as plots
from tam_viz.plots.tam.adaptivity import BlockLosses

_LOST = "log-odds lost"
_ABLATED, _TAKEN = "Θ replaced by its mean", "Θ of a clip of the other class of the pair"


def reliance(answer: Adaptation) -> Panel:
    """Losses on test clips if kernels do not adapt, block by block."""
    rows = {
        f"untrained: {_ABLATED}": (answer.untrained_relies.mean, theme.UNTRAINED, "circle-open"),
        f"untrained: {_TAKEN}": (answer.untrained_relies.mirrored, theme.UNTRAINED, "diamond-open"),
        _ABLATED: (answer.relies.mean, theme.EDITED, "circle"),
        _TAKEN: (answer.relies.mirrored, theme.SECOND, "diamond"),
    }
    shown = [
        _cost(label, colour, symbol, losses) for label, (losses, colour, symbol) in rows.items()
    ]
    return Panel(
        title="Adaptivity: how much predictions depend on it",
        see="How far the log-odds of the true class fall when Θ does not adapt to the clip: above "
        "0 adaptive kernels help, below 0 they hurt.",
        how=f"Measured on {answer.relies_clips} test clips. Θ of one block, or of all, is "
        "replaced by its mean over training clips, or by Θ of a clip of the other class of its "
        "pair. Bars are 95% intervals. Kernels of the untrained network differ from clip to clip "
        "as well, but it only guesses, so nothing depends on them. The losses of single blocks do "
        "not add up.",
        figure=plots.costs([*answer.blocks, ALL], shown, _LOST),
        says=words.describe_reliance(answer),
        table=_loss_table([*answer.blocks, ALL], {name: row[0] for name, row in rows.items()}),
    )


def _cost(label: str, colour: str, symbol: str, losses: Sequence[Loss]) -> BlockLosses:
    mean, low, high = np.array([[loss.mean, loss.low, loss.high] for loss in losses]).T
    return BlockLosses(label, colour, mean, low, high, symbol)


def _loss_table(names: Sequence[str], rows: dict[str, list[Loss]]) -> pd.DataFrame:
    columns = {
        f"{name}, {part}": [getattr(loss, part) for loss in losses]
        for name, losses in rows.items()
        for part in ("mean", "low", "high")
    }
    return pd.DataFrame(columns, index=pd.Index(names, name="block"))


def readouts(answer: Adaptation) -> Panel:
    """Which of a pair's two classes a clip is, as a linear probe reads it off Θ."""
    families = list(answer.trained.direction)
    sides = {
        name: np.array([probes.direction[family] for family in families])
        for name, probes in (("trained", answer.trained), ("untrained", answer.untrained))
    }
    tables = [
        pd.DataFrame(values, families, [f"{name}: {block}" for block in answer.blocks])
        for name, values in sides.items()
    ]
    return Panel(
        title="Adaptivity: what can be decoded from Θ",
        see="How often a linear probe of Θ tells the two classes of a pair apart, on clips that it "
        "was not fitted to: ½ (white) is chance, teal is better.",
        how=f"{_pairs(families)} What can be decoded from the untrained network as well was not "
        "learned. The network need not use what can be decoded: the picture above shows what it "
        "uses.",
        figure=plots.readouts(answer.blocks, families, sides),
        says=words.describe_readouts(answer),
        table=pd.concat(tables, axis=1).rename_axis("pair"),
    )


def _pairs(families: Sequence[str]) -> str:
    """How the classes of a pair go together, and in which pairs they do not."""
    other = [f"'{m.family}'" for m in MOTIONS if m.family in families and not m.reversal]
    where = f"In all pairs but {' and '.join(other)}" if other else "In each pair"
    return f"{where} one class is the other played backwards."


@dataclass(frozen=True, eq=False)
class Ablated:
    """Losses on one clip if kernels do not adapt.

    Attributes:
        name: What the clip is called.
        asked: The class that is asked about.
        known: Whether that is the true class, else the predicted one.
        lost: Its log-odds that are lost, by block and at last in all of them.
        over: The clips that the mean is over that is put in.
    """

    name: str
    asked: str
    known: bool
    lost: Float[np.ndarray, " b"]
    over: str = "training clips"


def on_clip(
    blocks: Sequence[str],
    first: Ablated,
    second: Ablated | None,
    answer: Adaptation | None,
    *,
    difference: bool = False,
) -> Panel:
    """The same for the clip that is looked at.

    Args:
        blocks: Names in forward order.
        first: The clip.
        second: The second one, if there is one.
        answer: What was measured over test clips, where that was done.
        difference: Whether to show the difference of the two.
    """
    names = [*blocks, ALL]
    table = {ablated.name: ablated.lost for ablated in (first, second) if ablated is not None}
    above = "above 0 the kernels made for this clip help, below 0 they hurt."
    if difference and second is not None:
        label = f"{first.name} − {second.name}"
        shown = [BlockLosses(label, theme.FIRST, first.lost - second.lost)]
        above = f"the loss of {first.name} minus that of {second.name}."
        table[label] = first.lost - second.lost
    else:
        shown = [BlockLosses(f"{first.name}: {first.asked}", theme.FIRST, first.lost)]
        if second is not None:
            label = f"{second.name}: {second.asked}"
            shown.append(BlockLosses(label, theme.SECOND, second.lost, symbol="diamond"))
        if answer is not None:
            usual = _cost(
                "mean over test clips", theme.UNTRAINED, "square-open", answer.relies.mean
            )
            shown.insert(0, usual)
    return Panel(
        title="Adaptivity: how much this prediction depends on it",
        see=f"How far the log-odds of the class fall when Θ of a block is replaced by its mean "
        f"over {first.over}: {above}",
        how="The weights are the same; only Θ is edited.",
        figure=plots.costs(names, shown, _LOST),
        says=" ".join(
            words.describe_ablated(ablated.name, ablated.asked, ablated.known, names, ablated.lost)
            for ablated in (first, second)
            if ablated is not None
        ),
        table=pd.DataFrame(table, index=pd.Index(names, name="block")),
    )
