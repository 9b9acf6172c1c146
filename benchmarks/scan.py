"""Scans: what one costs beside its parts, and how long a large one takes to open and to ask.

    python benchmarks/scan.py [--clips 256] [--rows 200000] [--networks 8]

The first table scans real files (the MotionPairs clips that it writes) with one and with two
workers, and compares with the bare sum of decoding and of forward passes in one process, the
sides in turn. The second asks a run whose answers are made up. Prints ratios and writes
`benchmarks/scan.json` with a description of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from tam_viz.capture.run import run
from tam_viz.models import cards
from tam_viz.models.engine import load
from tam_viz.motionpairs.write import write_clips
from tam_viz.scan.dataset import Item, Root, made
from tam_viz.scan.explore import accuracy, clips, compare, confusion
from tam_viz.scan.filters import Filter
from tam_viz.scan.folder import Network, begin, network_of
from tam_viz.scan.formats import open_dataset
from tam_viz.scan.opened import compact, open_scan
from tam_viz.scan.plan import shards
from tam_viz.scan.rows import SCHEMA
from tam_viz.scan.scan import scan
from tam_viz.scan.shard import Shard, write_shard

NETWORK = "tanet-motionpairs"
ROUNDS = 7


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=256)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--networks", type=int, default=8)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        record = {
            "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
            "torch": torch.__version__,
            "scan": scanning(Path(folder), asked.clips),
            "open": opening(Path(folder), asked.rows, asked.networks),
        }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")


def scanning(folder: Path, count: int) -> dict[str, float]:
    """Seconds of a scan with one and two workers over those of its parts alone."""
    data = folder / "data"
    data.mkdir()
    for _ in write_clips(data, count, seed=5, size=128):
        pass
    dataset = open_dataset(data)
    loaded = load(NETWORK, "cpu")
    seconds: dict[str, list[float]] = {"parts": [], "1 worker": [], "2 workers": []}

    def parts() -> None:
        for item in dataset.items:
            run(loaded, dataset.root.source(item).read(loaded.card.input))

    def scanned(workers: int) -> None:
        with tempfile.TemporaryDirectory(dir=folder) as out:
            network = network_of(cards.read_card(cards.find(NETWORK)), dataset)
            for _ in scan(dataset, [network], Path(out), workers=workers, device="cpu"):
                pass

    sides: dict[str, Callable[[], None]] = {
        "parts": parts,
        "1 worker": lambda: scanned(1),
        "2 workers": lambda: scanned(2),
    }
    for _ in range(ROUNDS):
        for name, side in sides.items():
            seconds[name].append(timed(side))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"{count} files, {NETWORK}: clips a second and time beside decoding + forward passes")
    for name, value in medians.items():
        print(f"  {name:10} {count / value:7.1f} /s   {value / medians['parts']:.2f}")
    print(f"  two workers for one: {medians['1 worker'] / medians['2 workers']:.2f} times the rate")
    return medians


def opening(folder: Path, rows: int, networks: int) -> dict[str, float]:
    """Seconds to open and to ask a run whose answers are made up."""
    out = folder / "large"
    names = [f"class {i:03d}" for i in range(400)]
    rng = np.random.default_rng(0)
    items = [Item(f"{names[i % 400]}/{i:07d}.mp4", names[i % 400]) for i in range(rows)]
    dataset = made("made up", Root(folder), items)
    numbers = {name: i for i, name in enumerate(names)}
    spec = load(NETWORK, "cpu").card.input
    asked = [
        Network(f"n{i}", f"n{i}", str(i), spec, tuple(names), numbers, tam=False, traces=False)
        for i in range(networks)
    ]
    manifest = begin(out, dataset, asked)
    for number in range(manifest.shards):
        for together in shards(out, manifest, number):
            for shard in together:
                write_shard(shard.path(out), _made_up(shard, names, rng))
    made_one = timed(lambda: compact(out))
    wrong = Filter(network="n0", answer="wrong", other="n1", other_answer="right")
    steps: dict[str, Callable[[], object]] = {
        "open, count and show the first page of a filter": lambda: clips(open_scan(out), wrong),
        "accuracy by class": lambda: accuracy(open_scan(out), "n0", wrong, "label"),
        "two networks": lambda: compare(open_scan(out), "n0", "n1", Filter()),
        "confusion matrix": lambda: confusion(open_scan(out), "n0", Filter()),
    }
    medians = {
        name: statistics.median(timed(step) for _ in range(ROUNDS)) for name, step in steps.items()
    }
    print(f"{rows:,} clips × {networks} networks, {manifest.shards * networks:,} shards (made up)")
    print(f"  one table of all shards: {made_one:.1f} s, once")
    for name, value in medians.items():
        print(f"  {name:48} {value:.2f} s")
    return {"compact": made_one, **medians}


def _made_up(shard: Shard, names: list[str], rng: np.random.Generator) -> pa.Table:
    count = len(shard.clips)
    true = np.array([clip.true for clip in shard.clips])
    guess = np.where(rng.random(count) < 0.7, true, rng.integers(0, len(names), count))
    share = rng.uniform(0.2, 1.0, count).astype(np.float32)
    columns: dict[str, object] = {
        "path": [clip.path for clip in shard.clips],
        "label": [clip.label for clip in shard.clips],
        "true": [names[i] for i in true],
        "error": [""] * count,
        "predicted": [names[i] for i in guess],
        "probability": share,
        "true_probability": np.where(guess == true, share, 0.1).astype(np.float32),
        "disagreement": np.where(guess == true, 0, share - 0.1).astype(np.float32),
    }
    arrays = {
        f.name: pa.array(columns[f.name], type=f.type)
        if f.name in columns
        else pa.nulls(count, f.type)
        for f in SCHEMA
    }
    return pa.table(arrays, schema=SCHEMA)


def timed(step: Callable[[], object]) -> float:
    """Seconds that a step takes."""
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
