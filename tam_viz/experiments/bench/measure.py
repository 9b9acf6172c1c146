"""The table of the bench: accuracy, size and speed of every network, measured and written."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from tam_viz.analysis.bench import answers
from tam_viz.analysis.bench.results import BenchNetwork, Measured, Results, as_json, bench_of
from tam_viz.analysis.formatting import counted
from tam_viz.experiments.bench.counting import Products
from tam_viz.experiments.bench.evaluate import BenchAnswers, answer, metrics_of, scored
from tam_viz.experiments.bench.measured_before import measured_before
from tam_viz.experiments.bench.results_tables import results_text
from tam_viz.experiments.bench.train_all import Job, jobs
from tam_viz.files import write_whole
from tam_viz.models import cards
from tam_viz.models.checkpoint import parameters
from tam_viz.models.engine import DeviceName, LoadedModel, load
from tam_viz.models.registry import entry
from tam_viz.motionpairs.dataset import SHIFT_CLIPS, TEST_CLIPS, TEST_SEED
from tam_viz.motionpairs.scene import Split
from tam_viz.types import Step, Steps, UserError, part

TABLE = "RESULTS.md"
_ROUNDS, _WARM_UP = 30, 3


def measure_all(root: Path, device: DeviceName = "auto") -> Steps[Path]:
    """Measures every network of the bench that is in `root` and writes the results there.

    Scores of weights that were measured before on the same sets are kept; all networks are timed
    again, in turns. `results.json` holds the scores, `RESULTS.md` the tables and `answers.npz`
    what each network said of each test clip. The scores go into the cards as well. The result is
    the file of the scores.

    Raises:
        UserError: There is none.
    """
    trained = [job for job in jobs() if (job.folder(root) / cards.CARD).exists()]
    if not trained:
        raise UserError(f"{root} has no network of the bench; `tam-viz train all` makes them.")
    models = [load(job.folder(root), device) for job in trained]
    scores, said = yield from part(_scores(root, trained, models))
    label = "milliseconds per clip"
    times = yield from part(_times(models), label=label)
    rows = []
    for job, loaded, seconds in zip(trained, models, times, strict=True):
        folder = job.folder(root)
        test, shift = scores[loaded.card.id]
        metrics = metrics_of(test, TEST_SEED) + metrics_of(shift, TEST_SEED, "shift")
        cards.write_card(folder, dataclasses.replace(cards.read_card(folder), metrics=metrics))
        rows.append(_row(job, loaded, test, shift, statistics.median(seconds)))
    record = Results(
        seed=TEST_SEED,
        device=str(models[0].device),
        torch=torch.__version__,
        threads=torch.get_num_threads(),
        networks=tuple(rows),
    )
    write_whole(root / cards.RESULTS, as_json(record))
    write_whole(root / TABLE, results_text(bench_of(record)))
    answers.write(root / answers.ANSWERS, said)
    yield Step(_ROUNDS, _ROUNDS, root / cards.RESULTS, label)


def _scores(
    root: Path, trained: Sequence[Job], models: Sequence[LoadedModel]
) -> Steps[tuple[dict[str, tuple[Measured, Measured]], answers.Answers]]:
    """Scores on both sets by id, and what networks of the whole budget said of the test clips."""
    before = measured_before(root, TEST_SEED, TEST_CLIPS, SHIFT_CLIPS)
    known = {
        loaded.card.id: before.find(loaded.card, answered=job.clips is None)
        for job, loaded in zip(trained, models, strict=True)
    }
    scores = {name: (found.test, found.shift) for name, found in known.items() if found}
    said = [before.answers] if scores and before.answers is not None else []
    new = [loaded for loaded in models if loaded.card.id not in scores]
    if new:
        sets: tuple[tuple[Split, int], ...] = (("test", TEST_CLIPS), ("shift", SHIFT_CLIPS))
        found: dict[Split, list[BenchAnswers]] = {}
        for split, count in sets:
            steps = answer(new, TEST_SEED, count, split)
            found[split] = yield from part(
                steps, label=f"{counted(len(new), 'network')}, {split} set"
            )
        of_sets = [scored(new, found[split], TEST_SEED, split) for split, _ in sets]
        ids = [loaded.card.id for loaded in new]
        scores |= dict(zip(ids, zip(*of_sets, strict=True), strict=True))
        said.insert(0, answers_of(new, found["test"], TEST_SEED))
    whole = [m.card.id for job, m in zip(trained, models, strict=True) if job.clips is None]
    yield Step(1, 1, (scores, answers.joined(said, whole)))


def answers_of(
    models: Sequence[LoadedModel], of_networks: Sequence[BenchAnswers], seed: int
) -> answers.Answers:
    """The answers of networks with the same classes to the clips of a test set.

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
        labels=of_networks[0].labels.astype(np.uint8),
        networks=tuple(loaded.card.id for loaded in models),
        sha256=tuple(loaded.card.sha256 for loaded in models),
        predicted=np.stack([s.logits.argmax(1) for s in of_networks]).astype(np.uint8),
        log_odds=np.stack([answers.true_log_odds(s.logits, s.labels) for s in of_networks]),
    )


def _row(
    job: Job, loaded: LoadedModel, test: Measured, shift: Measured, seconds: float
) -> BenchNetwork:
    return BenchNetwork(
        id=loaded.card.id,
        sha256=loaded.card.sha256,
        temporal=job.temporal,
        name=entry(job.temporal).network,
        seed=job.seed,
        clips=int(loaded.card.training["clips"]),
        parameters=parameters(loaded.card),
        macs=multiply_adds(loaded),
        ms=round(1000 * seconds, 2),
        test=test,
        shift=shift,
        budget=job.clips is not None,
    )


def multiply_adds(loaded: LoadedModel) -> int:
    """Multiply-adds of one clip: convolutions, matrix products, attention, products by weights.

    Products of features with the weights of a temporal module are counted too, which usual
    counters leave out; sums, norms and activations are not.
    """
    spec = loaded.card.input
    x = torch.zeros(1, 3, spec.frames, spec.size, spec.size, device=loaded.device)
    with loaded.lock, torch.no_grad(), Products() as counter:
        loaded.net(x)
    return counter.multiply_adds


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
