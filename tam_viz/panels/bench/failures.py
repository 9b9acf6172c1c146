"""The panels of the page of failures."""

from __future__ import annotations

import pandas as pd

from tam_viz.panels.panel import Panel
from tam_viz.plots.bench import failures as plots

MOST_ROWS = 60
"""Values of a column that are drawn; of more, those with the lowest accuracy."""


def accuracy(tables: dict[str, pd.DataFrame], by: str) -> Panel:
    """Top-1 by the values of a column, for one or two networks.

    Args:
        tables: For each network, by its name, `clips`, `right`, `top1`, `low` and `high` by value.
        by: The column.
    """
    name, first = next(iter(tables.items()))
    whole = {key: float(t["right"].sum() / max(1, t["clips"].sum())) for key, t in tables.items()}
    shown = (
        first.sort_values("top1", kind="stable").head(MOST_ROWS)
        if len(first) > MOST_ROWS
        else first
    )
    drawn = {key: table.reindex(shown.index) for key, table in tables.items()}
    worst = first.sort_values("top1", kind="stable").head(1)
    says = (
        f"{name} is right on {whole[name]:.1%} of {int(first['clips'].sum()):,} clips; lowest for "
        f"'{worst.index[0]}' ({worst['top1'].iloc[0]:.1%} of {int(worst['clips'].iloc[0]):,})."
    )
    if len(first) > MOST_ROWS:
        says += f" Drawn are the {MOST_ROWS} lowest of {len(first):,}; the table has all."
    return Panel(
        title=f"Accuracy by {by}",
        see=(
            "Each dot is the top-1 accuracy of a group of clips with its 95% interval (Wilson). "
            "Dotted: over all of them. An interval that does not reach it is worth a look."
        ),
        figure=plots.accuracy(drawn, whole, by),
        says=says,
        table=pd.concat(tables, axis=1) if len(tables) > 1 else first,
    )
