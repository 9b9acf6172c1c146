"""Benchmarks run through, on a network and clips so small that they measure nothing."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import aggregation, analyze, gpu, reading, sides, tanet50
from tam_viz.cli.app import app
from tam_viz.experiments.studies import untrained
from tam_viz.types import InputSpec


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where results go, of one turn each."""
    monkeypatch.setattr(sides, "RESULTS", tmp_path)
    monkeypatch.setattr(tanet50, "SPEC", InputSpec(frames=8, resize=32, size=32))
    monkeypatch.setattr(tanet50, "LAYERS", (2, 2, 2, 2))
    monkeypatch.setattr(tanet50, "WIDTH", 8)
    monkeypatch.setattr(tanet50, "CLASSES", 5)
    monkeypatch.setattr(sys, "argv", ["benchmark", "--turns", "1", "--device", "cpu"])
    monkeypatch.setattr(untrained, "HALVED", untrained.HALVED)  # which one of them changes
    monkeypatch.setenv("TAM_VIZ_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.mark.parametrize(
    "name", ["engine", "run_many", "sweep", "views", "references", "aggregation", "gpu"]
)
def test_a_benchmark_runs_through_and_keeps_what_it_measured(
    name: str, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aggregation, "SHAPES", ((8, 4),))
    monkeypatch.setattr(aggregation, "TURNS", 1)
    monkeypatch.setattr(gpu, "SHAPES", ((8, 4),))
    small = {name: replace(s, width=64, height=48, seconds=1) for name, s in reading.VIDEOS.items()}
    small[reading.FILM] = replace(small[reading.FILM], times=3)
    monkeypatch.setattr(reading, "VIDEOS", small)
    monkeypatch.setattr(reading, "TURNS", 1)
    monkeypatch.setattr(reading, "SHORT_TURNS", 1)
    importlib.import_module(f"benchmarks.{name}").main()
    assert_kept(tiny)


def test_the_command_line_is_measured_by_what_it_can_do(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: set[tuple[str, ...]] = set()

    def here(command: list[str], _folder: Path) -> None:
        """Each command once, and in this process."""
        _, how, *arguments = command
        if how == "-m" and (*arguments,) not in done:
            done.add((*arguments,))
            result = CliRunner().invoke(app, arguments[1:])
            assert result.exit_code == 0, result.output

    monkeypatch.setattr(analyze, "run", here)
    analyze.main()
    assert {arguments[0] for arguments in done} == {"tam_viz"}
    assert len(done) == 2
    assert_kept(tiny)


def assert_kept(folder: Path) -> None:
    """A benchmark left its tables there, and the machine that they are of."""
    (path,) = folder.glob("*.json")
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert {"processor", "cores", "load", "torch", "date"} <= set(kept["machine"])
    for table in kept["tables"]:
        assert table["rows"]
        assert {len(row) for row in table["rows"]} == {len(table["columns"])}


def test_two_sides_that_hardly_differ_take_both_orders() -> None:
    order: list[str] = []
    sides.beside(lambda: order.append("side"), lambda: order.append("base"), turns=1)
    assert order == ["side", "base", "base", "side", "side", "base"]
