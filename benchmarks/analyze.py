"""What `tam-viz analyze` takes on a video of ten seconds, beside importing torch.

    python benchmarks/analyze.py [--turns 7]

Every side is a process of its own, as in a shell. The TANet-50 has weights drawn from a seed. The
first run with a network fits the untrained one beside it and keeps that in a cache folder, which
begins empty here; the runs that take turns find it there.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import films, sides, tanet50  # the project comes first

TORCH, SMALL, LARGE = "import torch", "four small networks", "a TANet-50"


def run(command: list[str], folder: Path) -> None:
    """A process of its own, with a cache of its own."""
    environment = {**sides.environment(), "TAM_VIZ_CACHE": str(folder / "cache")}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def main() -> None:
    """Prints the table and writes `results/analyze.json`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint, out = folder / "tam-50", folder / "out"
        tanet50.write(checkpoint)
        clip = films.make(folder, "clip", films.TEN_SECONDS)

        def analyze(*options: str) -> None:
            shutil.rmtree(out, ignore_errors=True)
            command = [sys.executable, "-m", "tam_viz", "analyze", os.fspath(clip)]
            run([*command, "--out", os.fspath(out), *options], folder)

        def large() -> None:
            analyze("--model", os.fspath(checkpoint))

        def small() -> None:
            analyze()

        def torch() -> None:
            run([sys.executable, "-c", "import torch"], folder)

        firsts: dict[str, float] = {}
        for says, act in ((SMALL, small), (LARGE, large)):
            started = time.perf_counter()
            act()
            firsts[says] = time.perf_counter() - started
        taken = sides.in_turns({TORCH: torch, SMALL: small, LARGE: large}, sides.turns_asked())

    rows: list[tuple[object, ...]] = []
    for says, seconds in taken.items():
        pairs = zip(seconds, taken[TORCH], strict=True)
        beyond = statistics.median(one - base for one, base in pairs)
        median = statistics.median(seconds)
        rows.append((says, firsts.get(says, ""), median, beyond, sides.ratio(taken, says, TORCH)))
    columns = ("process", "first time (s)", "median (s)", "beyond importing torch (s)", "ratio")
    sides.write("analyze", (columns, rows))


if __name__ == "__main__":
    main()
