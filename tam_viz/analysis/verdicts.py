"""What several networks say of one clip, grouped by answer."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tam_viz.types import Run


def answer_table(
    runs: Mapping[str, Run], families: Mapping[str, str], truth: str | None
) -> pd.DataFrame:
    """What each network says of a clip, grouped by answer, the most frequent one first.

    Args:
        runs: By the name of the network.
        families: What each network does with time.
        truth: The true class, where it is known.
    """
    rows = []
    for name, run in runs.items():
        says, probability = run.prediction.top(1)[0]
        row: dict[str, str | float | bool] = {
            "says": says,
            "network": name,
            "probability": round(probability, 4),
            "what it does with time": families[name],
        }
        if truth in run.prediction.classes:
            row["right"] = says == truth
            own = run.prediction.classes.index(truth)
            row["probability of the true class"] = round(
                float(run.prediction.probabilities[own]), 4
            )
        rows.append(row)
    table = pd.DataFrame(rows)
    often = table["says"].map(table["says"].value_counts())
    ordered = table.assign(often=often).sort_values(
        ["often", "says", "probability"], ascending=[False, True, False]
    )
    return ordered.drop(columns="often").set_index("says")


def describe_answers(table: pd.DataFrame, truth: str | None) -> str:
    """Who says what, the most frequent answer first."""
    groups = {str(says): list(rows["network"]) for says, rows in table.groupby(level=0, sort=False)}
    said = []
    for says, networks in groups.items():
        verdict = "" if "right" not in table else " (right)" if says == truth else " (wrong)"
        said.append(f"'{says}'{verdict}: {', '.join(networks)}")
    known = "" if truth is None else f" It is '{truth}'."
    many = f"{len(table)} networks give {len(groups)} answer{'' if len(groups) == 1 else 's'}. "
    return f"{many}{'; '.join(said)}.{known}"
