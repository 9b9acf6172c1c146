"""Panels of a scan, for the page of failures and for the report alike."""

from __future__ import annotations

from tam_viz.panels.bench import failures as panels
from tam_viz.panels.panel import Panel
from tam_viz.scan import explore
from tam_viz.scan.census import describe_protocol
from tam_viz.scan.filters import Filter
from tam_viz.scan.opened import Scan


def name_of(scan: Scan, key: str) -> str:
    """What to call a network of a scan: its id, and its protocol where it was scanned by several.

    A key that the scan does not have is its own name.
    """
    network = scan.networks.get(key)
    if network is None:
        return key
    several = sum(scanned.id == network.id for scanned in scan.networks.values()) > 1
    return f"{network.id}: {describe_protocol(network.spec)}" if several else network.id


def names_of_two(scan: Scan, first: str, second: str) -> tuple[str, str]:
    """What to call two networks beside each other: protocols of one network by themselves."""
    first_network, second_network = scan.networks[first], scan.networks[second]
    if first_network.id == second_network.id and first_network.spec != second_network.spec:
        return describe_protocol(first_network.spec), describe_protocol(second_network.spec)
    return name_of(scan, first), name_of(scan, second)


def accuracy_panel(scan: Scan, network: str, other: str, filtered: Filter, by: str) -> Panel | None:
    """Accuracy by the values of a column, for one network or two; None where there are no clips."""
    everything = filtered.whatever_is_answered()
    names = names_of_two(scan, network, other) if other else (name_of(scan, network),)
    tables = {
        name: explore.accuracy(scan, key, everything, by)
        for name, key in zip(names, (network, other), strict=False)
    }
    if tables[names[0]].empty:
        return None
    return panels.accuracy(tables, by)


def confusion_panel(scan: Scan, network: str, filtered: Filter) -> Panel | None:
    """The confusion matrix of a network; None where there are no clips."""
    matrix = explore.confusion(scan, network, filtered.whatever_is_answered())
    return panels.confusion(matrix, name_of(scan, network)) if matrix.classes else None


def changes_panel(scan: Scan, first: str, second: str, filtered: Filter, by: str) -> Panel | None:
    """What changes from one network or protocol to another; None where there are no clips."""
    everything = filtered.whatever_is_answered()
    table = explore.changes_by(scan, first, second, everything, by)
    if table.empty:
        return None
    return panels.changes(
        table,
        explore.changes(scan, first, second, everything),
        by,
        *names_of_two(scan, first, second),
        protocols=scan.networks[first].id == scan.networks[second].id,
    )
