"""Progress bars."""

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
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from tam_viz.literal import in_terminal
from tam_viz.types import Steps

T = TypeVar("T")


def bars() -> Progress:
    """Progress bars that count steps."""
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
    """Shows a text and a spinner while something runs."""
    with Console(stderr=True).status(escape(in_terminal(text))):
        yield


def with_bars(steps: Steps[T], label: str = "") -> Steps[T]:
    """The same steps, with a bar for each part of the computation while they are taken.

    Args:
        steps: The computation.
        label: Of the parts that have none.
    """
    with bars() as bar:
        tasks: dict[str, TaskID] = {}
        for step in steps:
            name = step.label or label
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=step.total)
            bar.update(tasks[name], completed=step.done, total=step.total)
            yield step


def download_bar() -> Progress:
    """A progress bar that counts bytes."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
