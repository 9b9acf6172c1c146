"""The command line: `tam-viz`, or `python -m tam_viz`.

Each command imports what it needs when it runs, so that help and mistakes answer at once.
"""

from __future__ import annotations

import sys

import typer

from tam_viz.cli import (
    analyze,
    clips,
    dataset,
    evaluate,
    finding,
    models,
    probe,
    scan,
    scan_report,
    serve,
    train,
    weights,
)
from tam_viz.literal import in_terminal
from tam_viz.types import UserError

app = typer.Typer(
    help="See what every Temporal Adaptive Module of a video network decided on a clip.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command(context_settings={"ignore_unknown_options": True})(serve.app)
app.command()(analyze.analyze)
app.command("open")(finding.open_)
app.command()(models.models)
app.command()(weights.download)
app.command("import")(weights.import_)
app.command()(models.audit)
app.command()(dataset.dataset)
app.command()(scan.scan)
app.command()(scan_report.report)
app.command()(clips.clips)
app.command()(train.train)
app.command()(evaluate.evaluate)
app.command()(probe.probe)
app.command()(models.showcase)


def main() -> None:
    """Runs the command line; a `UserError` becomes a sentence and exit code 2."""
    try:
        app()
    except UserError as error:
        typer.secho(in_terminal(str(error)), err=True, fg=typer.colors.RED)
        sys.exit(2)
