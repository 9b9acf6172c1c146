"""`tam-viz dataset`: what a dataset holds, and what networks would be given of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tam_viz.cli.output import say
from tam_viz.cli.progress import with_bars
from tam_viz.types import result_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tam_viz.scan.dataset import Dataset
    from tam_viz.scan.network import Network

Data = Annotated[
    str,
    typer.Argument(
        help="A folder of class folders, a list (.txt), a table (.csv), Something-Something's "
        ".json, motionpairs:SPLIT:SEED:COUNT, or gallery. "
        "Files may be at any address that fsspec opens (s3://…)."
    ),
]
Root = Annotated[
    str | None,
    typer.Option(help="Folder or address that paths in a list are below. Default: the list's."),
]
Classes = Annotated[
    str | None, typer.Option(help="Names of the classes that a list numbers, one a line.")
]
Mapped = Annotated[
    Path | None,
    typer.Option("--map", help="Table with the columns label and class, where names differ."),
]
Models = Annotated[
    list[str] | None, typer.Option("--model", help="Id of a network; may be given several times.")
]


def dataset(
    data: Data,
    root: Root = None,
    classes: Classes = None,
    model: Models = None,
    mapped: Mapped = None,
    limit: Annotated[
        int, typer.Option(min=0, help="Clips to open for their lengths, evenly spread; 0 for all.")
    ] = 200,
) -> None:
    """Say what a dataset holds, and what networks would be given of it."""
    from tam_viz.scan.census import lengths
    from tam_viz.scan.formats import open_dataset

    opened = open_dataset(data, root=root, classes=classes)
    say_dataset(opened)
    for network in networks_of(opened, model or [], "single", None, None, mapped, traces=False):
        say_network(opened, network)
    census = result_of(with_bars(lengths(opened, limit), "Opening clips"))
    say(census.sentence)
    for path, reason in census.unreadable:
        say(f"  {path}: {reason}")
    if census.failed > len(census.unreadable):
        say(f"  and {census.failed - len(census.unreadable):,} more")


def networks_of(
    dataset: Dataset,
    names: Sequence[str],
    protocol: Literal["single", "published"],
    views: int | None,
    sampling: Literal["uniform", "dense"] | None,
    mapped: Path | None,
    *,
    traces: bool,
) -> list[Network]:
    """Networks under a protocol, their classes matched with the labels of a dataset.

    Raises:
        UserError: There is no such network, or the table of labels and classes does not fit.
    """
    from tam_viz.models import cards
    from tam_viz.scan.classes import read_map
    from tam_viz.scan.network import network_of

    given = {} if mapped is None else read_map(mapped)
    networks = []
    for name in names:
        folder = cards.find(name)
        card = cards.read_card(folder)
        networks.append(
            network_of(
                card,
                dataset,
                protocol,
                views=views,
                sampling=sampling,
                traces=traces,
                given=given,
                folder=None if card.id == name else folder,
            )
        )
    return networks


def say_dataset(dataset: Dataset) -> None:
    """Says what a dataset holds."""
    from tam_viz.scan.census import describe

    say(describe(dataset))


def say_network(dataset: Dataset, network: Network) -> None:
    """Says what a network is given of a dataset."""
    from tam_viz.scan.census import describe_network

    say(describe_network(dataset, network))
