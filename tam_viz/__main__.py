"""The command line: `tam-viz`, or `python -m tam_viz`.

Each command imports what it needs when it runs, so that help and mistakes answer at once.
"""

from __future__ import annotations

import math
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer
from rich.console import Console
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
from rich.table import Column, Table
from rich.text import Text

from tam_viz.cli import scan as scan_commands
from tam_viz.literal import in_terminal
from tam_viz.types import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    import torch
    from rich.progress import TaskID

    from tam_viz.experiments.bench.evaluate import Scores
    from tam_viz.experiments.bench.train import Progress as Steps
    from tam_viz.experiments.bench.train import Recipe
    from tam_viz.experiments.studies.compare import Answer
    from tam_viz.models.engine import LoadedModel
    from tam_viz.motionpairs.scene import Split
    from tam_viz.panels.files.study import Looked
    from tam_viz.types import Audit, Card, Clip, Source, TAMTrace

app = typer.Typer(
    help="See what every Temporal Adaptive Module of a video network decided on a clip.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(scan_commands.dataset)
app.command()(scan_commands.scan)
CONSOLE = Console()
Device = Literal["auto", "cpu", "cuda", "mps"]
T = TypeVar("T")
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
    out: Annotated[
        Path, typer.Option(help="Folder for run.json, trace.npz, report.html and finding.zip.")
    ],
    model: Annotated[
        list[str] | None, typer.Option(help="Checkpoint id or folder; repeatable. Default: four.")
    ] = None,
    sampling: Annotated[
        Literal["uniform", "dense"] | None,
        typer.Option(help="How frames are chosen. Default: as each network was trained."),
    ] = None,
    protocol: Annotated[
        Literal["single", "published"],
        typer.Option(help="One view, or all views of the test that the publisher made."),
    ] = "single",
    fps: Annotated[
        float | None,
        typer.Option(help="Images per second of a folder. Default: its fps.txt, else 25."),
    ] = None,
    device: DeviceOption = "auto",
) -> None:
    """Run a video through networks and write predictions, V, Θ, a report and a finding."""
    from tam_viz.analysis.clip.views import describe_views
    from tam_viz.experiments.studies.compare import compare
    from tam_viz.findings.finding import video_sha256
    from tam_viz.findings.output_files import finding_of, write_records
    from tam_viz.findings.write import pack, write_file
    from tam_viz.models import cards
    from tam_viz.models.engine import load
    from tam_viz.panels.files.report import html_report
    from tam_viz.panels.files.study import study_panels
    from tam_viz.video.clip import read_clip
    from tam_viz.video.library import VideoFile

    names = model or cards.starters(cards.read_all()[0])
    if not names:
        raise UserError(
            "There are no checkpoints; name a folder with --model or in TAM_VIZ_CHECKPOINTS."
        )
    models = [load(name, device) for name in names]
    if len({loaded.card.id for loaded in models}) < len(models):
        raise UserError("Two of the networks have the same id; name each once.")
    _writable(out)
    if protocol == "published":
        if sampling is not None:
            raise UserError("A published protocol has its own sampling; name one of the two.")
        answers = _published(models, video, fps)
    else:
        answers = list(compare(models, lambda spec: read_clip(video, spec, fps=fps), sampling))
    results = [(answer.card, answer.clip, answer.run) for answer in answers]
    looked = [
        _looked_at(loaded, answer.clip, answer.run.trace, VideoFile(video.name, video))
        for loaded, answer in zip(models, answers, strict=True)
        if answer.run.trace is not None
    ]
    files = write_records(out, answers)
    notices = list(dict.fromkeys(notice for _, clip, _ in results for notice in clip.notices))
    page = html_report(f"tam_viz: {video.name}", notices, study_panels(results, looked))
    files += [out / "report.html", out / "finding.zip"]
    files[-2].write_text(page, encoding="utf-8")
    finding = finding_of(answers, video_sha256(VideoFile(video.name, video)))
    write_file(files[-1], pack(finding, {"report.html": page.encode()}))
    for card, _, run in results:
        name, probability = run.prediction.top(1)[0]
        _say(f"{card.id}: {name} ({probability:.2f}), {run.seconds:.3f} s")
    for answer in answers:
        if len(answer.runs) > 1:
            _say(describe_views(answer.runs, answer.spec.average))
    for notice in notices:
        _say(notice)
    _say("wrote " + ", ".join(str(file) for file in files))


def _looked_at(loaded: LoadedModel, clip: Clip, trace: TAMTrace, video: Source) -> Looked:
    """The liveliest channel of the last block but one, beside the clip backwards and untrained."""
    from tam_viz.analysis.tam.importance import liveliest
    from tam_viz.experiments.studies.kinds import basis_of
    from tam_viz.experiments.studies.reference import traces_beside
    from tam_viz.panels.files.study import Looked
    from tam_viz.panels.tam.kernels import Second, View
    from tam_viz.video.tempo import middle

    frame = middle(len(clip.frames))
    beside = traces_beside(loaded, clip, frame, basis_of(loaded.card, [video], []))
    block = trace.blocks[max(0, len(trace.blocks) - 2)]
    view = View(
        name=clip.source,
        trace=trace,
        untrained=beside.untrained,
        block=block.name,
        channel=liveliest(block.importance, beside.held[block.name].importance),
        second=Second(f"{clip.source}, played backwards", beside.backwards),
    )
    return Looked(clip, view, beside.held, frame)


def _published(models: list[LoadedModel], video: Path, fps: float | None) -> list[Answer]:
    """The answers of networks by their published protocols, with a bar for each of them."""
    from tam_viz.experiments.studies.compare import compare_views
    from tam_viz.video.clip import read_views

    answers: list[Answer] = []
    with _bar() as bar:
        names = iter(loaded.card.id for loaded in models)
        task: TaskID | None = None
        for done, total, answer in compare_views(
            models, lambda spec: read_views(video, spec, fps=fps)
        ):
            if task is None:
                task = bar.add_task(f"views through {next(names)}", total=total)
            bar.update(task, completed=done)
            if answer is not None:
                answers.append(answer)
                task = None
    return answers


@app.command("open")
def open_(
    file: Annotated[Path, typer.Argument(help="As `analyze` or the page Export writes it.")],
    device: DeviceOption = "auto",
) -> None:
    """Open a finding and compute it anew: does the same come out? Exit code 1 if not."""
    from tam_viz.findings import verify, verify_evidence
    from tam_viz.findings.finding import describe
    from tam_viz.findings.read import read_file
    from tam_viz.models import cards
    from tam_viz.models.engine import load

    finding, digest = read_file(file)
    _say(describe(finding))
    _say(f"SHA-256 of the file: {digest}")
    for note in finding.notes:
        _say(note)
    if finding.note:
        _say(f"Note:\n{finding.note}")
    known = cards.read_all()[0] | cards.read_deeper()
    runs = verify.verify(finding, known, lambda n: load(n, device))
    found = _last_of(runs, "computing its runs anew") or ()
    _print(verify.table(found))
    for reason in dict.fromkeys(row.why_not for row in found if row.why_not):
        _say(reason)
    _say(verify.describe(found))
    maps = verify_evidence.verify_evidence(finding, known, lambda n: load(n, device))
    evidence = _last_of(maps, "computing its maps and losses anew")
    if evidence:
        _print(verify_evidence.evidence_table(evidence))
        _say(verify_evidence.describe_evidence(evidence))
    same = [row.same for row in found] + [row.same for row in evidence or () if not row.why_not]
    if not all(same):
        raise typer.Exit(1)


def _last_of(steps: Iterator[tuple[int, int, T | None]], says: str) -> T | None:
    """What a computation comes to, with a bar while it runs; None if it has no steps."""
    found: T | None = None
    with _bar() as bar:
        task = bar.add_task(says, total=None)
        for done, total, result in steps:
            bar.update(task, completed=done, total=total)
            found = result if result is not None else found
    return found


def _print(rows: pd.DataFrame) -> None:
    table = Table(*rows.columns)
    for row in rows.itertuples(index=False):
        table.add_row(*map(_cell, row))
    CONSOLE.print(table)


def _cell(value: object) -> Text:
    """A value in a table, letter for letter; a dash where there is none."""
    if isinstance(value, float):
        return Text("–" if math.isnan(value) else f"{value:.2g}")
    return Text("–" if value is None else in_terminal(str(value)))


def _say(text: str, *, err: bool = False) -> None:
    """Prints a sentence, names in it letter for letter."""
    typer.echo(in_terminal(text), err=err)


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
        row = (name, card.temporal, len(card.classes), size, top1, cards.find(name))
        table.add_row(*map(_cell, row))
    CONSOLE.print(table)
    for problem in problems:
        _say(problem, err=True)


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
    _say(f"wrote {count} clips and labels.csv to {out}")


@app.command()
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
    found = choose_specimen(load(model), read_folder(GALLERY))
    write_specimen(folder, found)
    merits = found.merits
    _say(
        f"{found.clip}, channel {found.channel} of {found.block}: the second tap weighs "
        f"{merits.second_tap:.2f}, played backwards {merits.moved:.0%} of the kernel's weight "
        f"moves, the correlation with the object is {merits.on_object:.2f}, and inside the event V "
        f"varies by {merits.event:.2f} more than with one frame repeated. Wrote "
        f"{folder / SPECIMEN}."
    )


@app.command()
def train(
    context: typer.Context,
    module: Annotated[
        str, typer.Argument(help="Temporal module, such as tam, tsm or none; or all of them.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the checkpoint, whose name becomes the id; of all of them."),
    ] = None,
    clips: Annotated[
        int, typer.Option(min=1, help="Clips seen in training; all of the bench see 10,000.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Of one network; all have their own.")] = 0,
    branch_rate: Annotated[
        float,
        typer.Option(
            min=0.0, help="Factor on the learning rate of the branch that makes adaptive kernels."
        ),
    ] = 10.0,
    batch: Annotated[int, typer.Option(min=2, help="Clips in a step; even.")] = 4,
    rate: Annotated[float, typer.Option(min=0.0, help="Peak learning rate of AdamW.")] = 1e-3,
    pool: Annotated[int, typer.Option(min=1, help="Different clips to choose from.")] = 5_000,
    precision: Annotated[
        Literal["float32", "bfloat16"], typer.Option(help="Arithmetic of the two passes.")
    ] = "float32",
    workers: Annotated[
        int | None, typer.Option(min=1, help="CPU threads, or networks at a time. Default: 1; CPUs")
    ] = None,
    device: DeviceOption = "auto",
) -> None:
    """Train small networks on MotionPairs; a run that was stopped goes on."""
    import os

    from tam_viz.experiments.bench.train import Recipe
    from tam_viz.models import cards
    from tam_viz.models.engine import pick_device
    from tam_viz.models.registry import entry

    place = pick_device(device)
    if batch % 2:
        raise UserError(f"A step sees clips and their reversals, so a batch is even, not {batch}.")
    recipe = Recipe(
        seed=seed,
        clips=clips,
        pool=pool,
        batch=batch,
        rate=rate,
        branch_rate=branch_rate,
        precision=precision,
    )
    said = _said_options(context, "seed", *_RECIPE)
    if module == "all":
        if "seed" in said:
            raise UserError("All networks of the bench have their own seeds; leave --seed out.")
        root = _writable(out or cards.OWN)
        _train_all(root, recipe, workers or os.cpu_count() or 1, place)
        _evaluate_all(root, device)
        return
    if "branch_rate" in said and not entry(module).branch:
        raise UserError(
            f"{module} has no branch that makes adaptive kernels; leave --branch-rate out."
        )
    folder = _writable(out or cards.OWN / entry(module).checkpoint)
    if (folder / cards.CARD).exists() and not cards.read_card(folder).metrics:
        _require_recipe(folder, recipe, said)
    else:
        _train_one(module, folder, recipe, workers or 1, place)
    _measure(folder, device)  # also where it was stopped between the last step and the measuring


_RECIPE = ("clips", "branch_rate", "batch", "rate", "pool", "precision")
"""Options of `train` that are part of a recipe under the same name."""


def _said_options(context: typer.Context, *names: str) -> tuple[str, ...]:
    """Which options a person gave, not the default."""
    return tuple(n for n in names if str(context.get_parameter_source(n)).endswith("COMMANDLINE"))


def _require_recipe(folder: Path, recipe: Recipe, said: Sequence[str]) -> None:
    """Makes sure that a network which only lacks its measuring was trained as is asked for.

    Raises:
        UserError: It was trained in another way.
    """
    from tam_viz.models import cards

    training = cards.read_card(folder).training
    other = [name for name in said if training.get(name) != getattr(recipe, name)]
    if other:
        names = ", ".join(f"{name} {training.get(name)}" for name in other)
        raise UserError(
            f"'{folder}' holds a network that is trained and not measured yet, with {names}; "
            f"choose another folder, or leave these options out."
        )


def _train_one(
    module: str, folder: Path, recipe: Recipe, threads: int, device: torch.device
) -> None:
    import torch

    from tam_viz.experiments.bench.train import train, training_pool
    from tam_viz.experiments.bench.zoo import draw_pool

    torch.set_num_threads(threads)
    steps = train(module, folder, recipe, device=device)
    with _bar() as bar:
        pool = training_pool(recipe)
        task = bar.add_task("drawing clips", total=pool.shards)
        for done in draw_pool(pool, 1):
            bar.update(task, completed=done)
        task = bar.add_task(f"training {module}", total=recipe.steps)
        for progress in steps:
            bar.update(task, completed=progress.step, description=_said(module, progress))


def _said(name: str, progress: Steps) -> str:
    known = "" if progress.validation is None else f", top-1 {progress.validation:.3f}"
    return f"training {name}: loss {progress.loss:.3f}{known}"


def _train_all(root: Path, recipe: Recipe, workers: int, device: torch.device) -> None:
    """Trains what is missing with one bar for each run and one for all.

    Raises:
        UserError: Some runs failed; the others are done.
    """
    from tam_viz.experiments.bench.train import training_pool
    from tam_viz.experiments.bench.zoo import draw_pool, missing, train_all

    left = missing(root)
    if not left:
        return
    failures: list[str] = []
    with _bar() as bar:
        pool = training_pool(recipe)
        drawing = bar.add_task("drawing clips", total=pool.shards)
        for done in draw_pool(pool, workers):
            bar.update(drawing, completed=done)
        whole = bar.add_task(f"{len(left)} networks", total=len(left) * recipe.steps)
        tasks: dict[object, TaskID] = {}
        steps: dict[object, int] = {}
        for status in train_all(root, recipe, workers=workers, device=device):
            name = f"{status.job.temporal} (seed {status.job.seed})"
            if status.job not in tasks:
                tasks[status.job] = bar.add_task(name, total=recipe.steps)
            if status.progress is None:
                bar.remove_task(tasks[status.job])
                steps[status.job] = recipe.steps
                said = "trained" if status.failure is None else status.failure
                bar.console.print(_cell(f"{name}: {said}"))
                failures += [] if status.failure is None else [name]
            else:
                steps[status.job] = status.progress.step
                bar.update(
                    tasks[status.job],
                    completed=status.progress.step,
                    description=_said(name, status.progress),
                )
            bar.update(whole, completed=sum(steps.values()))
    if failures:
        raise UserError(
            f"{len(failures)} of {len(left)} networks could not be trained: "
            f"{', '.join(failures)}. The others are done; the same command takes up the rest."
        )


def _measure(folder: Path, device: Device) -> None:
    """Measures a new checkpoint on the test clips and writes the result into its card."""
    import dataclasses

    from tam_viz.experiments.bench.evaluate import metrics_of
    from tam_viz.experiments.studies.audit import audit_folder
    from tam_viz.models import cards
    from tam_viz.models.engine import load
    from tam_viz.motionpairs.dataset import TEST_CLIPS, TEST_SEED

    (scores,) = _evaluate([folder], TEST_SEED, TEST_CLIPS, "test", device)
    for _ in audit_folder(load(folder, device), folder):
        pass
    card = cards.read_card(folder)
    card = dataclasses.replace(card, metrics=metrics_of(scores, TEST_SEED))
    cards.write_card(folder, card)
    _say(
        f"{card.id}: top-1 {scores.top1:.3f}, within pairs {scores.within_pair:.3f} on {scores.n} "
        f"test clips; wrote {folder}",
    )


@app.command()
def evaluate(
    model: Annotated[
        list[str],
        typer.Argument(help="Checkpoint ids or folders; or all, which writes RESULTS.md."),
    ],
    count: Annotated[
        int | None, typer.Option(min=1, help="Number of clips. Default: as in the cards.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the clips. Default: as in the cards.")
    ] = None,
    shift: Annotated[
        bool, typer.Option("--shift", help="Speeds and camera motions never trained on.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="JSON file for the results.")] = None,
    device: DeviceOption = "auto",
) -> None:
    """Measure networks on fresh MotionPairs clips."""
    import dataclasses
    import json

    from tam_viz.models import cards
    from tam_viz.motionpairs.dataset import SHIFT_CLIPS, TEST_CLIPS, TEST_SEED

    if model == ["all"]:
        if count is not None or seed is not None or shift or out is not None:
            raise UserError(
                "'evaluate all' measures everything on the clips of the cards and writes "
                "results.json and RESULTS.md beside the checkpoints; name networks to choose."
            )
        _evaluate_all(cards.OWN, device)
        return
    if out is not None:
        _writable(out.parent)
        if out.is_dir():
            raise UserError(f"'{out}' is a folder; name a file for the results.")
    usual = SHIFT_CLIPS if shift else TEST_CLIPS
    seed = TEST_SEED if seed is None else seed
    found = _evaluate(
        [*dict.fromkeys(model)], seed, count or usual, "shift" if shift else "test", device
    )
    results = dict(zip(dict.fromkeys(model), found, strict=True))
    table = Table("id", "clips", "top-1", "95% interval", "within pairs")
    for name, scores in results.items():
        low, high = scores.interval
        table.add_row(
            _cell(name),
            str(scores.n),
            f"{scores.top1:.4f}",
            f"{low:.3f} to {high:.3f}",
            f"{scores.within_pair:.4f}",
        )
    CONSOLE.print(table)
    if out is not None:
        record = {name: dataclasses.asdict(scores) for name, scores in results.items()}
        out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _evaluate(
    names: Sequence[str | Path], seed: int, count: int, split: Split, device: Device
) -> list[Scores]:
    from tam_viz.experiments.bench.evaluate import evaluate as run_evaluation
    from tam_viz.models.engine import load

    models = [load(name, device) for name in names]
    with _bar() as bar:
        said = models[0].card.id if len(models) == 1 else f"{len(models)} networks"
        task = bar.add_task(f"measuring {said}", total=count)
        for done, scores in run_evaluation(models, seed, count, split):
            bar.update(task, completed=done)
            if scores is not None:
                return scores
    raise RuntimeError("the evaluation ended without scores")


def _evaluate_all(root: Path, device: Device) -> None:
    """Measures all networks of the bench and writes the tables."""
    from tam_viz.experiments.bench.measure import measure_all

    with _bar() as bar:
        tasks: dict[str, TaskID] = {}
        for what, done, total in measure_all(root, device):
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)
    _audit_missing(root, device)
    _say(f"wrote results.json and RESULTS.md to {root}")


def _audit_missing(root: Path, device: Device) -> None:
    """Audits the networks of a folder whose weights have not been audited yet."""
    from tam_viz.experiments.studies.audit import audit_folder
    from tam_viz.models import cards
    from tam_viz.models.engine import load

    for folder in sorted(path.parent for path in root.glob(f"*/{cards.CARD}")):
        if cards.read_audit(folder, cards.read_card(folder)) is None:
            for _ in audit_folder(load(folder, device), folder):
                pass


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="Weights of a TANet, TSM, TSN, I3D, SlowOnly or a torchvision network."
        ),
    ],
    name: Annotated[str, typer.Option(help="Id of the checkpoint to make.")],
    labels: Annotated[
        Path | None,
        typer.Option(help="Class names: one a line, with numbers, CSV with a header, or JSON."),
    ] = None,
    label_order: Annotated[
        Literal["file", "sorted"],
        typer.Option(
            help="Something-Something V1: `sorted` as the authors of TSM and TAM number it, "
            "`file` as mmaction2."
        ),
    ] = "file",
    frames: Annotated[
        int | None, typer.Option(min=1, max=256, help="Of a clip, where the weights do not say.")
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
            help="Where TSM's shift stands, for weights under plain names: it has no weights."
        ),
    ] = None,
    part: Annotated[
        str,
        typer.Option(
            help="Which network of a file with several: `ema`, `raw`, or the names that lead to "
            "it. Default: averaged weights before raw ones."
        ),
    ] = "",
    into: Annotated[
        Path | None,
        typer.Option(
            help="Folder of checkpoints; name it in TAM_VIZ_CHECKPOINTS too. Default: the "
            "project's own."
        ),
    ] = None,
) -> None:
    """Make a checkpoint of a file of published weights; nothing in it is run."""
    from tam_viz.experiments.importing import Wishes, import_weights
    from tam_viz.models import cards
    from tam_viz.models.published.nets import Form

    if labels is None and label_order == "sorted":
        raise UserError("--label-order sorted numbers the names of --labels FILE; give both.")
    form = None if attention is None else Form[attention.replace("-", "_").upper()]
    root = _writable(into or cards.OWN)
    wishes = Wishes(labels, label_order, frames, form, sampling, shift=shift, part=part)
    card, notices = import_weights(file, name, root, wishes)
    _say_notices(notices)
    _say(
        f"{card.id}: {card.temporal}, {card.input.frames} frames, {len(card.classes)} classes, "
        f"in {root / card.id}"
    )


@app.command()
def download(
    name: Annotated[
        str | None, typer.Argument(help="Id in the catalogue. Default: list what there is.")
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Class names of Something-Something, which may not be passed on."),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="Folder of checkpoints. Default: the project's own.")
    ] = None,
) -> None:
    """Fetch published weights, check them and make a checkpoint of them."""
    from tam_viz.experiments.importing import from_catalogue, import_weights
    from tam_viz.models import cards
    from tam_viz.models.published.catalogue import offer, offers
    from tam_viz.models.published.fetch import fetch
    from tam_viz.motionpairs.pool import cache_folder

    if name is None:
        if labels is not None or into is not None:
            raise UserError("--labels and --into go with the id of weights; name one.")
        for found in offers().values():
            where = "" if found.address else "  (by browser)"
            _say(f"{found.id}: {found.network}, {found.data}, {found.top1:.1f}%{where}")
        return
    chosen = offer(name)
    if not chosen.address:
        raise UserError(
            f"Only a browser can fetch {chosen.id}: get '{chosen.file}' from {chosen.page}, then "
            f"run `tam-viz import FILE --name {chosen.id}`."
        )
    root = _writable(into or cards.OWN)
    path = None
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as bar:
        task = bar.add_task(f"fetching {chosen.id}", total=None)
        for state in fetch(chosen.address, cache_folder() / "downloads", chosen.sha256):
            bar.update(task, completed=state.done, total=state.total)
            path = state.path or path
    if path is None:
        raise TypeError(f"{chosen.address} was fetched and is nowhere")
    if not chosen.sha256:
        _say("No hash of this file was published; only its own checksums are checked.")
    wishes, origin = from_catalogue(chosen, labels)
    card, notices = import_weights(path, chosen.id, root, wishes, origin)
    _say_notices(notices)
    if chosen.note:
        _say(f"Note: {chosen.note}.")
    path.unlink()
    _say(f"{card.id}: in {root / card.id}; published top-1 {chosen.top1}%, {chosen.protocol}")


@app.command()
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
        with _bar() as bar:
            task = bar.add_task(f"auditing {loaded.card.id}", total=None)
            for done, total, _ in audit_folder(loaded, folder):
                bar.update(task, completed=done, total=total)
        found = cards.read_audit(folder, loaded.card)
        if found is None:
            raise TypeError(f"the audit of {name} left nothing behind")
        _say_audit(loaded.card, found)


def _say_notices(notices: Sequence[str]) -> None:
    """What to know of a new network; what its audit warns of stands out."""
    from tam_viz.analysis.clip.audit_words import is_alarm

    for notice in notices:
        alarm, text = is_alarm(notice), in_terminal(notice)
        typer.secho(text, fg=typer.colors.YELLOW if alarm else None, bold=alarm or None)


def _say_audit(card: Card, found: Audit) -> None:
    """What an audit found; warnings stand out."""
    from tam_viz.analysis.clip.audit_words import facts, warnings

    for warning in warnings(found, card.temporal):
        typer.secho(in_terminal(f"{card.id}: {warning}"), fg=typer.colors.YELLOW, bold=True)
    for fact in facts(found):
        _say(f"{card.id}: {fact}")


@app.command()
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
    folder = _writable(out or cards.find(model))
    with _bar() as bar:
        tasks: dict[str, TaskID] = {}
        for what, done, total, found in measure(loaded):
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)
            if found is not None:
                write(folder, found)
    _say(f"wrote adaptation.json, ADAPTATION.md and probes.npz to {folder}")


def main() -> None:
    """Runs the command line; a `UserError` becomes a sentence and exit code 2."""
    try:
        app()
    except UserError as error:
        typer.secho(in_terminal(str(error)), err=True, fg=typer.colors.RED)
        sys.exit(2)


if __name__ == "__main__":
    main()
