"""Shared by the commands: printing, the device option, folders for results."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tam_viz.literal import in_terminal
from tam_viz.types import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from tam_viz.types import Audit, Card

CONSOLE = Console()
Device = Literal["auto", "cpu", "cuda", "mps"]
DeviceOption = Annotated[Device, typer.Option(help="Where to compute.")]


def writable(folder: Path) -> Path:
    """Makes a folder for results before anything is computed.

    Raises:
        UserError: It cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"Nothing can be written to the folder '{folder}' ({error.strerror}); choose another."
        ) from error
    return folder


def say(text: str, *, err: bool = False) -> None:
    """Prints a sentence, names in it letter for letter."""
    typer.echo(in_terminal(text), err=err)


def print_rows(rows: pd.DataFrame) -> None:
    """Prints a table."""
    table = Table(*rows.columns)
    for row in rows.itertuples(index=False):
        table.add_row(*map(cell, row))
    CONSOLE.print(table)


def cell(value: object) -> Text:
    """A value in a table, letter for letter; a dash where there is none."""
    if isinstance(value, float):
        return Text("–" if math.isnan(value) else f"{value:.2g}")
    return Text("–" if value is None else in_terminal(str(value)))


def say_notices(notices: Sequence[str]) -> None:
    """Prints what to know of a new network; warnings of its audit stand out."""
    from tam_viz.analysis.clip.audit_words import is_alarm

    for notice in notices:
        alarm, text = is_alarm(notice), in_terminal(notice)
        typer.secho(text, fg=typer.colors.YELLOW if alarm else None, bold=alarm or None)


def say_audit(card: Card, audit: Audit) -> None:
    """Prints an audit; warnings stand out."""
    from tam_viz.analysis.clip.audit_words import facts, warnings

    for warning in warnings(audit, card.temporal):
        typer.secho(in_terminal(f"{card.id}: {warning}"), fg=typer.colors.YELLOW, bold=True)
    for fact in facts(audit):
        say(f"{card.id}: {fact}")
