"""The sweep of Intervene, block by block, beside as many passes one after another, in turns.

    python benchmarks/sweep.py [--turns 7]

A whole sweep by single passes would take minutes on a TANet-50, so each turn times three passes of
`run` beside the sweep, and the base is their median times the number of passes in the sweep. The
ratio holds each sweep against the passes of its own turn. For the small network the base is the
passes themselves. The last row is the sweep as Intervene offers it for large networks, in bfloat16
where that pays, beside passes in float32.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import dataclasses

from benchmarks import sides, tanet50
from tam_viz.capture.run import run
from tam_viz.experiments.studies.sweep import all_edits, noisy, sweep
from tam_viz.models.engine import LoadedModel, fastest, load
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.types import ALL_BLOCKS, Clip


def passes(loaded: LoadedModel) -> int:
    """Of a sweep: the clip, every edit in every block and in all of them, and noise for each."""
    return 1 + (len(loaded.block_names) + 1) * (len(all_edits()) + 1)


def one_by_one(loaded: LoadedModel, clip: Clip) -> None:
    """The same runs by `run`."""
    run(loaded, clip)
    for number, block in enumerate((*loaded.block_names, ALL_BLOCKS)):
        for edit in all_edits():
            run(loaded, clip, [dataclasses.replace(edit, block=block)])
        run(loaded, noisy(clip, number))


def main() -> None:
    """Prints the table and writes `results/sweep.json`."""
    small, large = load("tanet-motionpairs", "cpu"), tanet50.loaded()
    drawn, noise = draw_clip(small.card.input, 5, 0, "test"), tanet50.clip()
    taken = sides.in_turns(
        {
            "passes": lambda: one_by_one(small, drawn),
            "sweep": lambda: [*sweep(small, drawn, all_edits())],
        },
        sides.turns_asked(),
    )
    base, whole = (statistics.median(taken[side]) for side in ("passes", "sweep"))
    rows = [("small TANet", passes(small), base, whole, sides.ratio(taken, "sweep", "passes"))]
    fast = fastest(large)
    sides.progress(f"the fastest form computes in {str(fast.dtype).removeprefix('torch.')}")
    taken = sides.in_turns(
        {
            "passes": lambda: [run(large, noise) for _ in range(3)],
            "sweep": lambda: [*sweep(large, noise, all_edits())],
            "fastest": lambda: [*sweep(fast, noise, all_edits())],
        },
        sides.turns_asked(),
    )
    count = passes(large)
    base = statistics.median(taken["passes"]) * count / 3
    names = {"sweep": "TANet-50"}
    if fast.dtype != large.dtype:
        names["fastest"] = "TANet-50, sweep in bfloat16"
    for side, name in names.items():
        ratio = sides.ratio(taken, side, "passes") * 3 / count
        rows.append((name, count, base, statistics.median(taken[side]), ratio))
    columns = ("network", "passes", "one by one (s)", "sweep (s)", "ratio")
    sides.write("sweep", (columns, rows))


if __name__ == "__main__":
    main()
