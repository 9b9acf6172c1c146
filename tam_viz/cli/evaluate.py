"""`tam-viz evaluate`: accuracy on fresh clips."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from tam_viz.cli.output import CONSOLE, Device, DeviceOption, cell, say, writable
from tam_viz.cli.progress import with_bars
from tam_viz.types import UserError, result_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tam_viz.analysis.bench.results import Measured
    from tam_viz.motionpairs.scene import Split


def evaluate(
    model: Annotated[
        list[str],
        typer.Argument(help="Ids or folders; or all: what is new in the bench, and RESULTS.md."),
    ],
    count: Annotated[
        int | None, typer.Option(min=1, help="Number of clips. Default: as in the cards.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Random seed of the clips. Default: as in the cards.")
    ] = None,
    shift: Annotated[
        bool,
        typer.Option("--shift", help="Speeds, camera motions, sizes and crowds never trained on."),
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
        evaluate_all(cards.NEW, device)
        return
    if out is not None:
        writable(out.parent)
        if out.is_dir():
            raise UserError(f"'{out}' is a folder; name a file for the results.")
    usual = SHIFT_CLIPS if shift else TEST_CLIPS
    seed = TEST_SEED if seed is None else seed
    scores_of = _evaluate(
        [*dict.fromkeys(model)], seed, count or usual, "shift" if shift else "test", device
    )
    results = dict(zip(dict.fromkeys(model), scores_of, strict=True))
    table = Table("id", "clips", "top-1", "95% interval", "within pairs")
    for name, scores in results.items():
        low, high = scores.interval
        table.add_row(
            cell(name),
            str(scores.n),
            f"{scores.top1:.4f}",
            f"{low:.3f} to {high:.3f}",
            f"{scores.within_pair:.4f}",
        )
    CONSOLE.print(table)
    if out is not None:
        record = {name: dataclasses.asdict(scores) for name, scores in results.items()}
        out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def measure_trained(folder: Path, device: Device) -> None:
    """Measures a new checkpoint on the test clips and writes the result into its card."""
    import dataclasses

    from tam_viz.experiments.bench.evaluate import metrics_of
    from tam_viz.experiments.studies.audit import audit_folder
    from tam_viz.models import cards
    from tam_viz.models.engine import load
    from tam_viz.motionpairs.dataset import TEST_CLIPS, TEST_SEED

    (scores,) = _evaluate([folder], TEST_SEED, TEST_CLIPS, "test", device)
    result_of(audit_folder(load(folder, device), folder))
    card = cards.read_card(folder)
    card = dataclasses.replace(card, metrics=metrics_of(scores, TEST_SEED))
    cards.write_card(folder, card)
    say(
        f"{card.id}: top-1 {scores.top1:.3f}, within pairs {scores.within_pair:.3f} on {scores.n} "
        f"test clips; wrote {folder}",
    )


def _evaluate(
    names: Sequence[str | Path], seed: int, count: int, split: Split, device: Device
) -> list[Measured]:
    from tam_viz.experiments.bench.evaluate import evaluate as run_evaluation
    from tam_viz.models.engine import load

    models = [load(name, device) for name in names]
    measured = models[0].card.id if len(models) == 1 else f"{len(models)} networks"
    steps = run_evaluation(models, seed, count, split)
    return result_of(with_bars(steps, f"measuring {measured}"))


def evaluate_all(root: Path, device: Device) -> None:
    """Measures all networks of the bench and writes the tables."""
    from tam_viz.experiments.bench.measure import measure_all

    result_of(with_bars(measure_all(root, device)))
    _audit_missing(root, device)
    say(f"wrote results.json and RESULTS.md to {root}")


def _audit_missing(root: Path, device: Device) -> None:
    """Audits the networks of a folder whose weights have not been audited yet."""
    from tam_viz.experiments.studies.audit import audit_folder
    from tam_viz.models import cards
    from tam_viz.models.engine import load

    for folder in sorted(path.parent for path in root.glob(f"*/{cards.CARD}")):
        if cards.read_audit(folder, cards.read_card(folder)) is None:
            result_of(audit_folder(load(folder, device), folder))
