"""A scan that is killed again and again beside one that is left alone: are they equal?

    python -m benchmarks.killed_scan --clips 2000 --kills 5

Scans MotionPairs test clips by networks of the repository twice, by the command line: once
undisturbed, once killed (`kill -9`) at random moments and begun again. Half of the kills take the
whole process group, half only the process that hands out, whose workers must then end by
themselves. Compared are all bytes of the shards and traces, the table of all clips, its paths with
those of the dataset, and whether a shard that was there at a kill was made again. Writes what was
compared to `benchmarks/results/killed_scan.json`; ends with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sides import RESULTS, machine
from tam_viz.models.cards import read_all
from tam_viz.motionpairs.dataset import TEST_SEED
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.scan.dataset import motionpairs
from tam_viz.scan.manifest import read_manifest
from tam_viz.scan.opened import open_scan
from tam_viz.scan.progress import status

_POLL_S, _PATIENCE_S = 0.05, 3600.0


@dataclass(frozen=True)
class Kill:
    """One kill: how much was there, and whether the workers were killed as well."""

    shards: int
    group: bool


def main() -> None:
    """Scans twice and compares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--networks", nargs="*", help="ids; default: all of the repository")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--traces", action="store_true")
    parser.add_argument("--folder", type=Path, help="where the scans go; default: one that is gone")
    asked = parser.parse_args()
    networks = asked.networks or sorted(
        name for name, card in read_all()[0].items() if card.classes == CLASSES
    )
    options = ["--workers", str(asked.workers), "--device", "cpu"]
    options += ["--traces"] * asked.traces
    for name in networks:
        options += ["--model", name]
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        whole, killed = Path(folder) / "undisturbed", Path(folder) / "killed"
        data = f"motionpairs:test:{TEST_SEED}:{asked.clips}"
        started = time.perf_counter()
        finish(data, options, whole)
        seconds = time.perf_counter() - started
        total = len(shards(whole))
        kills, kept = disturb(data, options, killed, total, asked.kills, random.Random(asked.seed))
        finish(data, options, killed)
        record = compare(whole, killed, asked.clips, kept) | {
            "networks": networks,
            "clips": asked.clips,
            "shards": total,
            "seconds undisturbed": round(seconds, 1),
            "kills": [
                f"at {kill.shards} shards, {'all processes' if kill.group else 'the first process'}"
                for kill in kills
            ],
            "machine": machine(),
        }
    print(json.dumps(record, indent=1, ensure_ascii=False))
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / "killed_scan.json").write_text(text, encoding="utf-8")
    sys.exit(0 if record["equal"] else 1)


def command(data: str, options: Sequence[str], run: Path) -> list[str]:
    """The scan on the command line."""
    return [sys.executable, "-m", "tam_viz", "scan", data, "--out", str(run), *options]


def finish(data: str, options: Sequence[str], run: Path) -> None:
    """Scans to the end."""
    subprocess.run(
        command(data, options, run), check=True, stdout=subprocess.DEVNULL, timeout=_PATIENCE_S
    )


def disturb(
    data: str,
    options: Sequence[str],
    run: Path,
    total: int,
    count: int,
    rng: random.Random,
) -> tuple[list[Kill], dict[str, int]]:
    """Begins a scan and kills it, several times.

    Returns:
        The kills, and when each shard that was there at one of them was written.
    """
    kills: list[Kill] = []
    kept: dict[str, int] = {}
    for patience in sorted(rng.sample(range(1, max(count + 1, total * 9 // 10)), count)):
        process = subprocess.Popen(
            command(data, options, run),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + _PATIENCE_S
        while len(shards(run)) < patience and time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"the scan ended by itself with {process.returncode}")
            time.sleep(_POLL_S)
        time.sleep(rng.uniform(0, 1))
        group = rng.random() < 0.5
        (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        written = {name: path.stat().st_mtime_ns for name, path in shards(run).items()}
        kills.append(Kill(len(written), group))
        kept = written | kept
    return kills, kept


def shards(run: Path) -> dict[str, Path]:
    """The files of answers of a scan, by their paths in it."""
    return {str(path.relative_to(run)): path for path in sorted(run.glob("clips/*/*/*.parquet"))}


def compare(whole: Path, killed: Path, clips: int, kept: dict[str, int]) -> dict[str, object]:
    """The parts that are equal, and those that were made twice."""
    first, second = contents(whole), contents(killed)
    tables = open_scan(whole).clips, open_scan(killed).clips
    paths = [item.path for item in motionpairs("test", TEST_SEED, clips).items]
    written = shards(killed)
    again = [n for n, at in kept.items() if n not in written or written[n].stat().st_mtime_ns != at]
    checks = {
        "files compared": len(first),
        "bytes compared": sum(map(len, first.values())),
        "all bytes are equal": first == second,
        "the tables of all clips are equal": bool(tables[0].equals(tables[1])),
        "each clip once": list(tables[1]["path"]) == paths,
        "all networks are through": all(network.clips == clips for network in status(killed)),
        "the same networks": read_manifest(whole).networks == read_manifest(killed).networks,
        "shards there at a kill": len(kept),
        "of those made again": len(again),
        "files left unfinished": len(list(killed.rglob("*.partial"))),
    }
    equal = all(value for value in checks.values() if isinstance(value, bool)) and not again
    return {"equal": equal and not checks["files left unfinished"], **checks}


def contents(run: Path) -> dict[str, bytes]:
    """All bytes of the answers and traces of a scan."""
    return {
        str(path.relative_to(run)): path.read_bytes()
        for kind in ("clips", "traces")
        for path in sorted((run / kind).rglob("*.parquet"))
    }


if __name__ == "__main__":
    main()
