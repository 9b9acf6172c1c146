"""What several networks predict for one clip, grouped by prediction."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tam_viz.analysis.formatting import counted
from tam_viz.types import Run

_VERDICTS = {True: " (correct)", False: " (incorrect)"}


def answer_table(
    runs: Mapping[str, Run], families: Mapping[str, str], truth: str | None
) -> pd.DataFrame:
    """What each network predicts for a clip, grouped by prediction, the most frequent one first.

    Args:
        runs: By the name of the network.
        families: What each network does with time.
        truth: The true class, where it is known.
    """
    rows = []
    for name, run in runs.items():
        says, probability = run.prediction.top(1)[0]
        row: dict[str, str | float | bool] = {
            "predicts": says,
            "network": name,
            "probability": round(probability, 4),
            "what it does with time": families[name],
        }
        if truth in run.prediction.classes:
            row["correct"] = says == truth
            own = run.prediction.classes.index(truth)
            row["probability of the true class"] = round(
                float(run.prediction.probabilities[own]), 4
            )
        rows.append(row)
    table = pd.DataFrame(rows)
    often = table["predicts"].map(table["predicts"].value_counts())
    ordered = table.assign(often=often).sort_values(
        ["often", "predicts", "probability"], ascending=[False, True, False]
    )
    return ordered.drop(columns="often").set_index("predicts")


def describe_answers(table: pd.DataFrame, truth: str | None) -> str:
    """Who predicts what, the most frequent prediction first."""
    groups = {str(says): list(rows["network"]) for says, rows in table.groupby(level=0, sort=False)}
    parts = []
    for says, networks in groups.items():
        verdict = "" if "correct" not in table else _VERDICTS[says == truth]
        parts.append(f"'{says}'{verdict}: {', '.join(networks)}")
    known = "" if truth is None else f" True class: '{truth}'."
    verb = "makes" if len(table) == 1 else "make"
    many = f"{counted(len(table), 'network')} {verb} {counted(len(groups), 'prediction')}. "
    return f"{many}{'; '.join(parts)}.{known}"
