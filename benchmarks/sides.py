"""Shared parts of the benchmarks: sides that take turns, medians, a file of results."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch

RESULTS = Path(__file__).parent / "results"
TURNS = 7


def in_turns(
    sides: Mapping[str, Callable[[], object]], turns: int = TURNS
) -> dict[str, list[float]]:
    """Seconds of every side by name, one of each in every turn, so that all meet the same noise.

    Each side runs once before, unmeasured.
    """
    for side in sides.values():
        side()
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(turns):
        progress(f"turn {turn + 1} of {turns}: {', '.join(sides)}")
        for name, side in sides.items():
            started = time.perf_counter()
            side()
            taken[name].append(time.perf_counter() - started)
    return taken


def beside(side: Callable[[], object], base: Callable[[], object], turns: int = TURNS) -> float:
    """The median ratio of the time of a side to that of its base, each turn in both orders.

    For two that hardly differ: what runs second finds memory as the first one left it, which can
    cost more than the difference.
    """
    taken: dict[str, list[float]] = {"side": [], "base": []}
    both = {"side": side, "base": base}
    for act in both.values():
        act()
    progress(f"{2 * turns} turns in both orders")
    for turn in range(2 * turns):
        for name in [*both] if turn % 2 else [*both][::-1]:
            started = time.perf_counter()
            both[name]()
            taken[name].append(time.perf_counter() - started)
    return ratio(taken, "side", "base")


def progress(says: str) -> None:
    """A line for whoever waits."""
    print(f"{time.strftime('%H:%M:%S')} {says}", file=sys.stderr, flush=True)


def ratio(taken: Mapping[str, Sequence[float]], side: str, base: str) -> float:
    """The median over turns of the time of a side over that of another in the same turn."""
    pairs = zip(taken[side], taken[base], strict=True)
    return statistics.median(first / second for first, second in pairs)


def machine() -> dict[str, object]:
    """The machine that ran the benchmark."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def _processor() -> str:
    """Its name and the instructions that matter here."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    facts = dict(line.replace("\t", "").split(": ", 1) for line in lines if ": " in line)
    matters = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
    flags = [flag for flag in matters if flag in facts.get("flags", "").split()]
    return f"{facts.get('model name', platform.machine())} ({', '.join(flags)})"


Table = tuple[Sequence[str], Sequence[Sequence[object]]]
"""Columns and rows."""


def write(name: str, *tables: Table) -> None:
    """Prints tables and keeps them with the machine that they are of, in `results/NAME.json`."""
    print("\n\n".join(markdown(*table) for table in tables))
    RESULTS.mkdir(exist_ok=True)
    kept = [{"columns": [*columns], "rows": [[*row] for row in rows]} for columns, rows in tables]
    path = RESULTS / f"{name}.json"
    facts = {"machine": machine(), "tables": kept}
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    progress(f"wrote {path}")


def environment() -> dict[str, str]:
    """That of the processes which benchmarks start."""
    return dict(os.environ)


def asked(option: str, default: int) -> int:
    """The number behind an option on the command line, such as `--turns 3`."""
    return int(sys.argv[sys.argv.index(option) + 1]) if option in sys.argv else default


def turns_asked() -> int:
    """How many turns the command line asks for (`--turns N`); seven by default."""
    return asked("--turns", TURNS)


def markdown(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table as Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
