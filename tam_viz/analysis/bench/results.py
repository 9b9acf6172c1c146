"""Reading what `tam-viz evaluate all` wrote; see `tam_viz.experiments.bench.measure`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tam_viz.types import UserError


@dataclass(frozen=True)
class Measured:
    """How often a network was right on a set of clips; all shares lie in [0, 1].

    Attributes:
        n: Number of clips.
        top1: Share of clips whose best class is the true one.
        interval: The 95% interval of `top1` for clips drawn at random (Wilson).
        within_pair: Share of clips for which the true class beats the other of its pair; 0.5
            is chance, whatever the network knows of single frames.
        by_class: Top-1 of the clips of each class.
        by_family: `within_pair` of the clips of each pair of classes.
        by_kind: Top-1 of the clips of each level of difficulty, or of each kind of shift.
    """

    n: int
    top1: float
    interval: tuple[float, float]
    within_pair: float
    by_class: dict[str, float]
    by_family: dict[str, float]
    by_kind: dict[str, float]


@dataclass(frozen=True)
class Network:
    """One trained network.

    Attributes:
        id: Of its checkpoint.
        temporal: Name of its temporal module in the registry.
        name: What a network with this module is called.
        seed: Of its training.
        clips: Clips seen in training.
        parameters: Of the whole network.
        mmacs: Multiply-adds of one clip, in millions.
        ms: Milliseconds for one clip, the median of several.
        test: On clips like those of training.
        shift: On clips outside the range of training.
    """

    id: str
    temporal: str
    name: str
    seed: int
    clips: int
    parameters: int
    mmacs: float
    ms: float
    test: Measured
    shift: Measured


@dataclass(frozen=True)
class Bench:
    """All networks that were measured alike.

    Attributes:
        networks: One for each module, of its first seed; the best on the test set first.
        repeats: Those of further seeds.
        budgets: Those of the first seed that were trained on fewer clips.
        device: Where they were timed.
        threads: CPU threads while they were timed.
    """

    networks: tuple[Network, ...]
    repeats: tuple[Network, ...]
    budgets: tuple[Network, ...]
    device: str
    threads: int

    @property
    def chance(self) -> float:
        """Top-1 of guessing among the classes."""
        return 1 / len(self.networks[0].test.by_class)

    def by_budget(self) -> dict[str, list[Network]]:
        """The networks of each module that was trained on several budgets, the smallest first."""
        several = dict.fromkeys(network.temporal for network in self.budgets)
        return {
            temporal: [n for n in (*self.budgets, *self.networks) if n.temporal == temporal]
            for temporal in several
        }

    def find(self, temporal: str) -> Network | None:
        """The network with a module; None if it was not measured."""
        return next((n for n in self.networks if n.temporal == temporal), None)


def read(path: Path) -> Bench:
    """Reads `results.json`.

    Raises:
        UserError: The file is not what `tam-viz evaluate all` writes.
    """
    try:
        return _bench(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} is not what `tam-viz evaluate all` writes ({type(error).__name__}: {error}); "
            f"put back the original file or run the command again."
        ) from error


def _bench(data: dict[str, Any]) -> Bench:
    rows = [_network(row) for row in data["networks"] if not row.get("budget")]
    budgets = [_network(row) for row in data["networks"] if row.get("budget")]
    if not rows:
        raise ValueError("it has no networks")
    if len({(row.temporal, row.seed) for row in rows}) < len(rows):
        raise ValueError("it has a network twice")
    if len({(row.temporal, row.clips) for row in budgets}) < len(budgets):
        raise ValueError("it has a network of one budget twice")
    first: dict[str, Network] = {}
    for row in sorted(rows, key=lambda row: row.seed):
        first.setdefault(row.temporal, row)
    return Bench(
        networks=tuple(sorted(first.values(), key=lambda row: (-row.test.top1, row.name))),
        repeats=tuple(row for row in rows if row is not first[row.temporal]),
        budgets=tuple(sorted(budgets, key=lambda row: row.clips)),
        device=str(data["device"]),
        threads=int(data["threads"]),
    )


def _network(row: dict[str, Any]) -> Network:
    return Network(
        id=str(row["id"]),
        temporal=str(row["temporal"]),
        name=str(row["network"]),
        seed=int(row["seed"]),
        clips=int(_number(row["clips"])),
        parameters=int(_number(row["parameters"])),
        mmacs=_number(row["macs"]) / 1e6,
        ms=_number(row["ms_per_clip"]),
        test=_measured(row["test"]),
        shift=_measured(row["shift"]),
    )


def _measured(data: dict[str, Any]) -> Measured:
    low, high = data["interval"]
    if not data["by_class"] or not data["n"]:
        raise ValueError("a network was measured on no clips or knows no classes")
    return Measured(
        n=int(_number(data["n"])),
        top1=_number(data["top1"], most=1.0),
        interval=(_number(low, most=1.0), _number(high, most=1.0)),
        within_pair=_number(data["within_pair"], most=1.0),
        by_class=_shares(data["by_class"]),
        by_family=_shares(data["by_family"]),
        by_kind=_shares(data["by_kind"]),
    )


def _shares(data: dict[str, Any]) -> dict[str, float]:
    return {str(name): _number(value, most=1.0) for name, value in data.items()}


def _number(value: Any, most: float = sys.float_info.max) -> float:  # noqa: ANN401  # from a file
    number = float(value)
    if not 0 <= number <= most:
        raise ValueError(f"{value} is not a number from 0 to {most:g}")
    return number
