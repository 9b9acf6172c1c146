"""`tam-viz analyze`: a video through networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tam_viz.cli.output import DeviceOption, say, writable
from tam_viz.cli.progress import doing, with_bars
from tam_viz.files import write_whole
from tam_viz.types import UserError, result_of
from tam_viz.video.pool import POOL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tam_viz.experiments.studies.compare import Answer
    from tam_viz.models.engine import DeviceName, LoadedModel
    from tam_viz.panels.files.study import Looked
    from tam_viz.types import Clip, Source, TAMTrace


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
    from tam_viz.capture.batches import notice as ran_elsewhere
    from tam_viz.experiments.studies.compare import compare
    from tam_viz.video.clip import read_clip

    POOL.warm()  # it starts while the networks are loaded
    models = _loaded(model or [], device)
    writable(out)
    if protocol == "published":
        if sampling is not None:
            raise UserError("A published protocol has its own sampling; name one of the two.")
        answers = _published(models, video, fps)
    else:
        with doing(f"reading {video.name} and running it"):
            answers = list(compare(models, lambda spec: read_clip(video, spec, fps=fps), sampling))
    notices = list(dict.fromkeys(notice for answer in answers for notice in answer.clip.notices))
    files = _write(out, video, models, answers, notices)
    _say_answers(answers)
    for notice in (*notices, *filter(None, map(ran_elsewhere, models))):
        say(notice)
    say("wrote " + ", ".join(str(file) for file in files))


def _loaded(names: Sequence[str], device: DeviceName) -> list[LoadedModel]:
    """The networks that are named, or those to begin with.

    Raises:
        UserError: There are none, or two of one id.
    """
    from tam_viz.models import cards
    from tam_viz.models.engine import load

    names = names or cards.starters(cards.read_all()[0])
    if not names:
        raise UserError(
            "There are no checkpoints; name a folder with --model or in TAM_VIZ_CHECKPOINTS."
        )
    models: list[LoadedModel] = []
    for name in names:
        with doing(f"loading {name}"):
            models.append(load(name, device))
    if len({loaded.card.id for loaded in models}) < len(models):
        raise UserError("Two of the networks have the same id; name each once.")
    return models


def _write(
    out: Path,
    video: Path,
    models: Sequence[LoadedModel],
    answers: Sequence[Answer],
    notices: Sequence[str],
) -> list[Path]:
    """Writes the records, the report and the finding into a folder."""
    from tam_viz.findings.finding import video_sha256
    from tam_viz.findings.output_files import finding_of, write_records
    from tam_viz.findings.write import pack
    from tam_viz.panels.files.report import html_report
    from tam_viz.panels.files.study import study_panels
    from tam_viz.video.library import VideoFile

    results = [(answer.card, answer.clip, answer.run) for answer in answers]
    looked = [
        _looked_at(loaded, answer.clip, answer.run.trace, VideoFile(video.name, video))
        for loaded, answer in zip(models, answers, strict=True)
        if answer.run.trace is not None
    ]
    files = write_records(out, answers)
    with doing("drawing the report"):
        page = html_report(f"tam_viz: {video.name}", notices, study_panels(results, looked))
    files += [out / "report.html", out / "finding.zip"]
    write_whole(files[-2], page)
    finding = finding_of(answers, video_sha256(VideoFile(video.name, video)))
    write_whole(files[-1], pack(finding, {"report.html": page.encode()}))
    return files


def _say_answers(answers: Sequence[Answer]) -> None:
    from tam_viz.analysis.clip.views import describe_views

    for answer in answers:
        name, probability = answer.run.prediction.top(1)[0]
        say(f"{answer.card.id}: {name} ({probability:.2f}), {answer.run.seconds:.3f} s")
    for answer in answers:
        if len(answer.runs) > 1:
            say(describe_views(answer.runs, answer.spec.average))


def _looked_at(loaded: LoadedModel, clip: Clip, trace: TAMTrace, video: Source) -> Looked:
    """The liveliest channel of the last block but one, beside the clip backwards and untrained."""
    from tam_viz.analysis.tam.importance import liveliest
    from tam_viz.experiments.kinds import basis_of
    from tam_viz.experiments.studies.reference import traces_beside
    from tam_viz.experiments.studies.untrained import fit_untrained
    from tam_viz.panels.files.study import Looked
    from tam_viz.panels.tam.kernel_study import KernelStudy, Second
    from tam_viz.video.tempo import middle

    frame = middle(len(clip.frames))
    basis = basis_of(loaded.card, [video], [])
    label = f"comparing with an untrained {loaded.card.id}, fitted to {basis.says}"
    plain = result_of(with_bars(fit_untrained(loaded, basis), label))
    with doing(f"running {loaded.card.id} on the clip backwards and on one frame"):
        beside = traces_beside(loaded, clip, frame, plain)
    block = trace.blocks[max(0, len(trace.blocks) - 2)]
    view = KernelStudy(
        name=clip.source,
        trace=trace,
        untrained=beside.untrained,
        block=block.name,
        channel=liveliest(block.importance, beside.frozen[block.name].importance),
        second=Second(f"{clip.source}, played backwards", beside.backwards),
        fitted=beside.fitted,
    )
    return Looked(clip, view, beside.frozen, frame)


def _published(models: list[LoadedModel], video: Path, fps: float | None) -> list[Answer]:
    """The answers of networks by their published protocols, with a bar for each of them."""
    from tam_viz.experiments.studies.compare import compare_views
    from tam_viz.video.clip import read_views

    steps = compare_views(models, lambda spec: read_views(video, spec, fps=fps))
    return result_of(with_bars(steps))
