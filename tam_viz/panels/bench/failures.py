"""The panels of the page of failures."""

from __future__ import annotations

import pandas as pd

from tam_viz.analysis.bench.confusion import Confusion, describe_confusion
from tam_viz.analysis.bench.paired import Changes, describe_changes, net_change
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
        says += f" The picture shows the {MOST_ROWS} lowest of {len(first):,}; the table lists all."
    return Panel(
        title=f"Accuracy by {by}",
        see=(
            "Each dot is the top-1 accuracy of a group of clips with its 95% interval (Wilson). "
            "Dotted: over all of them. Groups whose interval misses that line deserve a closer "
            "look."
        ),
        figure=plots.accuracy(drawn, whole, by),
        says=says,
        table=pd.concat(tables, axis=1) if len(tables) > 1 else first,
    )


def changes(
    table: pd.DataFrame, counted: Changes, by: str, first: str, second: str, *, protocols: bool
) -> Panel:
    """Changes on the same clips from one network to another, or between two protocols.

    Args:
        table: `clips`, `fixed`, `broken`, `net`, `low` and `high` by the values of a column.
        counted: The same over all clips.
        by: The column.
        first: Network or protocol that the change begins at, in words.
        second: The one that it leads to.
        protocols: Whether both are protocols of one network.
    """
    whole = net_change(counted.fixed, counted.broken, counted.clips)[0]
    order = (table["fixed"] + table["broken"]) / table["clips"]
    shown = table
    says = f"From {first} to {second}: {describe_changes(counted)}"
    if len(table) > MOST_ROWS:
        shown = table.loc[order.sort_values(ascending=False, kind="stable").index[:MOST_ROWS]]
        says += f" The picture shows the {MOST_ROWS} values with most changes of {len(table):,}."
    what = "the protocol" if protocols else "the network"
    return Panel(
        title=f"What changes with {what}, by {by}",
        see=(
            "Bars to the right: clips that become right; to the left: clips that become wrong. The "
            "diamond is the difference: the change in accuracy. Dotted: over all clips."
        ),
        figure=plots.changes(shown, whole, by, second),
        says=says,
        table=table,
        how=(
            "Both sets of predictions are for the same clips, so the interval is a paired one "
            "(Agresti and Min, 2005). If it contains zero, chance alone may explain the "
            "difference."
        ),
    )


def confusion(counted: Confusion, name: str) -> Panel:
    """Which class a network takes for which, for paper.

    Args:
        counted: The matrix.
        name: Of the network.
    """
    return Panel(
        title=f"Which classes {name} confuses",
        see=(
            "Rows are true classes, columns predictions; the stronger the colour of a cell, the "
            "larger its share of the row. Classes that are often confused stand next to each "
            "other."
        ),
        figure=plots.confusion_map(counted),
        says=describe_confusion(counted),
        table=pd.DataFrame(
            counted.counts, index=list(counted.classes), columns=list(counted.classes)
        ),
    )


def networks(table: pd.DataFrame) -> Panel:
    """Top-1 of all networks of a scan.

    Args:
        table: `clips`, `right`, `top1`, `low` and `high` by network.
    """
    best = int(table["top1"].to_numpy().argmax())
    row = table.iloc[best]
    return Panel(
        title="All networks",
        see="Top-1 accuracy with its 95% interval (Wilson), each over the clips that it answered.",
        figure=plots.networks(table),
        says=(
            f"{table.index[best]} is right most often: on {row['top1']:.1%} of "
            f"{int(row['clips']):,} clips."
        ),
        table=table,
    )
