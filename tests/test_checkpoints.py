"""The weights in the repository: whole, described, and as good as their cards say."""

from __future__ import annotations

import pytest

from tam_viz.experiments.evaluate import TEST_SEED, evaluate
from tam_viz.models import cards, checkpoint
from tam_viz.models.engine import load
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.video.library import GALLERY, read_folder

SHIPPED = {"tanet-motionpairs": "tam", "tsm-motionpairs": "tsm", "tsn-motionpairs": "none"}


def card_metric(name: str, metric: str) -> float:
    (value,) = (m.value for m in cards.read_card(cards.find(name)).metrics if m.name == metric)
    return value


@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_describes_the_weights(name: str) -> None:
    folder = cards.find(name)
    card = load(name, "cpu").card  # loading checks the hash and every shape
    assert card.temporal == SHIPPED[name]
    assert card.classes == CLASSES
    assert card.licence
    assert card.origin
    assert "disjoint from training" in card.metrics[0].protocol
    assert (folder / checkpoint.WEIGHTS).stat().st_size < 4_000_000
    assert (folder / "curve.csv").is_file()


def test_all_had_the_same_budget() -> None:
    recipes = [dict(cards.read_card(cards.find(name)).training) for name in SHIPPED]
    assert recipes[0] == recipes[1] == recipes[2]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_first_test_clips_score_like_all_of_them(name: str) -> None:
    """320 of the card's 1,600 clips; 4 standard errors of sampling are allowed."""
    scores = next(s for _, s in evaluate(load(name, "cpu"), TEST_SEED, 320) if s is not None)
    for metric in ("top1", "within_pair"):
        expected = card_metric(name, metric)
        error = (expected * (1 - expected) / 320) ** 0.5
        assert abs(getattr(scores, metric) - expected) < 4 * max(error, 0.005), metric


def test_order_is_what_the_tanet_sees_and_the_tsn_does_not() -> None:
    assert card_metric("tanet-motionpairs", "top1") > card_metric("tsn-motionpairs", "top1") + 0.3
    assert abs(card_metric("tsn-motionpairs", "within_pair") - 0.5) < 4 * (0.25 / 1600) ** 0.5
    assert card_metric("tanet-motionpairs", "within_pair") > 0.9


def test_the_gallery_is_whole() -> None:
    sources = read_folder(GALLERY)
    assert all(source.path.is_file() for source in sources)
    assert {source.truth.label for source in sources} == set(CLASSES)
    assert sum(source.path.stat().st_size for source in sources) < 4_000_000
