"""`tam-viz dataset` and `tam-viz scan`: what a dataset holds, and networks over all of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from tam_viz.cli.output import CONSOLE, DeviceOption, cell, say
from tam_viz.cli.progress import bars, with_bars
from tam_viz.types import UserError, result_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tam_viz.cli.output import Device
    from tam_viz.scan.dataset import Dataset
    from tam_viz.scan.folder import Network
    from tam_viz.scan.store import Address

_ON_A_GPU = 4
"""Processes that share a GPU: enough that it seldom waits for frames."""
Data = Annotated[
    str,
    typer.Argument(
        help="A folder of class folders, a list (.txt), a table (.csv), Something-Something's "
        ".json, motionpairs:SPLIT:SEED:COUNT, or gallery."
    ),
]
Root = Annotated[
    Path | None, typer.Option(help="Folder that paths in a list are below. Default: the list's.")
]
Classes = Annotated[
    Path | None, typer.Option(help="Names of the classes that a list numbers, one a line.")
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

    found = open_dataset(data, root=root, classes=classes)
    _say_dataset(found)
    for network in _networks(found, model or [], "single", None, None, mapped, traces=False):
        _say_network(found, network)
    census = result_of(with_bars(lengths(found, limit), "Opening clips"))
    say(census.sentence)
    for path, reason in census.unreadable:
        say(f"  {path}: {reason}")


def scan(
    data: Annotated[str | None, typer.Argument(help="The dataset; see `tam-viz dataset`.")] = None,
    model: Models = None,
    out: Annotated[
        str | None,
        typer.Option(help="Folder of the scan, or an address that fsspec knows (s3://…)."),
    ] = None,
    status: Annotated[
        str | None, typer.Option(help="Only say how far the scan in this folder is.")
    ] = None,
    protocol: Annotated[
        Literal["single", "published"],
        typer.Option(help="One view a clip, or the views of each network's published test."),
    ] = "single",
    views: Annotated[
        int | None, typer.Option(min=1, help="Another number of positions in time.")
    ] = None,
    sampling: Annotated[
        Literal["uniform", "dense"] | None,
        typer.Option(help="Another way of choosing frames: over the whole clip, or a window."),
    ] = None,
    traces: Annotated[
        bool, typer.Option("--traces", help="Keep V and Θ of every clip (83 kB for a TANet-50).")
    ] = False,
    root: Root = None,
    classes: Classes = None,
    mapped: Mapped = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes. Default: one for each core, on a GPU at most four."),
    ] = None,
    device: DeviceOption = "auto",
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(help="Processes of this machine, or a Ray cluster (`tam-viz[ray]`)."),
    ] = "local",
    gpu_share: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of a GPU for each process of Ray. Default: even."),
    ] = None,
) -> None:
    """Run networks over a whole dataset; a scan that was stopped goes on."""
    if status is not None:
        _refuse(data=data, model=model, out=out)
        _say_status(status)
        return
    if data is None or out is None or not model:
        raise UserError(
            "A scan needs a dataset, at least one --model and a folder: "
            "`tam-viz scan DATA --model ID --out RUN`."
        )
    if gpu_share is not None and engine == "local":
        raise UserError("--gpu-share is for --engine ray; processes of one machine share its GPU.")
    from tam_viz.scan.formats import open_dataset
    from tam_viz.scan.store import address

    run = address(out)
    found = open_dataset(data, root=root, classes=classes)
    _say_dataset(found)
    networks = _networks(found, model, protocol, views, sampling, mapped, traces=traces)
    for network in networks:
        _say_network(found, network)
    _say_versions(run)
    _scan(found, networks, run, workers, device, engine, gpu_share)
    _say_status(out)


def report(
    run: Annotated[str, typer.Argument(help="Folder of a scan, or its address.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the report. Default: `report` in the scan's.")
    ] = None,
    network: Annotated[
        list[str] | None,
        typer.Option(help="Name of a network in the scan; several may be given. Default: all."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Column by which accuracy is shown; several may be given."),
    ] = None,
    filtered: Annotated[
        str, typer.Option("--filter", help="A filter saved with a scan, by its name.")
    ] = "",
    where: Annotated[
        str, typer.Option(help="A filter as it stands in the page's address after `where=`.")
    ] = "",
    pictures: Annotated[
        int, typer.Option(min=0, help="Clips for each network whose frames are shown.")
    ] = 12,
) -> None:
    """Write what the page of failures shows of a scan: one HTML page, and tables."""
    from tam_viz.reports.scan_report import write_report
    from tam_viz.scan.filters import chosen
    from tam_viz.scan.opened import open_scan

    scanned = open_scan(run)
    if out is None and not isinstance(scanned.folder, Path):
        raise UserError("A scan that is not on this machine needs a folder for its report: --out.")
    folder = out or Path(str(scanned.folder)) / "report"
    files = write_report(
        scanned,
        folder,
        networks=network or (),
        by=by or ("label",),
        filtered=chosen(scanned, filtered, where),
        pictures=pictures,
    )
    say(f"{files[0]}, and {len(files) - 1} tables beside it.")


def _scan(
    found: Dataset,
    networks: Sequence[Network],
    run: Address,
    workers: int | None,
    device: Device,
    engine: Literal["local", "ray"],
    gpu_share: float | None,
) -> None:
    """Scans, with a bar that counts clips through networks."""
    from tam_viz.models.engine import pick_device
    from tam_viz.scan.scan import scan as run_scan

    if workers is None and engine == "local":
        cores = os.cpu_count() or 1
        workers = cores if pick_device(device).type == "cpu" else min(cores, _ON_A_GPU)
    steps = run_scan(
        found,
        networks,
        run,
        workers=workers or 0,
        device=device,
        engine=engine,
        gpus=gpu_share,
    )
    with bars() as bar:
        first = next(steps)
        task = bar.add_task("Scanning", total=first.all_clips, completed=first.before)
        for step in steps:
            text = f"Scanning, {step.rate:.1f} clips/s" if step.clips else "Scanning"
            bar.update(task, completed=step.done, description=text)


def _refuse(**given: object) -> None:
    """Refuses what would be ignored beside --status."""
    named = [name for name, value in given.items() if value]
    if named:
        raise UserError(f"--status only looks at a scan; leave out {' and '.join(named)}.")


def _networks(
    found: Dataset,
    names: Sequence[str],
    protocol: Literal["single", "published"],
    views: int | None,
    sampling: Literal["uniform", "dense"] | None,
    mapped: Path | None,
    *,
    traces: bool,
) -> list[Network]:
    from tam_viz.models import cards
    from tam_viz.scan.classes import read_map
    from tam_viz.scan.folder import network_of

    given = {} if mapped is None else read_map(mapped)
    networks = []
    for name in names:
        folder = cards.find(name)
        card = cards.read_card(folder)
        networks.append(
            network_of(
                card,
                found,
                protocol,
                views=views,
                sampling=sampling,
                traces=traces,
                given=given,
                folder=None if card.id == name else folder,
            )
        )
    return networks


def _say_dataset(found: Dataset) -> None:
    from tam_viz.scan.census import describe

    say(describe(found))


def _say_network(found: Dataset, network: Network) -> None:
    from tam_viz.scan.census import describe_network

    say(describe_network(found, network))


def _say_versions(run: Address) -> None:
    """Says where a scan goes on with other libraries than it was begun with."""
    from tam_viz.scan.folder import changed_versions

    if changed := changed_versions(run):
        say(
            f"The scan was begun with {changed}; with other versions the last digits of its "
            f"numbers may differ."
        )


def _say_status(run: str) -> None:
    from tam_viz.scan.opened import open_scan
    from tam_viz.scan.progress import status
    from tam_viz.scan.summary import scores

    table = Table("network", "clips", "of", "could not be read", "top-1", "of clips")
    opened = open_scan(run)
    measured = scores(opened)
    for state in status(opened.folder):
        top1, known = measured.rates.get(state.network, (float("nan"), 0))
        shown = "–" if known == 0 else f"{top1:.1%}"
        table.add_row(
            cell(state.network),
            f"{state.clips:,}",
            f"{state.of:,}",
            f"{state.failed:,}",
            shown,
            f"{known:,}",
        )
    CONSOLE.print(table)
    for warning in measured.warnings:
        say(warning)
