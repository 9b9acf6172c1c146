"""The weights in the repository: whole, described, and as good as their cards say."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pytest

from tam_viz.experiments.bench.evaluate import evaluate
from tam_viz.experiments.bench.train import CURVE, LICENCE
from tam_viz.experiments.bench.train_all import jobs
from tam_viz.models import cards, checkpoint
from tam_viz.models.engine import load
from tam_viz.models.registry import entries
from tam_viz.motionpairs.dataset import TEST_SEED
from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.types import result_of
from tam_viz.video.library import GALLERY, read_folder
from tests.support.there import there

RESULTS = json.loads((cards.OWN / cards.RESULTS).read_text())["networks"]
SHIPPED = {row["id"]: row["temporal"] for row in RESULTS if row["seed"] == 0 and not row["budget"]}
"""The networks of the bench by the module that they have."""


def card_metric(name: str, metric: str) -> float:
    (value,) = (m.value for m in cards.read_card(cards.find(name)).metrics if m.name == metric)
    return value


@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_describes_the_weights(name: str) -> None:
    folder = cards.find(name)
    card = load(name, "cpu").card  # loading checks the hash and every shape
    assert card.temporal == SHIPPED[name]
    assert card.classes == CLASSES
    assert card.licence == LICENCE
    assert card.origin
    assert "disjoint from training" in card.metrics[0].protocol
    assert (folder / checkpoint.WEIGHTS).stat().st_size < 4_000_000
    assert (folder / "curve.csv").is_file()


def test_the_licence_of_the_cards_is_that_of_the_project() -> None:
    root = Path(__file__).resolve().parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert project["license"] == LICENCE
    text = (root / "LICENSE").read_text()
    assert "Apache License" in text
    assert "Version 2.0" in text


def test_all_had_the_same_budget() -> None:
    shipped = [job for job in jobs() if (job.folder(cards.OWN) / cards.CARD).exists()]
    assert {(job.folder(cards.OWN).name, job.temporal, job.seed) for job in shipped} == {
        (row["id"], row["temporal"], row["seed"]) for row in RESULTS
    }
    recipes = [cards.read_card(job.folder(cards.OWN)).training for job in shipped]
    for job, recipe in zip(shipped, recipes, strict=True):
        clips = recipes[0]["clips"] if job.clips is None else job.clips
        assert recipe == {**recipes[0], "seed": job.seed, "clips": clips}


@pytest.mark.slow
def test_the_first_test_clips_score_like_all_of_them() -> None:
    """320 of the card's 1,600 clips; 4 standard errors of sampling are allowed."""
    models = [load(name, "cpu") for name in SHIPPED]
    found = result_of(evaluate(models, TEST_SEED, 320))
    for loaded, scores in zip(models, found, strict=True):
        for metric in ("top1", "within_pair"):
            expected = card_metric(loaded.card.id, metric)
            error = (expected * (1 - expected) / 320) ** 0.5
            assert abs(getattr(scores, metric) - expected) < 4 * max(error, 0.005), loaded.card.id


def test_what_is_stored_scores_like_what_was_trained() -> None:
    """The weights of the card against those in training, which never were in a file.

    They saw different clips, 1,600 and 320 of one distribution; 4 standard errors are allowed.
    """
    for row in RESULTS:
        with (cards.find(row["id"]) / CURVE).open(newline="", encoding="utf-8") as file:
            in_training = float(list(csv.DictReader(file))[-1]["validation_top1"])
        stored = row["test"]["top1"]
        mean = (1600 * stored + 320 * in_training) / 1920
        error = (mean * (1 - mean) * (1 / 1600 + 1 / 320)) ** 0.5
        assert abs(stored - in_training) < 4 * error, row["id"]


def test_the_tables_are_those_of_the_cards() -> None:
    assert set(SHIPPED.values()) <= set(entries())
    for row in RESULTS:
        if row["seed"] == 0 and not row["budget"]:
            assert round(row["test"]["top1"], 4) == card_metric(row["id"], "top1")


def test_order_is_what_a_network_blind_to_it_does_not_see() -> None:
    for name in ("none", "pool", "se", "nonlocal"):
        within = card_metric(entries()[name].checkpoint, "within_pair")
        assert abs(within - 0.5) < 4 * (0.25 / 1600) ** 0.5
    assert card_metric("tanet-motionpairs", "within_pair") > 0.8


def test_every_pair_is_learned_by_some_network() -> None:
    for motion in MOTIONS:
        assert max(row["test"]["by_family"][motion.family] for row in RESULTS) > 0.75, motion.family


def test_the_gallery_is_whole() -> None:
    sources = read_folder(GALLERY)
    assert all(source.path.is_file() for source in sources)
    assert {there(source.truth).label for source in sources} == set(CLASSES)
    assert sum(source.path.stat().st_size for source in sources) < 4_000_000
