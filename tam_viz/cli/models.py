"""`tam-viz models`, `audit` and `showcase`: the networks that are there."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Column, Table

from tam_viz.cli.output import CONSOLE, DeviceOption, cell, say, say_audit
from tam_viz.cli.progress import with_bars
from tam_viz.types import result_of


def models() -> None:
    """List the checkpoints that are there."""
    from tam_viz.models import cards

    table = Table(Column("id", no_wrap=True), "module", "classes", "input", "top-1", "folder")
    known, problems = cards.read_all()
    for name, card in known.items():
        measured = card.metric("top1")
        top1 = "not measured" if measured is None else f"{measured:.3f}"
        spec = card.input
        size = f"{spec.frames} frames, {spec.size} px, {spec.sampling}"
        row = (name, card.temporal, len(card.classes), size, top1, cards.find(name))
        table.add_row(*map(cell, row))
    CONSOLE.print(table)
    for problem in problems:
        say(problem, err=True)


def audit(
    model: Annotated[list[str], typer.Argument(help="Checkpoint ids or folders; or all.")],
    device: DeviceOption = "auto",
) -> None:
    """Check networks as a whole: do they see the order of frames, do V and Θ depend on the clip?"""
    from tam_viz.experiments.studies.audit import audit_folder
    from tam_viz.models import cards
    from tam_viz.models.engine import load

    names = [*cards.read_all()[0]] if model == ["all"] else [*dict.fromkeys(model)]
    for name in names:
        loaded = load(name, device)
        folder = cards.find(name)
        steps = audit_folder(loaded, folder)
        say_audit(loaded.card, result_of(with_bars(steps, f"auditing {loaded.card.id}")))


def showcase(
    model: Annotated[str, typer.Argument(help="A TANet trained on MotionPairs.")],
) -> None:
    """Choose the clip, block and channel that the app first shows of a network, by measuring it."""
    from tam_viz.analysis.clip.specimen import SPECIMEN, write_specimen
    from tam_viz.experiments.studies.specimen import choose_specimen
    from tam_viz.models import cards
    from tam_viz.models.engine import load
    from tam_viz.video.library import GALLERY, read_folder

    folder = cards.find(model)
    specimen = choose_specimen(load(model), read_folder(GALLERY))
    write_specimen(folder, specimen)
    merits = specimen.merits
    say(
        f"{specimen.clip}, channel {specimen.channel} of {specimen.block}: the second tap weighs "
        f"{merits.second_tap:.2f}, played backwards {merits.moved:.0%} of the kernel's weight "
        f"moves, the correlation with the object is {merits.on_object:.2f}, and inside the event V "
        f"varies by {merits.event:.2f} more than with one frame repeated. Wrote "
        f"{folder / SPECIMEN}."
    )
