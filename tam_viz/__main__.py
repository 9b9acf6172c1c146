"""The command line: `tam-viz`, or `python -m tam_viz`.

Each command imports what it needs when it runs, so that help and mistakes answer at once.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table

from tam_viz.types import UserError

if TYPE_CHECKING:
    from tam_viz.experiments.evaluate import Scores

app = typer.Typer(
    help="See what every Temporal Adaptive Module of a video network decided on a clip.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
CONSOLE = Console()
Device = Literal["auto", "cpu", "cuda", "mps"]
DeviceOption = Annotated[Device, typer.Option(help="Where to compute.")]


def _writable(folder: Path) -> Path:
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


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


@app.command()
def analyze(
    video: Annotated[Path, typer.Argument(help="A video file or a folder of images.")],
    out: Annotated[Path, typer.Option(help="Folder for run.json, trace.npz and report.html.")],
    model: Annotated[
        list[str] | None, typer.Option(help="Checkpoint id or folder; repeatable. Default: all.")
    ] = None,
    sampling: Annotated[
        Literal["uniform", "dense"] | None,
        typer.Option(help="How frames are chosen. Default: as each network was trained."),
    ] = None,
    device: DeviceOption = "auto",
) -> None:
    """Run a video through networks and write predictions, V, Θ and a report."""
    from tam_viz.experiments.compare import compare
    from tam_viz.experiments.records import write_records
    from tam_viz.experiments.reference import traces_beside
    from tam_viz.models import cards
    from tam_viz.models.engine import load
    from tam_viz.panels.report import html_report
    from tam_viz.panels.study import References, study_panels
    from tam_viz.video.clip import read_clip

    names = model or list(cards.read_all()[0])
    if not names:
        raise UserError(
            "There are no checkpoints; name a folder with --model or in TAM_VIZ_CHECKPOINTS."
        )
    models = [load(name, device) for name in names]
    if len({loaded.card.id for loaded in models}) < len(models):
        raise UserError("Two of the networks have the same id; name each once.")
    _writable(out)
    results, references = [], {}
    for loaded, clip, run in compare(models, lambda spec: read_clip(video, spec), sampling):
        results.append((loaded.card, clip, run))
        if run.trace is not None:
            references[loaded.card.id] = References(*traces_beside(loaded, clip))
    files = write_records(out, results)
    notices = list(dict.fromkeys(notice for _, clip, _ in results for notice in clip.notices))
    page = html_report(f"tam_viz: {video.name}", notices, study_panels(results, references))
    files.append(out / "report.html")
    files[-1].write_text(page, encoding="utf-8")
    for card, _, run in results:
        name, probability = run.prediction.top(1)[0]
        typer.echo(f"{card.id}: {name} ({probability:.2f}), {run.seconds:.3f} s")
    for notice in notices:
        typer.echo(notice)
    typer.echo("wrote " + ", ".join(str(file) for file in files))


@app.command()
def models() -> None:
    """List the checkpoints that are there."""
    from tam_viz.models import cards

    table = Table(Column("id", no_wrap=True), "module", "classes", "input", "top-1", "folder")
    found, problems = cards.read_all()
    for name, card in found.items():
        measured = card.metric("top1")
        top1 = "not measured" if measured is None else f"{measured:.3f}"
        spec = card.input
        size = f"{spec.frames} frames, {spec.size} px, {spec.sampling}"
        table.add_row(
            name, card.temporal, str(len(card.classes)), size, top1, str(cards.find(name))
        )
    CONSOLE.print(table)
    for problem in problems:
        typer.echo(problem, err=True)


@app.command()
def clips(
    out: Annotated[Path, typer.Option(help="Folder for the videos and labels.csv.")],
    count: Annotated[int, typer.Option(min=1, help="Number of clips.")] = 32,
    seed: Annotated[int, typer.Option(min=0, help="Of the set.")] = 7,
    size: Annotated[int, typer.Option(min=32, max=1024, help="Side in pixels; even.")] = 128,
) -> None:
    """Write MotionPairs clips as mp4 with their labels."""
    from tam_viz.motionpairs.write import write_clips

    _writable(out)
    with _bar() as bar:
        for _ in bar.track(
            write_clips(out, count, seed, size=size), total=count, description="clips"
        ):
            pass
    typer.echo(f"wrote {count} clips and labels.csv to {out}")


@app.command()
def train(
    module: Annotated[str, typer.Argument(help="Temporal module, such as tam, tsm or none.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the checkpoint; its name becomes the id.")
    ] = None,
    clips: Annotated[int, typer.Option(min=1, help="Clips seen in training.")] = 60_000,
    seed: Annotated[int, typer.Option(min=0, help="Of weights and clips.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
    device: DeviceOption = "auto",
) -> None:
    """Train a small network on MotionPairs; a run that was stopped goes on."""
    import torch

    from tam_viz.experiments.train import Recipe
    from tam_viz.experiments.train import train as run_training
    from tam_viz.models import cards
    from tam_viz.models.engine import pick_device
    from tam_viz.models.registry import entry

    torch.set_num_threads(threads)
    network = entry(module).network.lower()
    folder = _writable(out or cards.OWN / f"{network}-motionpairs")
    recipe = Recipe(clips=clips, seed=seed)
    if (folder / cards.CARD).exists() and not cards.read_card(folder).metrics:
        _measure(folder, device)  # it was stopped between the last step and the measuring
        return
    with _bar() as bar:
        task = bar.add_task(f"training {module}", total=recipe.steps)
        for progress in run_training(module, folder, recipe, device=pick_device(device)):
            known = "" if progress.validation is None else f", top-1 {progress.validation:.3f}"
            said = f"training {module}: loss {progress.loss:.3f}{known}"
            bar.update(task, completed=progress.step, description=said)
    _measure(folder, device)


def _measure(folder: Path, device: Device) -> None:
    """Measures a new checkpoint on the test clips and writes the result into its card."""
    import dataclasses

    from tam_viz.experiments.evaluate import TEST_CLIPS, TEST_SEED, metrics_of
    from tam_viz.models import cards

    scores = _evaluate(folder, TEST_SEED, TEST_CLIPS, device)
    card = cards.read_card(folder)
    card = dataclasses.replace(card, metrics=metrics_of(scores, TEST_SEED))
    cards.write_card(folder, card)
    typer.echo(
        f"{card.id}: top-1 {scores.top1:.3f}, within pairs {scores.within_pair:.3f} on {scores.n} "
        f"test clips; wrote {folder}",
    )


@app.command()
def evaluate(
    model: Annotated[list[str], typer.Argument(help="Checkpoint ids or folders.")],
    count: Annotated[
        int | None, typer.Option(min=1, help="Number of test clips. Default: as in the cards.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the test clips. Default: as in the cards.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="JSON file for the results.")] = None,
    device: DeviceOption = "auto",
) -> None:
    """Measure networks on fresh MotionPairs clips."""
    import dataclasses
    import json

    from tam_viz.experiments.evaluate import TEST_CLIPS, TEST_SEED

    if out is not None:
        _writable(out.parent)
        if out.is_dir():
            raise UserError(f"'{out}' is a folder; name a file for the results.")
    count = TEST_CLIPS if count is None else count
    seed = TEST_SEED if seed is None else seed
    results = {name: _evaluate(name, seed, count, device) for name in model}
    table = Table("id", "clips", "top-1", "within pairs")
    for name, scores in results.items():
        table.add_row(name, str(scores.n), f"{scores.top1:.4f}", f"{scores.within_pair:.4f}")
    CONSOLE.print(table)
    if out is not None:
        record = {name: dataclasses.asdict(scores) for name, scores in results.items()}
        out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _evaluate(name: str | Path, seed: int, count: int, device: Device) -> Scores:
    from tam_viz.experiments.evaluate import evaluate as run_evaluation
    from tam_viz.models.engine import load

    loaded = load(name, device)
    with _bar() as bar:
        task = bar.add_task(f"measuring {loaded.card.id}", total=count)
        for done, scores in run_evaluation(loaded, seed, count):
            bar.update(task, completed=done)
            if scores is not None:
                return scores
    raise RuntimeError("the evaluation ended without scores")


def main() -> None:
    """Runs the command line; a `UserError` becomes a sentence and exit code 2."""
    try:
        app()
    except UserError as error:
        typer.secho(str(error), err=True, fg=typer.colors.RED)
        sys.exit(2)


if __name__ == "__main__":
    main()
