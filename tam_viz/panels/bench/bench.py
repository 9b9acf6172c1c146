"""Panels on the bench: all temporal modules, trained alike."""

from __future__ import annotations

import pandas as pd

from tam_viz.analysis.bench import bench as analysis
from tam_viz.analysis.bench import bench_budgets, bench_cost
from tam_viz.analysis.bench.results import Bench
from tam_viz.motionpairs.motions import MOTIONS
from tam_viz.motionpairs.scene import LEVELS, SHIFTS
from tam_viz.panels.panel import Panel
from tam_viz.plots.bench import bench as plots
from tam_viz.plots.bench import budgets as budget_plots

_FAMILIES = [motion.family for motion in MOTIONS]
_COSTS: dict[bench_cost.Cost, str] = {
    "mmacs": "million multiply-adds per clip",
    "ms": "milliseconds per clip",
}


def accuracy(bench: Bench) -> Panel:
    """Accuracies on the test set and beyond the range of training."""
    first = bench.networks[0]
    return Panel(
        title="Accuracy",
        see=f"Rows: networks, the best at the top. Dots: top-1 accuracy on {first.test.n:,} test "
        f"clips with its 95% interval. Diamonds: top-1 on {first.shift.n:,} clips outside the "
        "range of training; the line between the two is the drop.",
        how="The interval reflects the choice of test clips. Small open dots below it are the "
        "same network trained from other seeds, which the interval does not cover. Colours show "
        "what a module does with time; † marks modules that cannot tell a clip from its "
        "reversal.",
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
        title="Which pairs of classes each module tells apart",
        see="Each cell is the share of test clips whose true class scores higher than the other "
        "class of its pair. White: chance (0.5); teal: above; brown: below; 1 is never wrong.",
        how=f"Each cell stands for about {clips} clips, so guessing alone gives anything from "
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
    """Accuracy lost to nuisances, and on clips unlike those of training."""
    levels = analysis.level_table(bench, LEVELS)
    shifts = analysis.shift_table(bench, SHIFTS)
    return Panel(
        title="Harder clips",
        see="Top-1 accuracy, from 0 (dark purple) to 1 (yellow). Left: test clips from calm to "
        "hard. Right: clips outside the range of training. A weak network has little to lose; "
        "compare drops together with the starting accuracy.",
        how="Calm to hard: thirds of the strength of camera pan, jitter, distractors, boxes in the "
        "way, flicker and noise. Outside the range of training: events 2 to 3 times faster or "
        "slower than the ordinary one, a camera that pans 1.5 to 2 times as far, objects of about "
        "half the size, or four drifting objects and three boxes.",
        figure=plots.hardness(bench, levels, shifts),
        says=analysis.describe_hardness(bench, LEVELS, SHIFTS),
        table=pd.concat({"test": levels, "shift": shifts}, axis=1),
    )


def budgets(bench: Bench) -> Panel:
    """How accuracy grows with training."""
    return Panel(
        title="Accuracy against budget",
        see="Horizontally: clips seen in training (logarithmic). Vertically: top-1 on the test "
        "clips with its 95% interval. Each dot is a separate network, trained to the end of a "
        "schedule of that length. Small open dots: other seeds.",
        figure=budget_plots.budgets(bench),
        says=bench_budgets.describe_budgets(bench),
        table=bench_budgets.budget_table(bench),
    )


def cost(bench: Bench, measure: bench_cost.Cost) -> Panel:
    """Accuracy by cost."""
    values = [float(getattr(network, measure)) for network in bench.networks]
    how = {
        "mmacs": "Multiply-adds of one clip: convolutions, matrix products, attention and "
        "products with weights; sums, norms and activations are not counted. They are counted in "
        "this program, which multiplies V and Θ before it filters; other implementations may "
        "need more or fewer.",
        "ms": "Milliseconds for one clip alone: the median of several runs, the networks taking "
        f"turns, on {bench.device} ({bench.threads} CPU "
        f"thread{'' if bench.threads == 1 else 's'}). Times differ on other machines.",
    }[measure]
    return Panel(
        title="Cost",
        see="A dot is a network; up is more accurate, left is cheaper. Ringed networks form the "
        "Pareto front: no cheaper network is more accurate.",
        how=f"{how} The vertical axis is logarithmic in errors: the step from 0.9 to 0.95 halves "
        "them, and so does that from 0.98 to 0.99. Neither axis starts at zero.",
        figure=budget_plots.cost(
            bench, values, _COSTS[measure], bench_cost.frontier(bench.networks, measure)
        ),
        says=bench_cost.describe_cost(bench, measure),
        table=bench_cost.cost_table(bench),
    )
