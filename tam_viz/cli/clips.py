"""`tam-viz clips`: MotionPairs as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tam_viz.cli.output import say, writable
from tam_viz.cli.progress import bars


def clips(
    out: Annotated[Path, typer.Option(help="Folder for the videos and labels.csv.")],
    count: Annotated[int, typer.Option(min=1, help="Number of clips.")] = 32,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the set.")] = 7,
    size: Annotated[int, typer.Option(min=32, max=1024, help="Side in pixels; even.")] = 128,
) -> None:
    """Write MotionPairs clips as mp4 with their labels."""
    from tam_viz.motionpairs.write import write_clips

    writable(out)
    with bars() as bar:
        for _ in bar.track(
            write_clips(out, count, seed, size=size), total=count, description="clips"
        ):
            pass
    say(f"wrote {count} clips and labels.csv to {out}")
