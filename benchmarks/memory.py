"""Memory of a server's process: with four small networks, and with a TANet-50 after 100 clips.

    python benchmarks/memory.py [--clips 100]

Each row is a fresh process with everything that the pages import, in which clips go through the
caches of the pages as visitors' clips do: read, run, looked into block by block. It is measured
when the server has rested for two seconds. The aims are 700 MB with the four small networks and
1.4 GB with the TANet-50.

In memory is what Linux calls RSS. Its own are the pages that would be free if the process ended
(USS); the others are files of libraries, which leave when memory is short and are shared with the
processes that decode. What CUDA's libraries hold is counted apart: torch loads them where there is
no GPU too, if it was built for one.
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
import importlib, logging, pkgutil, re, sys, time
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
time.sleep(2)
CUDA = ("libcu", "libnv", "libnccl", "libtorch_cuda", "libc10_cuda", "libcupti")
at_most = float(dict(l.split(":", 1) for l in open("/proc/self/status"))["VmHWM"].split()[0])
held, own, cuda, of_cuda = 0, 0, 0, False
for line in open("/proc/self/smaps"):
    if re.match("[0-9a-f]+-[0-9a-f]+ ", line):
        name = line.split()[5:]  # memory without a name behind a library is its variables
        of_cuda = name[0].split("/")[-1].startswith(CUDA) if name else of_cuda
    key, _, value = line.partition(":")
    size = int(value.split()[0]) if key in ("Rss", "Private_Clean", "Private_Dirty") else 0
    held, own = held + size * (key == "Rss"), own + size * (key != "Rss")
    cuda += size * (key == "Rss" and of_cuda)
print(*(kilobytes / 1024 for kilobytes in (held, own, cuda, at_most)))
"""


def measured(names: list[str], clips: int, folder: str) -> list[float]:
    """MB in memory at the end, of these its own and CUDA's, and in memory at most."""
    sides.progress(f"{clips} clips through {', '.join(names)}")
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
    return [float(value) for value in done.stdout.split()[-4:]]


def main() -> None:
    """Prints the table and writes `results/memory.json`."""
    clips = sides.asked("--clips", 100)
    small = [f"{name}-motionpairs" for name in ("tanet", "tsm", "tconv", "tsn")]
    with tempfile.TemporaryDirectory() as folder:
        tanet50.write(Path(folder) / "tam-50")
        rows = [
            ("nothing yet", 0, *measured(small[:1], 0, folder)),
            ("four small networks", clips, *measured(small, clips, folder)),
            ("a TANet-50", clips, *measured(["tam-50"], clips, folder)),
        ]
    columns = (
        *("networks", "clips", "in memory (MB)", "its own (MB)"),
        *("CUDA's libraries (MB)", "at most (MB)"),
    )
    sides.write("memory", (columns, rows))


if __name__ == "__main__":
    main()
