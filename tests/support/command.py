"""The command line as a person meets it: an exit code and what was printed."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import typer
from typer.core import TyperCommand

from tam_viz.cli.app import main


@dataclass(frozen=True)
class Done:
    """What a command came to.

    Attributes:
        returncode: 0, 1 where numbers differ, 2 where the command was refused.
        stdout: What it printed.
        stderr: Its complaints.
    """

    returncode: int
    stdout: str
    stderr: str


def tam_viz(*arguments: str | Path) -> Done:
    """Runs a command in this process, which has torch loaded; a bug is raised, not printed."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        mock.patch.object(sys, "argv", ["tam-viz", *map(str, arguments)]),
        mock.patch.object(TyperCommand, "context_class", typer.Context),  # as it is annotated
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int), code
    return Done(code, out.getvalue(), err.getvalue())


def in_a_process(*arguments: str | Path) -> Done:
    """Runs a command as a shell does."""
    command = [sys.executable, "-m", "tam_viz", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def refused(done: Done) -> str:
    """The sentence with which a command was refused."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr
