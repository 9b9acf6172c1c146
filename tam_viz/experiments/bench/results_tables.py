"""The results of the bench as Markdown tables."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from tam_viz.analysis.bench.results import Bench, BenchNetwork
from tam_viz.experiments.markdown import markdown
from tam_viz.motionpairs.motions import MOTIONS
from tam_viz.motionpairs.scene import LEVELS, SHIFTS


def results_text(bench: Bench) -> str:
    """All results as Markdown."""
    by_family = {n.name: n.test.by_family for n in bench.networks}
    by_level = {n.name: n.test.by_kind for n in bench.networks}
    by_shift = {n.name: n.shift.by_kind for n in bench.networks}
    parts = [
        "# Results",
        "Written by `tam-viz evaluate all`; nothing here is typed by hand.",
        main_table(bench),
        "## Within pairs, by family",
        "Share of test clips for which the true class beats the other of its pair; 0.5 is chance.",
        _grid(by_family, [motion.family for motion in MOTIONS]),
        "## Top-1 by difficulty",
        _grid(by_level, LEVELS),
        "## Top-1 on the shift set",
        "Speeds 2 to 3 times above or below the ordinary one, a camera that pans 1.5 to 2 times as "
        "far as in training, objects of 0.45 to 0.6 of their size, or a crowd: four drifting "
        "objects and three boxes.",
        _grid(by_shift, SHIFTS),
        *_section(
            "Accuracy against budget",
            "Top-1 and, in brackets, within-pair accuracy on the test set after training on fewer "
            "clips, each with a schedule of its own length.",
            budget_table(bench),
        ),
        *_section(
            "Several seeds",
            "Top-1 of each seed, with their mean and standard deviation.",
            seed_table(bench),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def main_table(bench: Bench) -> str:
    """One row for each module, of its first seed, the best first."""
    columns = ["network", "module", "top-1 (95% interval)", "within pairs", "shift: top-1"]
    columns += ["within pairs", "parameters", "MMACs", "ms"]
    return markdown(columns, [_main_row(network) for network in bench.networks])


def _main_row(network: BenchNetwork) -> list[str]:
    test, shift = network.test, network.shift
    low, high = test.interval
    return [
        network.name,
        f"`{network.temporal}`",
        f"{test.top1:.3f} ({low:.3f}–{high:.3f})",
        f"{test.within_pair:.3f}",
        f"{shift.top1:.3f}",
        f"{shift.within_pair:.3f}",
        f"{network.parameters:,}",
        f"{network.mmacs:.1f}",
        f"{network.ms:.1f}",
    ]


def _grid(shares: Mapping[str, Mapping[str, float]], columns: Sequence[str]) -> str:
    rows = [[name, *(f"{row[column]:.2f}" for column in columns)] for name, row in shares.items()]
    return markdown(["network", *columns], rows)


def seed_table(bench: Bench) -> str:
    """A row for each module that was trained from several seeds; empty if there is none."""
    rows = []
    for first in bench.networks:
        of_module = [first, *bench.repeats_of(first.temporal)]
        if len(of_module) > 1:
            row = [first.name, str(len(of_module))]
            for values in ([n.test.top1 for n in of_module], [n.shift.top1 for n in of_module]):
                mean, spread = statistics.mean(values), statistics.stdev(values)
                row += [", ".join(f"{v:.3f}" for v in values), f"{mean:.3f} ± {spread:.3f}"]
            rows.append(row)
    columns = ["network", "seeds", "test", "mean ± deviation", "shift", "mean ± deviation"]
    return markdown(columns, rows) if rows else ""


def budget_table(bench: Bench) -> str:
    """A row for each module that was trained on several budgets, a column for each budget.

    Empty if there is none.
    """
    by_module = bench.by_budget()
    budgets = sorted({network.clips for several in by_module.values() for network in several})
    rows = []
    for several in by_module.values():
        scores = {n.clips: f"{n.test.top1:.3f} ({n.test.within_pair:.3f})" for n in several}
        rows.append([several[0].name, *(scores.get(clips, "–") for clips in budgets)])
    columns = ["network", *(f"{clips:,} clips" for clips in budgets)]
    return markdown(columns, sorted(rows)) if rows else ""


def _section(title: str, says: str, table: str) -> list[str]:
    """Nothing if the table is empty."""
    return [f"## {title}", says, table] if table else []
