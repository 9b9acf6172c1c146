"""`tam-viz report`: the page of failures as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tam_viz.cli.output import say
from tam_viz.types import UserError


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
