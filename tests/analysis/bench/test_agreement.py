"""Agreement and differences of networks, from answers whose numbers are known."""

from __future__ import annotations

import dataclasses
import json
from math import comb
from pathlib import Path

import numpy as np
import pytest

from tam_viz.analysis.bench import agreement as analysis
from tam_viz.analysis.bench import differences
from tam_viz.analysis.bench.answers import Answers, joined, true_log_odds
from tam_viz.analysis.bench.results import Bench, BenchNetwork, read
from tam_viz.motionpairs.motions import CLASSES
from tests.analysis.makers import record

N = 320
"""Twenty clips of each class."""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(record(("tam", "tsm", "none"))), encoding="utf-8")
    return read(path)


@pytest.fixture
def answers(bench: Bench) -> Answers:
    """Each network answers a share of the clips rightly, the others anyhow."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(16), N // 16).astype(np.uint8)
    names = tuple(n.id for n in (*bench.networks, *bench.repeats))
    said = rng.integers(0, 16, (len(names), N)).astype(np.uint8)
    knows = rng.random(said.shape) < 0.6
    said[knows] = np.broadcast_to(labels, said.shape)[knows]
    return Answers(
        2, CLASSES, labels, names, ("0" * 64,) * len(names), said, rng.normal(size=said.shape)
    )


def pair(bench: Bench) -> tuple[BenchNetwork, BenchNetwork]:
    first, second = bench.find("tam"), bench.find("tsm")
    assert first is not None
    assert second is not None
    return first, second


def with_answers(given: Answers, name: str, said: np.ndarray) -> Answers:
    predicted = given.predicted.copy()
    predicted[given.row(name)] = said
    return dataclasses.replace(given, predicted=predicted)


def test_answers_of_two_files_are_joined_if_they_are_to_the_same_clips(answers: Answers) -> None:
    first, *_, last = answers.networks
    alone = joined([answers], [last])
    assert alone.networks == (last,)
    other = dataclasses.replace(alone, predicted=(alone.predicted + 1) % 16)
    both = joined([other, answers], [first, last])
    np.testing.assert_array_equal(both.predicted[0], answers.predicted[answers.row(first)])
    np.testing.assert_array_equal(both.predicted[1], other.predicted[0])
    with pytest.raises(KeyError, match="no network"):
        joined([answers], ["no network"])
    with pytest.raises(ValueError, match="not to the same clips"):
        joined([dataclasses.replace(answers, seed=9), answers], [first])


def test_agreement_is_counted_and_kappa_takes_chance_out(answers: Answers, bench: Bench) -> None:
    found = analysis.agreement(answers, bench)
    names = [network.id for network in found.networks]
    assert sorted(names) == sorted(network.id for network in bench.networks)
    i, j = (names.index(network.id) for network in pair(bench))
    one, other = (answers.predicted[answers.row(names[k])] for k in (i, j))
    same = (one == other).mean()
    chance = sum((one == k).mean() * (other == k).mean() for k in range(16))
    assert found.same[i, j] == found.same[j, i] == pytest.approx(same)
    assert found.kappa[i, j] == pytest.approx((same - chance) / (1 - chance))


def test_the_diagonal_is_what_two_seeds_share(answers: Answers, bench: Bench) -> None:
    found = analysis.agreement(answers, bench)
    single = [network.temporal for network in found.networks].index("tsm")
    assert np.isnan(np.diag(found.same)).tolist() == [i == single for i in range(3)]
    place = [network.temporal for network in found.networks].index("tam")
    seeds = [n.id for n in (*bench.networks, *bench.repeats) if n.temporal == "tam"]
    said = [answers.predicted[answers.row(name)] for name in seeds]
    shares = [(said[a] == said[b]).mean() for a, b in ((0, 1), (0, 2), (1, 2))]
    assert found.same[place, place] == pytest.approx(np.mean(shares))
    assert "Two trainings of the same network from other seeds" in analysis.describe_agreement(
        found
    )


def test_networks_that_always_say_the_same_agree_most(answers: Answers, bench: Bench) -> None:
    first, second = pair(bench)
    twins = with_answers(answers, second.id, answers.predicted[answers.row(first.id)])
    said = analysis.describe_agreement(analysis.agreement(twins, bench))
    most = said.removeprefix("Beyond chance ").split(" agree most (kappa 1.00)")[0]
    assert set(most.split(" and ")) == {first.name, second.name}
    assert f"{first.name} is most like {second.name} (kappa 1.00, the same answer on 100%" in said


def test_only_one_network_is_no_error(answers: Answers, bench: Bench) -> None:
    alone = dataclasses.replace(bench, networks=bench.networks[:1], repeats=())
    found = analysis.agreement(answers, alone)
    assert analysis.describe_agreement(found) == "There are no two networks to compare."


def test_a_difference_is_that_of_mcnemar() -> None:
    first = np.array([True] * 60 + [False] * 40)
    second = np.array([True] * 50 + [False] * 10 + [True] * 2 + [False] * 38)
    found = differences.difference("x", first, second)
    assert (found.n, found.gains, found.losses) == (100, 10, 2)
    assert found.value == pytest.approx(0.08)
    tail = sum(comb(12, k) for k in range(3)) / 2**12
    assert found.p == pytest.approx(2 * tail)
    assert found.low < 0.08 < found.high
    # The normal approximation of the same interval
    spread = 1.96 * np.std(first.astype(float) - second) / 10
    assert (found.low, found.high) == pytest.approx((0.08 - spread, 0.08 + spread), abs=0.015)
    alike = differences.difference("x", first, first)
    assert (alike.value, alike.low, alike.high, alike.p) == (0, 0, 0, 1)


def test_where_one_gains_and_loses(answers: Answers, bench: Bench) -> None:
    first, second = pair(bench)
    right, wrong = answers.labels, (answers.labels + 1) % 16
    one = np.where(answers.labels == 3, wrong, right).astype(np.uint8)  # all but one class
    other = np.where(answers.labels == 5, wrong, right).astype(np.uint8)
    made = with_answers(with_answers(answers, first.id, one), second.id, other)
    every, *of_class = differences.differences(made, first.id, second.id)
    assert (every.gains, every.losses, every.value) == (20, 20, 0)
    assert [d.name for d in of_class] == list(CLASSES)
    values = {CLASSES[3]: -1.0, CLASSES[5]: 1.0}
    assert {d.name: d.value for d in of_class if d.value} == values
    plain = differences.difference("", one[right == 5] == 5, other[right == 5] == 5).p
    assert of_class[5].p == pytest.approx(plain * 16 / 2)  # the two smallest of sixteen are alike
    said = differences.describe_differences([every, *of_class], first.name, second.name)
    assert f"It gains on '{CLASSES[5]}' (+1.00)." in said
    assert f"It loses on '{CLASSES[3]}' (−1.00)." in said
    assert "On the other 14 classes no difference is significant." in said
    codes = differences.outcomes(made, first.id, second.id)
    assert np.bincount(codes, minlength=4).tolist() == [280, 20, 20, 0]


def test_other_seeds_are_held_against_the_rival(answers: Answers, bench: Bench) -> None:
    first, second = pair(bench)
    found = differences.other_seeds(answers, bench, first, second)
    assert list(found) == ["seed 1", "seed 2"]
    repeat = next(n for n in bench.repeats if n.temporal == "tam" and n.seed == 1)
    gap = answers.right(repeat.id).mean() - answers.right(second.id).mean()
    assert found.loc["all classes", "seed 1"] == pytest.approx(gap)
    table = differences.difference_table(
        differences.differences(answers, first.id, second.id), found
    )
    assert list(table.columns[-2:]) == ["seed 1", "seed 2"]
    assert len(table) == 17
    none = bench.find("none")
    assert none is not None
    own = next(n for n in bench.repeats if n.temporal == "none" and n.seed == 1)
    both = differences.other_seeds(answers, bench, first, none)
    gap = answers.right(repeat.id).mean() - answers.right(own.id).mean()
    assert both.loc["all classes", "seed 1"] == pytest.approx(gap)


def test_clips_are_sorted_by_temporal_gain(answers: Answers, bench: Bench) -> None:
    first, second = pair(bench)
    table = differences.clip_table(answers, first.id, second.id, (first.name, second.name))
    assert (np.diff(table["gain"]) <= 0).all()
    clip = table.index[0]
    gain = answers.log_odds[answers.row(first.id), clip]
    gain -= answers.log_odds[answers.row(second.id), clip]
    assert table["gain"].iloc[0] == pytest.approx(gain, abs=1e-3)
    assert table["class"].iloc[0] == CLASSES[answers.labels[clip]]
    said = differences.describe_clips(answers, first.id, second.id, (first.name, second.name))
    assert f"only {second.name} on" in said


def test_log_odds_forget_what_all_logits_share() -> None:
    logits = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    labels = np.array([0, 2])
    p = np.exp(2) / (np.exp(2) + np.exp(1) + 1)
    expected = [np.log(p / (1 - p)), np.log(1 / 2)]
    np.testing.assert_allclose(true_log_odds(logits, labels), expected)
    np.testing.assert_allclose(true_log_odds(logits + 100, labels), expected)
