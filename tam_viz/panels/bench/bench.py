"""Panels on the bench: all temporal modules, trained alike."""

from __future__ import annotations

import pandas as pd

from tam_viz.analysis.bench import bench as analysis
from tam_viz.analysis.bench.results import Bench
from tam_viz.motionpairs.motions import MOTIONS
from tam_viz.motionpairs.scene import LEVELS, SHIFTS
from tam_viz.panels.panel import Panel
from tam_viz.plots.bench import bench as plots

_FAMILIES = [motion.family for motion in MOTIONS]
_COSTS: dict[analysis.Cost, str] = {
    "mmacs": "million multiply-adds per clip",
    "ms": "milliseconds per clip",
}


def accuracy(bench: Bench) -> Panel:
    """Who is right how often, on the test set and beyond the range of training."""
    first = bench.networks[0]
    return Panel(
        title="Accuracy",
        see=f"Rows: networks, the best at the top. The dot is top-1 accuracy on "
        f"{first.test.n:,} test clips, its bar the 95% interval over random test clips; small open "
        f"dots below it are the same network trained from other seeds, which the bar does not "
        f"cover. The diamond is top-1 on {first.shift.n:,} clips outside the range of "
        f"training: the line between the two is what is lost. Colours say what a module does with "
        f"time; † marks modules that cannot tell a clip from its reversal.",
        figure=plots.accuracy(bench),
        says=analysis.describe_accuracy(bench),
        table=analysis.accuracy_table(bench),
    )


def pairs(bench: Bench) -> Panel:
    """Which pairs of classes each network tells apart."""
    table = analysis.pair_table(bench, _FAMILIES)
    meaning = {motion.family: f"{' or '.join(motion.classes)}" for motion in MOTIONS}
    clips = round(bench.networks[0].test.n / len(_FAMILIES))
    return Panel(
        title="Which pair of classes does which module tell apart",
        see="A cell is the share of test clips for which the true class beats the other of its "
        "pair: 0.5 (white) is chance, teal above, brown below, 1 is never wrong. Each cell stands "
        f"for about {clips} clips, so luck alone makes a cell of 0.5 anything from "
        f"{0.5 - analysis.noise(clips):.2f} to {0.5 + analysis.noise(clips):.2f}. The pairs: "
        + "; ".join(f"{family}, {classes}" for family, classes in meaning.items())
        + ".",
        figure=plots.pairs(bench, table, meaning),
        says=analysis.describe_pairs(
            bench, _FAMILIES, [motion.family for motion in MOTIONS if motion.reversal]
        ),
        table=table,
    )


def hardness(bench: Bench) -> Panel:
    """What nuisances cost, and what clips unlike those of training cost."""
    levels = analysis.level_table(bench, LEVELS)
    shifts = analysis.shift_table(bench, SHIFTS)
    return Panel(
        title="When it gets harder",
        see="A cell is top-1, from 0 (dark purple) to 1 (yellow). Left, test clips from calm to "
        "hard: thirds of the strength of camera pan, jitter, distractors, boxes in the way, "
        "flicker and noise. Right, what no network was trained on: events 2 to 3 times faster or "
        "slower than the ordinary one, or a camera that pans 1.5 to 2 times as far. A network that "
        "sees little has little to lose: read a fall together with the level it starts from.",
        figure=plots.hardness(bench, levels, shifts),
        says=analysis.describe_hardness(bench, LEVELS, SHIFTS),
        table=pd.concat({"test": levels, "shift": shifts}, axis=1),
    )


def cost(bench: Bench, measure: analysis.Cost) -> Panel:
    """What accuracy costs."""
    values = [float(getattr(network, measure)) for network in bench.networks]
    how = {
        "mmacs": "To the right, millions of multiply-adds for one clip: convolutions, matrix "
        "products, attention and products with weights; sums, norms and activations are not "
        "counted. These are the multiply-adds of this program, which multiplies V and Θ before it "
        "filters; other code may count others.",
        "ms": "To the right, milliseconds for one clip alone, the median of several, measured in "
        f"turns on {bench.device} ({bench.threads} CPU thread"
        f"{'' if bench.threads == 1 else 's'}); another machine has other times.",
    }[measure]
    return Panel(
        title="Cost",
        see=f"A dot is a network; up is better, left is cheaper. {how} Ringed: no cheaper "
        "network is more accurate. Neither axis starts at zero.",
        figure=plots.cost(
            bench, values, _COSTS[measure], analysis.frontier(bench.networks, measure)
        ),
        says=analysis.describe_cost(bench, measure),
        table=analysis.cost_table(bench),
    )
