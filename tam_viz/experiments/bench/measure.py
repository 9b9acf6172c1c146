"""The table of the bench: accuracy, size and speed of every network, measured and written."""

from __future__ import annotations

import dataclasses
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from tam_viz.analysis.bench import answers
from tam_viz.analysis.bench.results import Measured
from tam_viz.experiments.bench.evaluate import Said, answer, metrics_of, scored
from tam_viz.experiments.bench.zoo import Job, jobs
from tam_viz.files import write_whole
from tam_viz.models import cards
from tam_viz.models.checkpoint import parameters
from tam_viz.models.engine import DeviceName, LoadedModel, load
from tam_viz.models.registry import entry
from tam_viz.motionpairs.dataset import SHIFT_CLIPS, TEST_CLIPS, TEST_SEED
from tam_viz.motionpairs.motions import MOTIONS
from tam_viz.motionpairs.scene import LEVELS, SHIFTS, Split
from tam_viz.types import Step, Steps, UserError, part

TABLE = "RESULTS.md"
_ROUNDS, _WARM_UP = 30, 3


def measure_all(root: Path, device: DeviceName = "auto") -> Steps[Path]:
    """Measures every network of the bench that is in `root` and writes the results there.

    `results.json` holds the scores, `RESULTS.md` the tables and `answers.npz` what each network
    said of each test clip. The scores go into the cards as well. The result is the file of the
    scores.

    Raises:
        UserError: There is none.
    """
    there = [job for job in jobs() if (job.folder(root) / cards.CARD).exists()]
    if not there:
        raise UserError(f"{root} has no network of the bench; `tam-viz train all` makes them.")
    models = [load(job.folder(root), device) for job in there]
    scores: dict[Split, list[Measured]] = {}
    said: dict[Split, list[Said]] = {}
    sets: tuple[tuple[Split, int], ...] = (("test", TEST_CLIPS), ("shift", SHIFT_CLIPS))
    for split, count in sets:
        steps = answer(models, TEST_SEED, count, split)
        said[split] = yield from part(steps, label=f"{len(models)} networks, {split} set")
        scores[split] = scored(models, said[split], TEST_SEED, split)
    label = "milliseconds per clip"
    times = yield from part(_times(models), label=label)
    rows = []
    for job, loaded, test, shift, seconds in zip(
        there, models, scores["test"], scores["shift"], times, strict=True
    ):
        folder = job.folder(root)
        metrics = metrics_of(test, TEST_SEED) + metrics_of(shift, TEST_SEED, "shift")
        cards.write_card(folder, dataclasses.replace(cards.read_card(folder), metrics=metrics))
        rows.append(_row(job, loaded, test, shift, statistics.median(seconds)))
    record = {
        "seed": TEST_SEED,
        "device": str(models[0].device),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "networks": rows,
    }
    write_whole(root / cards.RESULTS, json.dumps(record, indent=1) + "\n")
    write_whole(root / TABLE, table(rows))
    whole = [i for i, job in enumerate(there) if job.clips is None]
    kept = answers_of([models[i] for i in whole], [said["test"][i] for i in whole], TEST_SEED)
    answers.write(root / answers.ANSWERS, kept)
    yield Step(_ROUNDS, _ROUNDS, root / cards.RESULTS, label)


def answers_of(models: Sequence[LoadedModel], said: Sequence[Said], seed: int) -> answers.Answers:
    """What networks that know the same classes said of the clips of a test set.

    Raises:
        UserError: They know different classes.
    """
    classes = models[0].card.classes
    other = next((loaded for loaded in models if loaded.card.classes != classes), None)
    if other is not None:
        raise UserError(
            f"{other.card.id} and {models[0].card.id} know different classes, so their answers "
            f"cannot be kept side by side; measure them apart."
        )
    return answers.Answers(
        seed=seed,
        classes=classes,
        labels=said[0].labels.astype(np.uint8),
        networks=tuple(loaded.card.id for loaded in models),
        sha256=tuple(loaded.card.sha256 for loaded in models),
        predicted=np.stack([s.logits.argmax(1) for s in said]).astype(np.uint8),
        log_odds=np.stack([answers.log_odds(s.logits, s.labels) for s in said]),
    )


def _row(
    job: Job, loaded: LoadedModel, test: Measured, shift: Measured, seconds: float
) -> dict[str, Any]:
    found = entry(job.temporal)
    return {
        "id": loaded.card.id,
        "temporal": job.temporal,
        "network": found.network,
        "seed": job.seed,
        "clips": int(loaded.card.training["clips"]),
        "budget": job.clips is not None,
        "parameters": parameters(loaded.card),
        "macs": multiply_adds(loaded),
        "ms_per_clip": round(1000 * seconds, 2),
        "test": dataclasses.asdict(test),
        "shift": dataclasses.asdict(shift),
    }


def multiply_adds(loaded: LoadedModel) -> int:
    """Multiply-adds of one clip: convolutions, matrix products, attention, products by weights.

    Products of features with the weights of a temporal module are counted too, which usual
    counters leave out; sums, norms and activations are not.
    """
    spec = loaded.card.input
    x = torch.zeros(1, 3, spec.frames, spec.size, spec.size, device=loaded.device)
    aten = torch.ops.aten
    products = dict.fromkeys((aten.mul, aten.addcmul_), _elements)
    with (
        loaded.lock,
        torch.no_grad(),
        FlopCounterMode(display=False, custom_mapping=products) as counter,
    ):
        loaded.net(x)
    return int(counter.get_total_flops()) // 2


def _elements(*_shapes: object, out_shape: Sequence[int] | None = None, **_: object) -> int:
    """Two operations for each element of a product."""
    return 2 * int(torch.Size(out_shape or ()).numel())


def _times(models: Sequence[LoadedModel]) -> Steps[list[list[float]]]:
    """Seconds for one clip of each network in turns, so that no network has a better hour."""
    times: list[list[float]] = [[] for _ in models]
    for round_ in range(-_WARM_UP, _ROUNDS):
        for i, loaded in enumerate(models):
            spec = loaded.card.input
            x = torch.rand(1, spec.frames, 3, spec.size, spec.size, device=loaded.device)
            with loaded.lock, torch.inference_mode():
                started = time.perf_counter()
                loaded.net(x.transpose(1, 2)).cpu()
                seconds = time.perf_counter() - started
            if round_ >= 0:
                times[i].append(seconds)
        yield Step(max(0, round_ + 1), _ROUNDS)
    yield Step(_ROUNDS, _ROUNDS, times)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """All results as Markdown."""
    first = [row for row in rows if row["seed"] == 0 and not row.get("budget")]
    order = sorted(first, key=lambda row: -float(row["test"]["top1"]))
    parts = [
        "# Results",
        "Written by `tam-viz evaluate all`; nothing here is typed by hand.",
        main_table(rows),
        "## Within pairs, by family",
        "Share of test clips for which the true class beats the other of its pair; 0.5 is chance.",
        _grid(order, "test", "by_family", [motion.family for motion in MOTIONS]),
        "## Top-1 by difficulty",
        _grid(order, "test", "by_kind", LEVELS),
        "## Top-1 on the shift set",
        "Speeds 2 to 3 times above or below the ordinary one, or a camera that pans 1.5 to 2 "
        "times as far as in training.",
        _grid(order, "shift", "by_kind", SHIFTS),
        "## Accuracy against budget",
        "Top-1 and within-pair accuracy on the test set after training on fewer clips, each with "
        "a schedule of its own length.",
        _budgets(rows),
        "## Several seeds",
        "Top-1 of each seed, with their mean and standard deviation.",
        _seeds(rows),
    ]
    return "\n\n".join(parts) + "\n"


def main_table(rows: Sequence[dict[str, Any]]) -> str:
    """One line for each network of seed 0, the best first."""
    first = [row for row in rows if row["seed"] == 0 and not row.get("budget")]
    lines = [
        "| network | module | top-1 (95% interval) | within pairs | shift: top-1 | within pairs "
        "| parameters | MMACs | ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(first, key=lambda row: -float(row["test"]["top1"])):
        test, shift = row["test"], row["shift"]
        low, high = test["interval"]
        lines.append(
            f"| {row['network']} | `{row['temporal']}` | {test['top1']:.3f} ({low:.3f}–{high:.3f}) "
            f"| {test['within_pair']:.3f} | {shift['top1']:.3f} | {shift['within_pair']:.3f} "
            f"| {row['parameters']:,} | {row['macs'] / 1e6:.1f} | {row['ms_per_clip']:.1f} |"
        )
    return "\n".join(lines)


def _grid(rows: Sequence[dict[str, Any]], split: str, field: str, columns: Sequence[str]) -> str:
    lines = [
        f"| network | {' | '.join(columns)} |",
        "|" + "---|" * (len(columns) + 1),
    ]
    for row in rows:
        cells = [f"{row[split][field][column]:.2f}" for column in columns]
        lines.append(f"| {row['network']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _seeds(rows: Sequence[dict[str, Any]]) -> str:
    lines = [
        "| network | seeds | test | mean ± deviation | shift | mean ± deviation |",
        "|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(row["network"] for row in rows):
        of_name = [row for row in rows if row["network"] == name and not row.get("budget")]
        if len(of_name) > 1:
            cells = []
            for split in ("test", "shift"):
                values = [float(row[split]["top1"]) for row in of_name]
                mean, spread = statistics.mean(values), statistics.stdev(values)
                cells += [", ".join(f"{v:.3f}" for v in values), f"{mean:.3f} ± {spread:.3f}"]
            lines.append(f"| {name} | {len(of_name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _budgets(rows: Sequence[dict[str, Any]]) -> str:
    """A line for each network that was trained on several budgets, a column for each budget."""
    several = {row["network"] for row in rows if row.get("budget")}
    chosen = [row for row in rows if row["network"] in several and row["seed"] == 0]
    budgets = sorted({row["clips"] for row in chosen})
    lines = [
        f"| network | {' | '.join(f'{clips:,} clips' for clips in budgets)} |",
        "|" + "---|" * (len(budgets) + 1),
    ]
    for name in sorted(several):
        of_name = {row["clips"]: row["test"] for row in chosen if row["network"] == name}
        cells = [
            f"{of_name[clips]['top1']:.3f} ({of_name[clips]['within_pair']:.3f})"
            if clips in of_name
            else "–"
            for clips in budgets
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
