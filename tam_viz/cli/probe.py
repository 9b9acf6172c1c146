"""`tam-viz probe`: whether a TANet adapts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tam_viz.cli.output import DeviceOption, say, writable
from tam_viz.cli.progress import with_bars
from tam_viz.types import result_of

if TYPE_CHECKING:
    pass


def probe(
    model: Annotated[str, typer.Argument(help="A TANet trained on MotionPairs.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for adaptation.json, ADAPTATION.md and probes.npz."),
    ] = None,
    device: DeviceOption = "auto",
) -> None:
    """Find out whether a TANet adapts: what Θ and V say of a clip, and what edits of them cost."""
    from tam_viz.experiments.studies.adaptation import measure, write
    from tam_viz.models import cards
    from tam_viz.models.engine import load

    loaded = load(model, device)
    folder = writable(out or cards.find(model))
    write(folder, result_of(with_bars(measure(loaded))))
    say(f"wrote adaptation.json, ADAPTATION.md and probes.npz to {folder}")
