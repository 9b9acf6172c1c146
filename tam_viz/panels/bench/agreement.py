"""Panels that hold networks against each other on the test clips, answer by answer."""

from __future__ import annotations

from tam_viz.analysis.bench import agreement as analysis
from tam_viz.analysis.bench.answers import Answers
from tam_viz.analysis.bench.differences import (
    clip_table,
    describe_clips,
    describe_differences,
    difference_table,
    differences,
    other_seeds,
    outcomes,
)
from tam_viz.analysis.bench.results import Bench, BenchNetwork
from tam_viz.panels.panel import Panel
from tam_viz.plots.bench import agreement as plots


def agreement(answers: Answers, bench: Bench) -> Panel:
    """How often two networks give the same answer on the test clips."""
    pairs = analysis.agreement(answers, bench)
    return Panel(
        title="Agreement between networks",
        see=f"A cell is a pair of networks on {len(answers.labels):,} test clips, in hundredths. "
        "Left: how often both predict the same class. Right: Cohen's kappa, the agreement beyond "
        "chance (0). The diagonal shows how far two seeds of one network agree.",
        how="Two networks that agree as much as two seeds of one of them differ no more than "
        "seeds do. Agreement counts correct and incorrect predictions alike, so accurate "
        "networks agree because both are right. Kappa removes the agreement expected by chance "
        "and is at most 100. Coloured squares show the family of a network.",
        figure=plots.agreement(pairs),
        says=analysis.describe_agreement(pairs),
        table=analysis.agreement_table(pairs),
    )


def gains(answers: Answers, bench: Bench, first: BenchNetwork, second: BenchNetwork) -> Panel:
    """In which classes one network is right more often than another."""
    by_class = differences(answers, first.id, second.id)
    seeds = other_seeds(answers, bench, first, second)
    names = (first.name, second.name)
    return Panel(
        title=f"Where {first.name} gains and where it loses against {second.name}",
        see=f"Accuracy of {first.name} minus {second.name} on the same clips: to the right (blue) "
        "the first is better, to the left (red) the second. Whiskers: 95% intervals. Full colour: "
        "McNemar's exact test finds a difference.",
        how="Intervals come from a bootstrap over clips that keeps both predictions of a clip "
        "together. The test is at p < 0.05, adjusted for the number of classes. Open dots are "
        "other seeds, of the second network too where it has them: if they scatter, the bar "
        "describes these two trainings rather than the two modules.",
        figure=plots.gains(by_class, seeds, names),
        says=describe_differences(by_class, *names),
        table=difference_table(by_class, seeds),
    )


def clips(answers: Answers, first: BenchNetwork, second: BenchNetwork) -> Panel:
    """Every test clip by what two networks give its true class."""
    names = (first.name, second.name)
    ids = (first.id, second.id)
    odds = (answers.log_odds[answers.row(first.id)], answers.log_odds[answers.row(second.id)])
    return Panel(
        title=f"Every test clip: {first.name} against {second.name}",
        see=f"Each point is a test clip. Above the dashed line, {first.name} gives the true class "
        f"the higher log-odds; below it, {second.name} does. Click a point to see the clip.",
        how="Axes: log-odds of the true class, ln(p / (1 − p)). Raw logits of two models are not "
        "comparable, log-odds are. The vertical distance from the line is the gain, the first "
        "log-odds minus the second; the table is sorted by it.",
        figure=plots.clips(
            odds,
            outcomes(answers, *ids),
            [answers.classes[label] for label in answers.labels],
            names,
        ),
        says=describe_clips(answers, *ids, names),
        table=clip_table(answers, *ids, names),
    )
