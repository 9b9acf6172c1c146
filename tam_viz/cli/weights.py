"""`tam-viz import` and `tam-viz download`: published weights become checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tam_viz.cli.output import say, say_notices, writable
from tam_viz.cli.progress import download_bar
from tam_viz.models.published import families
from tam_viz.types import UserError

LabelsOption = Annotated[
    Path | None,
    typer.Option(help="Class names: one a line, with numbers, CSV with a header, or JSON."),
]
IntoOption = Annotated[
    Path | None,
    typer.Option(
        help="Folder of checkpoints; name it in TAM_VIZ_CHECKPOINTS too. Default: the "
        "program's own."
    ),
]


def import_(
    file: Annotated[
        Path,
        typer.Argument(help=f"Weights of {families.names()}."),
    ],
    name: Annotated[str, typer.Option(help="Id of the checkpoint to make.")],
    labels: LabelsOption = None,
    label_order: Annotated[
        Literal["file", "sorted"],
        typer.Option(
            help="Something-Something V1: `sorted` as the authors of TSM and TAM number it, "
            "`file` as mmaction2."
        ),
    ] = "file",
    frames: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Frames per clip, where the weights do not say."),
    ] = None,
    attention: Annotated[
        Literal["embedded-gaussian", "dot-product"] | None,
        typer.Option(help="Form of non-local attention, which the weights do not say."),
    ] = None,
    sampling: Annotated[
        Literal["uniform", "dense", "interval"] | None, typer.Option(help="How frames are chosen.")
    ] = None,
    shift: Annotated[
        Literal["none", "residual", "block"] | None,
        typer.Option(
            help="Position of TSM's shift, for weights under plain names: it has no weights."
        ),
    ] = None,
    part: Annotated[
        str,
        typer.Option(
            help="Which network of a file with several: `ema`, `raw`, or the names that lead to "
            "it. Default: averaged weights before raw ones."
        ),
    ] = "",
    into: IntoOption = None,
) -> None:
    """Make a checkpoint of a file of published weights; nothing in it is run."""
    from tam_viz.experiments.import_options import ImportOptions
    from tam_viz.experiments.importing import import_weights
    from tam_viz.models import cards
    from tam_viz.models.published.nets import Form

    if labels is None and label_order == "sorted":
        raise UserError("--label-order sorted numbers the names of --labels FILE; give both.")
    form = None if attention is None else Form[attention.replace("-", "_").upper()]
    root = writable(into or cards.NEW)
    options = ImportOptions(labels, label_order, frames, form, sampling, shift=shift, part=part)
    card, notices = import_weights(file, name, root, options)
    say_notices(notices)
    say(
        f"{card.id}: {card.temporal}, {card.input.frames} frames, {len(card.classes)} classes, "
        f"in {root / card.id}"
    )


def download(
    name: Annotated[
        str | None, typer.Argument(help="Id in the catalogue. Default: list what there is.")
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Class names of Something-Something, which may not be passed on."),
    ] = None,
    into: IntoOption = None,
) -> None:
    """Fetch published weights, check them and make a checkpoint of them."""
    from tam_viz.experiments.import_options import from_catalogue
    from tam_viz.experiments.importing import import_weights
    from tam_viz.models import cards
    from tam_viz.models.published.catalogue import offer, offers
    from tam_viz.models.published.fetch import fetch
    from tam_viz.motionpairs.pool import cache_folder

    if name is None:
        if labels is not None or into is not None:
            raise UserError("--labels and --into go with the id of weights; name one.")
        for listed in offers().values():
            where = "" if listed.address else "  (by browser)"
            say(f"{listed.id}: {listed.network}, {listed.data}, {listed.top1:.1f}%{where}")
        return
    chosen = offer(name)
    if not chosen.address:
        raise UserError(
            f"Only a browser can fetch {chosen.id}: get '{chosen.file}' from {chosen.page}, then "
            f"run `tam-viz import FILE --name {chosen.id}`."
        )
    root = writable(into or cards.NEW)
    path = None
    with download_bar() as bar:
        task = bar.add_task(f"fetching {chosen.id}", total=None)
        for state in fetch(chosen.address, cache_folder() / "downloads", chosen.sha256):
            bar.update(task, completed=state.done, total=state.total)
            path = state.path or path
    if path is None:
        raise TypeError(f"{chosen.address} was fetched but cannot be found")
    if not chosen.sha256:
        say("No hash of this file was published; only its own checksums are checked.")
    options, origin = from_catalogue(chosen, labels)
    card, notices = import_weights(path, chosen.id, root, options, origin)
    say_notices(notices)
    if chosen.note:
        say(f"Note: {chosen.note}.")
    path.unlink()
    say(f"{card.id}: in {root / card.id}; published top-1 {chosen.top1}%, {chosen.protocol}")
