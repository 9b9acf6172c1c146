"""Reading what `tam-viz evaluate all` wrote; see `tam_viz.experiments.bench.measure`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from tam_viz.files import what_is_wrong
from tam_viz.types import UserError

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class Measured:
    """Accuracy of a network on a set of clips; all shares lie in [0, 1].

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

    n: Annotated[int, Field(ge=1)]
    top1: Share
    interval: tuple[Share, Share]
    within_pair: Share
    by_class: Annotated[dict[str, Share], Field(min_length=1)]
    by_family: dict[str, Share]
    by_kind: dict[str, Share]


@dataclass(frozen=True)
class BenchNetwork:
    """One trained network.

    Attributes:
        id: Of its checkpoint.
        sha256: Of its weights.
        temporal: Name of its temporal module in the registry.
        name: What a network with this module is called.
        seed: Of its training.
        clips: Clips seen in training.
        parameters: Of the whole network.
        macs: Multiply-adds of one clip.
        ms: Milliseconds for one clip, the median of several.
        test: On clips like those of training.
        shift: On clips outside the range of training.
        budget: Whether it was trained on fewer clips than the others.
    """

    id: str
    sha256: str
    temporal: str
    name: Annotated[str, Field(alias="network")]
    seed: int
    clips: Count
    parameters: Count
    macs: Count
    ms: Annotated[float, Field(alias="ms_per_clip", ge=0, allow_inf_nan=False)]
    test: Measured
    shift: Measured
    budget: bool = False

    @property
    def mmacs(self) -> float:
        """Multiply-adds of one clip, in millions."""
        return self.macs / 1e6


@dataclass(frozen=True)
class Results:
    """The contents of `results.json`.

    Attributes:
        seed: Of the test clips.
        device: Where the networks were timed.
        torch: Its version.
        threads: CPU threads while they were timed.
        networks: All that were measured.
    """

    seed: int
    device: str
    torch: str
    threads: int
    networks: Annotated[tuple[BenchNetwork, ...], Field(min_length=1, fail_fast=True)]


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

    networks: tuple[BenchNetwork, ...]
    repeats: tuple[BenchNetwork, ...]
    budgets: tuple[BenchNetwork, ...]
    device: str
    threads: int

    @property
    def chance(self) -> float:
        """Top-1 of guessing among the classes."""
        return 1 / len(self.networks[0].test.by_class)

    def by_budget(self) -> dict[str, list[BenchNetwork]]:
        """The networks of each module that was trained on several budgets, the smallest first."""
        several = dict.fromkeys(network.temporal for network in self.budgets)
        return {
            temporal: [n for n in (*self.budgets, *self.networks) if n.temporal == temporal]
            for temporal in several
        }

    def repeats_of(self, temporal: str) -> list[BenchNetwork]:
        """The networks of a module that were trained from further seeds."""
        return [n for n in self.repeats if n.temporal == temporal]

    def find(self, temporal: str) -> BenchNetwork | None:
        """The network with a module; None if it was not measured."""
        return next((n for n in self.networks if n.temporal == temporal), None)


_RESULTS = TypeAdapter(Results)


def read(path: Path) -> Bench:
    """Reads `results.json`, sorted for comparisons; else like `read_record`."""
    return _read(path)[1]


def read_record(path: Path) -> Results:
    """Reads `results.json`.

    Raises:
        UserError: The file is not what `tam-viz evaluate all` writes.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[Results, Bench]:
    try:
        record = _RESULTS.validate_json(path.read_bytes(), strict=True)
        return record, bench_of(record)
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} is not what `tam-viz evaluate all` writes ({what_is_wrong(error)}); put back "
            f"the original file or run the command again."
        ) from error


def as_json(results: Results) -> bytes:
    """What `read` reads."""
    return _RESULTS.dump_json(results, by_alias=True, indent=1) + b"\n"


def bench_of(results: Results) -> Bench:
    """The networks by what they were trained for.

    Raises:
        ValueError: There is no network of the full budget, or one is there twice.
    """
    rows = [row for row in results.networks if not row.budget]
    budgets = [row for row in results.networks if row.budget]
    if not rows:
        raise ValueError("it has no networks")
    if len({(row.temporal, row.seed) for row in rows}) < len(rows):
        raise ValueError("it has a network twice")
    if len({(row.temporal, row.clips) for row in budgets}) < len(budgets):
        raise ValueError("it has a network of one budget twice")
    first: dict[str, BenchNetwork] = {}
    for row in sorted(rows, key=lambda row: row.seed):
        first.setdefault(row.temporal, row)
    return Bench(
        networks=tuple(sorted(first.values(), key=lambda row: (-row.test.top1, row.name))),
        repeats=tuple(row for row in rows if row is not first[row.temporal]),
        budgets=tuple(sorted(budgets, key=lambda row: row.clips)),
        device=results.device,
        threads=results.threads,
    )
