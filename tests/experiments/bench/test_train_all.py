"""Training everything: what there is to train, resuming, failures, and the table at the end."""

from __future__ import annotations

import json
import multiprocessing
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tam_viz.analysis.bench import answers, results
from tam_viz.analysis.bench.results import Measured
from tam_viz.experiments.bench import evaluate, measure
from tam_viz.experiments.bench import train_all as bench
from tam_viz.experiments.bench.evaluate import BenchAnswers
from tam_viz.experiments.bench.recipe import Recipe
from tam_viz.experiments.bench.train_all import (
    BUDGETED,
    BUDGETS,
    REPEATED,
    Job,
    jobs,
    missing,
    train_all,
)
from tam_viz.models import cards, checkpoint
from tam_viz.models.engine import LoadedModel, load
from tam_viz.models.registry import entries
from tam_viz.motionpairs.scene import SHIFTS
from tam_viz.types import Card, Steps, result_of
from tests.support.steps import leave

CPU = torch.device("cpu")
TINY = Recipe(clips=16, batch=4, width=8, size=32)


def test_every_module_once_and_some_of_them_thrice() -> None:
    planned = jobs()
    smaller = len(BUDGETED) * len(BUDGETS)
    assert len(planned) == len(set(planned)) == len(entries()) + 2 * len(REPEATED) + smaller
    assert {job.temporal for job in planned if job.seed == 0} == set(entries())
    assert [job.seed for job in planned if job.temporal == "tsm" and not job.clips] == [0, 1, 2]
    assert [job.clips for job in planned if job.temporal == "tsm" and job.clips] == list(BUDGETS)
    assert Job("tam", 0).folder(Path("x")) == Path("x/tanet-motionpairs")
    assert Job("tam", 2).folder(Path("x")) == Path("x/seeds/tanet-motionpairs-seed2")


def test_what_has_begun_comes_first(tmp_path: Path) -> None:
    Job("tsm", 1).folder(tmp_path).mkdir(parents=True)
    done = Job("none", 0).folder(tmp_path)
    done.mkdir()
    (done / cards.CARD).touch()
    left = missing(tmp_path)
    assert left[0] == Job("tsm", 1)
    assert len(left) == len(jobs()) - 1


@pytest.mark.slow
def test_the_bench_from_nothing_to_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One job fails, the others are trained in processes, measured, and not trained again."""
    planned = [Job("none", 0), Job("tconv", 0), Job("tam", 0), Job("tconv", 1)]
    monkeypatch.setattr(bench, "jobs", lambda: planned)
    monkeypatch.setattr(measure, "jobs", lambda: planned)
    for name, value in (("TEST_CLIPS", 32), ("SHIFT_CLIPS", 80), ("_ROUNDS", 2)):
        monkeypatch.setattr(measure, name, value)
    foreign = Job("tam", 0).folder(tmp_path)
    foreign.mkdir(parents=True)
    other = {"temporal": "tam", "recipe": {"clips": 1}}
    torch.save(other, foreign / "training.pt")

    said = list(train_all(tmp_path, TINY, workers=2, device=CPU))
    failures = {s.job: s.failure for s in said if s.failure is not None}
    assert list(failures) == [Job("tam", 0)]
    assert "unfinished run of another recipe" in failures[Job("tam", 0)]
    assert missing(tmp_path) == [Job("tam", 0)]
    assert not multiprocessing.active_children()

    planned.remove(Job("tam", 0))
    assert list(train_all(tmp_path, TINY, workers=2, device=CPU)) == []
    steps = list(measure.measure_all(tmp_path, "cpu"))
    assert (steps[-1].done, steps[-1].total) == (2, 2)
    assert steps[-1].result == tmp_path / "results.json"
    record = json.loads((tmp_path / "results.json").read_text())
    rows = {(row["temporal"], row["seed"]): row for row in record["networks"]}
    assert set(rows) == {("none", 0), ("tconv", 0), ("tconv", 1)}
    assert rows[("none", 0)]["test"]["n"] == 32
    assert set(rows[("none", 0)]["shift"]["by_kind"]) == set(SHIFTS)
    table = (tmp_path / "RESULTS.md").read_text()
    for heading in ("by family", "by difficulty", "on the shift set", "Several seeds"):
        assert heading in table
    assert re.search(r"\| C2D-TConv +\| 2 +\|", table)
    assert_only_new_weights_are_measured(tmp_path, monkeypatch)
    card = cards.read_card(Job("none", 0).folder(tmp_path))
    assert {m.name for m in card.metrics} == {
        "top1",
        "within_pair",
        "shift_top1",
        "shift_within_pair",
    }
    counted = {
        name: measure.multiply_adds(load(Job(name, 0).folder(tmp_path), "cpu"))
        for name in ("none", "tconv")
    }
    # after conv1: two blocks in each stage, 8 frames, 8 channels at 8 x 8 and so on downwards;
    # the first block of a later stage has its conv1 at the size of the stage before
    values = 8 * (2 * 8 * 64 + 16 * (64 + 16) + 32 * (16 + 4) + 64 * (4 + 1))
    ends = 2 * values // 8  # the first and the last frame have two taps in the clip
    assert counted["tconv"] - counted["none"] == 3 * values - ends


def assert_only_new_weights_are_measured(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second time nothing is; then one network, whose weights have changed."""
    asked: list[str] = []

    def answer(models: Sequence[LoadedModel], *rest: Any) -> Steps[list[BenchAnswers]]:
        asked.extend(loaded.card.id for loaded in models)
        return evaluate.answer(models, *rest)

    monkeypatch.setattr(measure, "answer", answer)
    before, said = scores(root), answers.read(root / answers.ANSWERS)
    result_of(measure.measure_all(root, "cpu"))
    again = answers.read(root / answers.ANSWERS)
    assert (asked, scores(root), again.networks) == ([], before, said.networks)
    np.testing.assert_array_equal(again.log_odds, said.log_odds)

    changed = Job("tconv", 1)
    folder, seed0 = changed.folder(root), Job("tconv", 0)
    card = cards.read_card(folder)
    checkpoint.save(folder, card, checkpoint.load_network(seed0.folder(root), card_of(seed0, root)))
    result_of(measure.measure_all(root, "cpu"))
    assert set(asked) == {card.id}
    after = scores(root)
    assert after[card.id] == after[card_of(seed0, root).id]
    assert {name: s for name, s in after.items() if name != card.id} == {
        name: s for name, s in before.items() if name != card.id
    }


def card_of(job: Job, root: Path) -> Card:
    return cards.read_card(job.folder(root))


def scores(root: Path) -> dict[str, tuple[Measured, Measured]]:
    record = results.read_record(root / cards.RESULTS)
    return {network.id: (network.test, network.shift) for network in record.networks}


def test_closing_ends_the_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "jobs", lambda: [Job("none", 0)])
    running = train_all(
        tmp_path, Recipe(clips=4000, pool=16, width=8, size=32), workers=1, device=CPU
    )
    assert next(running).progress is not None
    leave(running)
    assert not multiprocessing.active_children()
