"""Memory of a server's process: with four small networks, and with a TANet-50 after 100 clips.

    python benchmarks/memory.py

Each row is a fresh process with everything that the pages import, in which clips go through the
caches of the pages as visitors' clips do: read, run, looked into block by block. The aims are 700
MB with the four small networks and 1.4 GB with the TANet-50.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import sides, tanet50

ROOT = Path(__file__).resolve().parents[1]

CHILD = """
import importlib, logging, pkgutil, sys
logging.disable(logging.WARNING)
import streamlit
import tam_viz.ui as ui
for module in pkgutil.walk_packages(ui.__path__, "tam_viz.ui."):
    importlib.import_module(module.name)
from benchmarks import tanet50
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.ui.state import cache
names, clips = sys.argv[1].split(","), int(sys.argv[2])
for number in range(clips):
    for name in names:
        card = cache.network(name).card
        shown = cache.clip(DrawnClip(2, number), card.input, 0)
        cache.run(name, shown)
        if card.temporal == "tam":
            cache.features(name, shown)
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(*(int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM")))
"""


def measured(names: list[str], clips: int, folder: str) -> tuple[float, float]:
    """MB in memory at the end and at most."""
    command = [sys.executable, "-c", CHILD, ",".join(names), str(clips)]
    environment = {"TAM_VIZ_CHECKPOINTS": folder, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command,
        env={**sides.environment(), **environment},
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    now, most = done.stdout.split()[-2:]
    return float(now), float(most)


def main() -> None:
    """Prints the table and writes `results/memory.json`."""
    small = [f"{name}-motionpairs" for name in ("tanet", "tsm", "tconv", "tsn")]
    with tempfile.TemporaryDirectory() as folder:
        tanet50.write(Path(folder) / "tam-50")
        rows = [
            ("nothing yet", 0, *measured(small[:1], 0, folder)),
            ("four small networks", 20, *measured(small, 20, folder)),
            ("a TANet-50", 100, *measured(["tam-50"], 100, folder)),
        ]
    sides.write("memory", (("networks", "clips", "in memory (MB)", "at most (MB)"), rows))


if __name__ == "__main__":
    main()
