"""Clips and edits one after another by `run`, beside all of them by `run_many`, in turns.

python benchmarks/run_many.py [--turns 7]
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from collections.abc import Sequence

from benchmarks import sides, tanet50
from tam_viz.capture.many import run_many
from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel, load
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.types import Clip, Edit


def measure(
    name: str, loaded: LoadedModel, clips: Sequence[Clip], edits: Sequence[Sequence[Edit]]
) -> tuple[object, ...]:
    """One row: seconds of both sides and their ratio."""
    taken = sides.in_turns(
        {
            "one": lambda: [run(loaded, c, e) for c, e in zip(clips, edits, strict=True)],
            "many": lambda: run_many(loaded, clips, edits),
        },
        sides.turns_asked(),
    )
    single, batched = (1000 * statistics.median(taken[side]) for side in ("one", "many"))
    return name, len(clips), single, batched, sides.ratio(taken, "many", "one")


def main() -> None:
    """Prints the table and writes `results/run_many.json`."""
    small, large = load("tanet-motionpairs", "cpu"), tanet50.loaded()
    drawn = [draw_clip(small.card.input, 5, i, "test") for i in range(32)]
    noise = [tanet50.clip(i) for i in range(4)]
    late = [[Edit(name, "kernel", "reversed")] for name in large.block_names[-8:]]
    every = [[Edit(name, "kernel", "reversed")] for name in small.block_names]
    rows = [
        measure("small TANet, clips", small, drawn, [()] * len(drawn)),
        measure("small TANet, one edit in each block", small, drawn[:1] * len(every), every),
        measure("TANet-50, clips", large, noise, [()] * len(noise)),
        measure("TANet-50, one edit in each of the last 8 blocks", large, noise[:1] * 8, late),
    ]
    columns = ("network and work", "runs", "run (ms)", "run_many (ms)", "ratio")
    sides.write("run_many", (columns, rows))


if __name__ == "__main__":
    main()
