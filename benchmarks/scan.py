"""How fast a scan is, and how fast a large one answers.

    python -m benchmarks.scan scanning
    python -m benchmarks.scan opening

The first scans videos (MotionPairs as files) with one and with two workers, and compares with the
bare sum of decoding and of forward passes in one process, the sides in turn; in under four minutes
on two quiet cores. The second asks runs whose answers are made up. They write
`benchmarks/results/scan_rate.json` and `scan_questions.json`, of which docs/scale.md has tables.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import torch

from benchmarks.sides import ratio, write
from tam_viz.analysis.formatting import counted
from tam_viz.capture.run import run
from tam_viz.models import cards
from tam_viz.models.engine import load
from tam_viz.motionpairs.write import write_clips
from tam_viz.scan.compact import compact, contents
from tam_viz.scan.dataset import Dataset, made
from tam_viz.scan.explore import accuracy, changes, clips, compare, confusion
from tam_viz.scan.filters import Filter
from tam_viz.scan.folder import begin
from tam_viz.scan.formats import open_dataset
from tam_viz.scan.items import Item
from tam_viz.scan.manifest import Manifest
from tam_viz.scan.network import Network, network_of
from tam_viz.scan.opened import open_scan
from tam_viz.scan.packs import COLUMNS, write_pack
from tam_viz.scan.plan import shards
from tam_viz.scan.progress import status
from tam_viz.scan.root import Root
from tam_viz.scan.rows import SCHEMA
from tam_viz.scan.scan import scan
from tam_viz.scan.shard import CLIPS, GROUP, Listed, group_of, write_shard
from tam_viz.scan.store import names_in
from tam_viz.scan.summary import scores

NETWORK = "tanet-motionpairs"
NAMES = [f"class {i:03d}" for i in range(400)]


def main() -> None:
    """One of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["scanning", "opening"])
    parser.add_argument("--clips", type=int, default=256, help="that are scanned")
    parser.add_argument("--sizes", nargs="*", default=["200000x8", "1000000x1"], help="to be asked")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        if asked.part == "scanning":
            rows = scanning(Path(folder), asked.clips, asked.rounds).items()
            write(
                "scan_rate",
                (("", "median"), [(what, f"{value:.2f}") for what, value in rows]),
            )
            return
        columns = {}
        for size in asked.sizes:
            clips, networks = map(int, size.split("x"))
            made_here = Path(folder) / size
            columns[f"{counted(clips, 'clip')} × {counted(networks, 'network')}"] = opening(
                made_here, clips, networks, asked.rounds
            )
    questions = dict.fromkeys(what for values in columns.values() for what in values)
    write(
        "scan_questions",
        (
            ("seconds", *columns),
            [
                (what, *(f"{v[what]:.2g}" if what in v else "–" for v in columns.values()))
                for what in questions
            ],
        ),
    )


def scanning(folder: Path, count: int, rounds: int) -> dict[str, float]:
    """What a scan takes with one and with two workers beside its parts alone.

    The rates of workers are those from their first clips on: the seconds until a process has
    imported torch and loaded the network are given apart.
    """
    data = folder / "data"
    data.mkdir()
    for _ in write_clips(data, count, seed=5, size=128):
        pass
    dataset, taken = open_dataset(data), dict[str, list[float]]()
    loaded = load(NETWORK, "cpu")
    for _ in range(rounds):
        started = time.perf_counter()
        for item in dataset.items:
            run(loaded, dataset.root.source(item).read(loaded.card.input))
        taken.setdefault("parts", []).append((time.perf_counter() - started) / count)
        for workers in (1, 2):
            with tempfile.TemporaryDirectory(dir=folder) as out:
                start, each = scanned(dataset, Path(out), workers)
                size = sum(p.stat().st_size for p in Path(out).glob("clips/*/*/*"))
            taken.setdefault(f"start {workers}", []).append(start)
            taken.setdefault(f"each {workers}", []).append(each)
    middle = {name: statistics.median(values) for name, values in taken.items()}
    return {
        "decoding and forward passes alone, clips a second": 1 / middle["parts"],
        "seconds of a scan by 1 worker over their sum": ratio(taken, "each 1", "parts"),
        "seconds of a scan by 2 workers over their sum": ratio(taken, "each 2", "parts"),
        "rate of 2 workers over that of their sum": 1 / ratio(taken, "each 2", "parts"),
        "rate of 2 workers over that of 1, which decodes beside": 1
        / ratio(taken, "each 2", "each 1"),
        "seconds until the first clips are through, 1 worker": middle["start 1"],
        "seconds until the first clips are through, 2 workers": middle["start 2"],
        "bytes a clip": size / count,
    }


def scanned(dataset: Dataset, out: Path, workers: int) -> tuple[float, float]:
    """Seconds until the first clips are through, and of each clip after them."""
    network = network_of(cards.read_card(cards.find(NETWORK)), dataset)
    started, first, before = time.perf_counter(), 0.0, 0
    for step in scan(dataset, [network], out, workers=workers, device="cpu"):
        if step.clips and not first:
            first, before = time.perf_counter() - started, step.clips
    return first, (time.perf_counter() - started - first) / (len(dataset.items) - before)


def opening(folder: Path, rows: int, networks: int, rounds: int) -> dict[str, float]:
    """Seconds to make, to open and to ask a run whose answers are made up."""
    out = folder / "large"
    dataset = made("made up", Root(folder), (Item(path_of(i), NAMES[i % 400]) for i in range(rows)))
    numbers = {name: i for i, name in enumerate(NAMES)}
    spec = cards.read_card(cards.find(NETWORK)).input
    asked = [
        Network(f"n{i}", f"n{i}", str(i), spec, tuple(NAMES), numbers, tam=False, traces=False)
        for i in range(networks)
    ]
    with mock.patch("os.fsync"):  # made up: nothing to lose
        times = {"begin: write the list of clips": timed(lambda: begin(out, dataset, asked))}
        manifest = begin(out, dataset, asked)
        times |= made_shards(out, manifest)
    times["list all shards"] = timed(lambda: contents(out, manifest))
    times["say how far it is"] = timed(lambda: status(out))
    times["open a scan that is not finished, first page"] = timed(
        lambda: clips(open_scan(out), Filter())
    )
    times["make the table of all clips, once"] = timed(lambda: compact(out))
    for name, step in questions(out, networks).items():
        times[name] = statistics.median(timed(step) for _ in range(rounds))
    return times


def made_shards(out: Path, manifest: Manifest) -> dict[str, float]:
    """Makes up a scan: seconds of planning a set, of writing a shard and of packing a group.

    Of whole groups every fiftieth shard and the pack are written; the others are names only.
    """
    rng = np.random.default_rng(0)
    taken: dict[str, list[float]] = {"plan a set of 64 clips": [], "write a shard": []}
    whole = manifest.shards // GROUP * GROUP
    for number in range(manifest.shards):
        if number < whole and number % 50:
            for network in manifest.networks:
                folder = out / "clips" / network.key / group_of(number)
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{number:06d}-0.parquet").touch()
            continue
        started = time.perf_counter()
        planned = [one for together in shards(out, manifest, number) for one in together]
        taken["plan a set of 64 clips"].append(time.perf_counter() - started)
        for shard in planned:
            table = made_up(shard.clips, rng)
            taken["write a shard"].append(
                timed(lambda s=shard, t=table: write_shard(s.path(out), t))  # type: ignore[misc]
            )
    for first in range(0, whole, GROUP):
        rows = range(first * CLIPS, (first + GROUP) * CLIPS)
        listed = [Listed(path_of(i), NAMES[i % 400], i % 400, "") for i in rows]
        for network in manifest.networks:
            group = group_of(first)
            names = names_in(out / "clips" / network.key / group, ".parquet")
            table = made_up(listed, rng).select(COLUMNS)
            write_pack(out / "packs" / network.key / f"{group}.parquet", names, table)
    return {name: statistics.median(values) for name, values in taken.items()}


def path_of(number: int) -> str:
    """Where a clip that is made up would be."""
    return f"{number:08d}.mp4"


def questions(out: Path, networks: int) -> dict[str, Callable[[], object]]:
    """What the page asks; each time the scan is opened anew."""
    wrong = Filter(network="n0", answer="wrong")
    steps: dict[str, Callable[[], object]] = {
        "open, filter, count, first page": lambda: clips(open_scan(out), wrong),
        "accuracy by class (of 400)": lambda: accuracy(open_scan(out), "n0", Filter(), "label"),
        "confusion matrix": lambda: confusion(open_scan(out), "n0", Filter()),
        "all accuracies, and whether classes look permuted": lambda: scores(open_scan(out)),
    }
    if networks > 1:
        both = Filter(network="n0", answer="wrong", other="n1", other_answer="right")
        steps |= {
            "clips that one network gets wrong and another right": lambda: clips(
                open_scan(out), both
            ),
            "two networks on the same clips": lambda: compare(open_scan(out), "n0", "n1", Filter()),
            "clips on which two networks differ": lambda: changes(
                open_scan(out), "n0", "n1", Filter()
            ),
        }
    return steps


def made_up(listed: Sequence[Listed], rng: np.random.Generator) -> pa.Table:
    """Answers of which seven in ten are right."""
    count = len(listed)
    true = np.array([clip.true for clip in listed])
    guess = np.where(rng.random(count) < 0.7, true, rng.integers(0, len(NAMES), count))
    share = rng.uniform(0.2, 1.0, count).astype(np.float32)
    columns: dict[str, object] = {
        "path": [clip.path for clip in listed],
        "label": [clip.label for clip in listed],
        "true": [NAMES[i] for i in true],
        "error": [""] * count,
        "predicted": [NAMES[i] for i in guess],
        "probability": share,
        "true_probability": np.where(guess == true, share, 0.1).astype(np.float32),
        "log_odds": rng.normal(1, 2, count).astype(np.float32),
        "margin": (share * 0.9).astype(np.float32),
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
