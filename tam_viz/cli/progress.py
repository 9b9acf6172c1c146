"""Bars for what takes long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from tam_viz.literal import in_terminal

T = TypeVar("T")


def bars() -> Progress:
    """Bars that count steps."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


@contextmanager
def doing(text: str) -> Iterator[None]:
    """Says what is going on while it goes on, where a person can see it."""
    with Console(stderr=True).status(escape(in_terminal(text))):
        yield


def last_of(steps: Iterator[tuple[int, int, T | None]], label: str) -> T | None:
    """The last result of a computation, with a bar while it runs; None if it has no steps."""
    last: T | None = None
    with bars() as bar:
        task = bar.add_task(label, total=None)
        for done, total, result in steps:
            bar.update(task, completed=done, total=total)
            last = result if result is not None else last
    return last


def download_bar() -> Progress:
    """A bar that counts bytes."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
