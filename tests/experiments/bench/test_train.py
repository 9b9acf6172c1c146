"""Training resumes to the same weights, and scores are what they say."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tam_viz.experiments.bench import optimiser
from tam_viz.experiments.bench import recipe as recipes
from tam_viz.experiments.bench import train as training
from tam_viz.experiments.bench.recipe import Recipe
from tam_viz.experiments.bench.train import Progress, train
from tam_viz.models.engine import load
from tam_viz.motionpairs.augment import REVERSED
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.types import UserError
from tests.support.steps import leave

CPU = torch.device("cpu")
RECIPE = Recipe(clips=48, batch=8, width=8, size=32)


def steps(folder: Path, recipe: Recipe = RECIPE) -> Iterator[Progress]:
    return train("tam", folder, recipe, device=CPU, report_every=1, save_every=1, validate_every=3)


@pytest.fixture(autouse=True)
def _few_validation_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "VALIDATION_CLIPS", 16)


def test_a_killed_run_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    done = list(steps(tmp_path / "whole"))
    assert [p.step for p in done] == [1, 2, 3, 4, 5, 6]
    killed = steps(tmp_path / "killed")
    for progress in killed:
        if progress.step == 4:
            leave(killed)
            break
    assert not (tmp_path / "killed" / "card.json").exists()
    resumed = list(steps(tmp_path / "killed"))
    assert [p.step for p in resumed] == [5, 6]
    whole, again = (
        load_file(tmp_path / name / "model.safetensors") for name in ("whole", "killed")
    )
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    curves = [(tmp_path / name / "curve.csv").read_text() for name in ("whole", "killed")]
    assert [line.split(",")[0] for line in curves[1].splitlines()] == ["clips", "24", "48"]
    assert curves[0].splitlines()[0] == "clips,loss_nats,validation_top1"
    assert sorted(p.name for p in (tmp_path / "whole").iterdir()) == [
        "card.json",
        "curve.csv",
        "model.safetensors",
    ]


def test_the_card_says_how_it_was_made(tmp_path: Path) -> None:
    list(steps(tmp_path / "net"))
    card = json.loads((tmp_path / "net" / "card.json").read_text())
    assert card["temporal"] == "tam"
    assert card["id"] == "net"
    assert card["classes"] == list(CLASSES)
    assert card["input"]["frames"] == 8
    assert card["training"]["clips"] == 48
    assert load(tmp_path / "net", "cpu").card.training["seed"] == 0


def test_a_finished_or_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    list(steps(tmp_path / "net"))
    with pytest.raises(UserError, match="already holds a checkpoint"):
        next(steps(tmp_path / "net"))
    unfinished = steps(tmp_path / "other")
    next(unfinished)
    leave(unfinished)
    with pytest.raises(UserError, match="unfinished run of another recipe"):
        next(steps(tmp_path / "other", Recipe(clips=64, batch=8, width=8, size=32)))


def test_an_unknown_module_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no temporal module 'tma'"):
        next(train("tma", tmp_path / "net", RECIPE, device=CPU))
    assert not (tmp_path / "net").exists()


def test_a_loss_that_is_not_finite_ends_the_run(tmp_path: Path) -> None:
    recipe = dataclasses.replace(RECIPE, rate=1e30)
    with pytest.raises(UserError, match=r"at step \d of 6 the loss is (nan|inf)\. Choose a lower"):
        list(steps(tmp_path / "net", recipe))
    assert not (tmp_path / "net" / "card.json").exists()


def test_the_schedule_warms_up_and_cools_down() -> None:
    rates = [optimiser.schedule(step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(1 / 8)
    assert rates[7] == pytest.approx(1)
    assert rates[8:] == sorted(rates[8:], reverse=True)
    assert rates[-1] < 0.001


def test_a_step_sees_clips_and_their_reversals() -> None:
    pool = recipes.training_pool(RECIPE)
    frames, labels = recipes.batch_of(RECIPE, pool, 3)
    again, _ = recipes.batch_of(RECIPE, pool, 3)
    other, _ = recipes.batch_of(RECIPE, pool, 4)
    assert (frames == again).all()
    assert (frames != other).any()
    assert (frames[0::2] == frames[1::2, ::-1]).all()
    assert (labels[1::2] == REVERSED[labels[0::2]]).all()


def test_without_augmentation_every_clip_of_the_pool_is_seen_as_it_is_drawn() -> None:
    plain = dataclasses.replace(RECIPE, augment=False)
    pool = recipes.training_pool(plain)
    assert pool.clips == plain.distinct == 24
    seen = np.concatenate([recipes.batch_of(plain, pool, s)[0][0::2] for s in range(plain.steps)])
    drawn, _ = pool.take(np.arange(24))
    assert {f.tobytes() for f in seen} == {f.tobytes() for f in drawn}


def test_the_recipe_of_the_bench_shows_each_clip_eight_times_and_its_reversal_too() -> None:
    recipe = Recipe()
    assert recipe.distinct == recipe.pool
    assert recipe.clips == 2 * 8 * recipe.pool


@pytest.mark.parametrize(
    ("temporal", "branch"), [("tam", "G"), ("tam_global", "G"), ("dfn", "generate"), ("tsm", "")]
)
def test_the_branch_that_makes_kernels_has_a_rate_of_its_own(temporal: str, branch: str) -> None:
    net = training._network(temporal, RECIPE)
    rates, decays = {}, {}
    for group in optimiser.parameter_groups_of(net, temporal, RECIPE):
        for parameter in group["params"]:
            assert parameter not in rates  # each in one group
            rates[parameter] = group["peak"] / RECIPE.rate
            decays[parameter] = group["weight_decay"]
    made = 0
    for name, parameter in net.named_parameters():
        inside = bool(branch) and f".temporal.{branch}." in name
        made += inside
        assert rates[parameter] == (RECIPE.branch_rate if inside else 1.0), name
        assert decays[parameter] == (0.0 if inside or parameter.ndim < 2 else RECIPE.decay), name
    assert (made > 0) == bool(branch)


def test_every_step_takes_every_group_along_the_schedule(tmp_path: Path) -> None:
    recipe = dataclasses.replace(RECIPE, clips=8, branch_rate=0.0)
    list(train("tam", tmp_path / "net", recipe, device=CPU))
    before = training._network("tam", recipe).state_dict()
    after = load_file(tmp_path / "net" / "model.safetensors")
    for name, value in before.items():
        if name.endswith("weight") and value.ndim >= 2:
            same = torch.equal(after[name], value.to(after[name].dtype))  # as it is stored
            assert same == (".temporal.G." in name), name
