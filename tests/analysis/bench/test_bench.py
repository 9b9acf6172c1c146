"""The bench in tables and sentences, from a file whose numbers are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tam_viz.analysis.bench import bench, bench_cost
from tam_viz.analysis.bench.mechanisms import MECHANISMS, SYMMETRIC, mechanism
from tam_viz.analysis.bench.results import Bench, read
from tam_viz.models import cards
from tam_viz.models.engine import LoadedModel
from tam_viz.models.registry import entries
from tam_viz.motionpairs.motions import MOTIONS
from tam_viz.motionpairs.scene import LEVELS, SHIFTS
from tam_viz.types import UserError
from tests.analysis.makers import ALL, record

FAMILIES = [motion.family for motion in MOTIONS]
REVERSALS = [motion.family for motion in MOTIONS if motion.reversal]
Damage = Callable[[dict[str, Any]], object]


def load(folder: Path, data: object) -> Bench:
    path = folder / "results.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return read(path)


@pytest.fixture
def full(tmp_path: Path) -> Bench:
    return load(tmp_path, record())


def test_the_results_of_the_project_are_read() -> None:
    found = read(cards.OWN / cards.RESULTS)
    assert {network.temporal for network in found.networks} <= set(entries())
    assert found.chance == 1 / 16
    assert bench.describe_accuracy(found)


def test_one_network_for_each_module_the_best_first(full: Bench) -> None:
    assert [network.temporal for network in full.networks] == list(ALL)
    assert {network.seed for network in full.networks} == {0}
    repeats = [(network.temporal, network.seed) for network in full.repeats]
    assert repeats == [("tam", 1), ("none", 1), ("tam", 2), ("none", 2)]
    assert full.networks[0].mmacs == pytest.approx(110.0)


def test_a_module_of_which_only_another_seed_is_there(tmp_path: Path) -> None:
    data = record(("tam", "none"), seeds=2)
    data["networks"] = [row for row in data["networks"] if row["seed"] == 1]
    found = load(tmp_path, data)
    assert [network.seed for network in found.networks] == [1, 1]
    assert not found.repeats


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.pop("networks"),
        lambda data: data.update(networks=[]),
        lambda data: data.update(networks={"tam": 1}),
        lambda data: data["networks"].append(data["networks"][0]),
        lambda data: data["networks"][0].pop("macs"),
        lambda data: data["networks"][0].update(test=[1, 2]),
        lambda data: data["networks"][0]["test"].update(top1=1.5),
        lambda data: data["networks"][0]["test"].update(top1=float("nan")),
        lambda data: data["networks"][0]["test"].update(interval=[0.1]),
        lambda data: data["networks"][0]["test"].update(by_class={}),
        lambda data: data["networks"][0]["test"].update(n=0),
        lambda data: data["networks"][0]["shift"].update(by_kind="camera"),
        lambda data: data["networks"][0].update(ms_per_clip=float("inf")),
        lambda data: data["networks"][0].update(clips="many"),
    ],
)
def test_a_damaged_file_is_told(tmp_path: Path, damage: Damage) -> None:
    data = record()
    damage(data)
    with pytest.raises(UserError, match="is not what `tam-viz evaluate all` writes"):
        load(tmp_path, data)


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"\xff\xfe", b"null", b"{"])
def test_what_is_no_such_file_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"results\.json is not what"):
        read(path)


def test_tables_hold_the_numbers(full: Bench) -> None:
    accuracy = bench.accuracy_table(full)
    assert len(accuracy) == len(ALL) + 4
    assert accuracy["test: top-1"].iloc[0] == 0.9
    assert accuracy["shift: top-1"].iloc[0] == 0.8
    levels = bench.level_table(full, LEVELS)
    assert list(levels.columns) == list(LEVELS)  # not as they lie in the file
    assert list(levels.loc["TAM"]) == pytest.approx([0.9, 0.88, 0.86])
    assert bench.shift_table(full, SHIFTS).loc["TSM", "camera"] == pytest.approx(0.71)
    assert bench.pair_table(full, FAMILIES).shape == (len(ALL), 8)
    assert bench_cost.cost_table(full).loc["TSM", "million multiply-adds per clip"] == 112.0


def test_what_was_not_measured_is_missing(tmp_path: Path) -> None:
    data = record(("tam", "none"), seeds=1)
    del data["networks"][1]["test"]["by_family"]["pace"]
    table = bench.pair_table(load(tmp_path, data), FAMILIES)
    assert table["pace"].isna()["NONE"]
    assert table.notna().to_numpy().sum() == 15


def test_what_was_measured_is_said(full: Bench, tmp_path: Path) -> None:
    said = bench.describe_bench(full)
    assert said.startswith("8 small networks, one for each way to handle time, trained on 640")
    assert "1,600 test clips" in said
    assert "4 more networks were trained from other seeds." in said
    assert "Not measured yet: action, artnet, dfn, divided" in said
    assert bench.describe_bench(load(tmp_path, record(("tam",), 1))).startswith("1 small network, ")
    everything = [name for names in MECHANISMS.values() for name in names]
    assert "Not measured" not in bench.describe_bench(load(tmp_path, record(everything, 1)))


def test_accuracy_is_said(full: Bench, tmp_path: Path) -> None:
    said = bench.describe_accuracy(full)
    assert said.startswith("TAM is best on the test set: 0.900 (95% interval 0.870–0.930).")
    assert "TSM follows with 0.850 (95% interval 0.820–0.880); the two intervals overlap." in said
    assert "NONE, which looks at every frame alone, has 0.750; a guess has 0.062." in said
    assert "top-1 changes by −0.10" in said
    assert "TAM 0.900–0.920 (3 seeds), NONE 0.750–0.770 (3 seeds)." in said
    assert "NONE, POOL, SE and NONLOCAL are built so that nothing tells a clip" in said
    third = bench.describe_accuracy(load(tmp_path, record(("tdn", "tsm", "tam"), 1)))
    assert "TAM is number 3 of 3 with 0.800" in third
    assert "its interval and that of TDN do not overlap." in third
    assert "seeds" not in third
    assert "built" not in third


def test_a_module_that_could_see_but_does_not_is_named(tmp_path: Path) -> None:
    data = record(("tam", "tconv", "none"), 1)
    for row, value in zip(data["networks"][1:], (0.52, 0.49), strict=True):
        row["test"]["within_pair"] = value
    said = bench.describe_accuracy(load(tmp_path, data))
    assert "NONE is built so" in said
    assert "TCONV could, but scores no better than chance within pairs (½ + 0.025)" in said


def test_pairs_are_said(full: Bench) -> None:
    said = bench.describe_pairs(full, FAMILIES, REVERSALS)
    assert said.startswith("The median network tells 'horizontal' apart best (0.72) and 'pace'")
    assert "where TAM leads with 0.83" in said
    assert "In 7 of the 8 pairs one class is the other played backwards" in said
    assert "NONE, POOL, SE and NONLOCAL can do no better than ½ but by luck" in said


def test_hardness_is_said(full: Bench) -> None:
    said = bench.describe_hardness(full, LEVELS, SHIFTS)
    assert "From calm to hard clips top-1 changes by −0.04" in said
    assert "'camera' for 0, 'smaller' for 0, 'crowded' for 8 of 8 networks" in said
    assert (
        "TAM has 0.80 (faster), 0.78 (slower), 0.76 (camera), 0.74 (smaller), 0.72 (crowded)."
        in said
    )


def test_the_frontier_and_the_cost(full: Bench, tmp_path: Path) -> None:
    assert [network.name for network in bench_cost.frontier(full.networks, "mmacs")] == ["TAM"]
    said = bench_cost.describe_cost(full, "ms")
    assert said.startswith("TAM is both the cheapest, with 10.0 milliseconds per clip")
    assert "TAM needs 10.0, 0.77 times as much as NONE; in top-1 the two are 0.150 apart." in said
    data = record(("tam", "none"), 1)
    data["networks"][1]["ms_per_clip"] = 5.0
    found = load(tmp_path, data)
    assert [network.name for network in bench_cost.frontier(found.networks, "ms")] == [
        "NONE",
        "TAM",
    ]
    assert "they need 5.0 to 10.0 milliseconds" in bench_cost.describe_cost(found, "ms")


@pytest.mark.parametrize("modules", [("tam",), ("none",), ("pool", "se"), ("another",)])
def test_a_partial_file_is_described(tmp_path: Path, modules: tuple[str, ...]) -> None:
    data = record(modules, seeds=1)
    for row in data["networks"]:
        row["test"].update(by_family={}, by_kind={})
        row["shift"].update(by_family={}, by_kind={})
    found = load(tmp_path, data)
    for said in (
        bench.describe_bench(found),
        bench.describe_accuracy(found),
        bench.describe_pairs(found, FAMILIES, REVERSALS),
        bench.describe_hardness(found, LEVELS, SHIFTS),
        bench_cost.describe_cost(found, "mmacs"),
    ):
        assert said.endswith(".")


def test_every_module_has_one_mechanism() -> None:
    named = [name for modules in MECHANISMS.values() for name in modules]
    assert sorted(named) == sorted(entries())
    assert mechanism("something else") == "other"


@pytest.mark.parametrize("name", sorted(entries()))
def test_just_the_symmetric_modules_cannot_tell_a_clip_from_its_reversal(
    name: str, tiny_model: Callable[..., LoadedModel]
) -> None:
    net = tiny_model(name).net
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
        x = torch.randn(2, 3, 4, 32, 32)
        forwards, backwards = net(x), net(x.flip(2))
    alike = torch.allclose(forwards, backwards, rtol=1e-3, atol=1e-4)
    assert alike == (name in SYMMETRIC)
