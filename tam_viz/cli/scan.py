"""`tam-viz scan`: networks over all of a dataset."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from tam_viz.cli.dataset import (
    Classes,
    Mapped,
    Models,
    Root,
    networks_of,
    say_dataset,
    say_network,
)
from tam_viz.cli.output import CONSOLE, DeviceOption, cell, say
from tam_viz.cli.progress import bars
from tam_viz.types import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tam_viz.cli.output import Device
    from tam_viz.scan.dataset import Dataset
    from tam_viz.scan.network import Network
    from tam_viz.scan.store import Address

_ON_A_GPU = 4
"""Processes that share a GPU: enough that it seldom waits for frames."""


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
    opened = open_dataset(data, root=root, classes=classes)
    say_dataset(opened)
    networks = networks_of(opened, model, protocol, views, sampling, mapped, traces=traces)
    for network in networks:
        say_network(opened, network)
    _say_versions(run)
    _scan(opened, networks, run, workers, device, engine, gpu_share)
    _say_status(out)


def _scan(
    dataset: Dataset,
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
        dataset,
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


def _say_versions(run: Address) -> None:
    """Says where a scan goes on with other libraries than it was begun with."""
    from tam_viz.scan.manifest import changed_versions

    if changed := changed_versions(run):
        say(
            f"The scan was begun with {changed}; with other versions the last digits of its "
            f"numbers may differ."
        )


def _say_status(run: str) -> None:
    from tam_viz.scan.opened import open_scan
    from tam_viz.scan.progress import describe_pace, pace, status
    from tam_viz.scan.scan import at_work
    from tam_viz.scan.store import is_local
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
    noted = pace(opened.folder)
    if noted is not None and (at_work(opened.folder) or not is_local(opened.folder)):
        say(describe_pace(noted))
    for warning in measured.warnings:
        say(warning)
