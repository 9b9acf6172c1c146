"""`tam-viz app`: the app in the browser."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from tam_viz import shipped


def app(
    options: Annotated[
        list[str] | None,
        typer.Argument(
            help="Options of `streamlit run`, such as --server.port=8502 or "
            "--server.address=0.0.0.0.",
        ),
    ] = None,
) -> None:
    """Start the app; it opens in the browser. Ctrl+C ends it."""
    command = [sys.executable, "-m", "streamlit", "run", str(shipped.APP), *(options or ())]
    if os.name == "posix":
        os.execv(sys.executable, command)  # signals reach the server itself
    raise typer.Exit(subprocess.call(command))
