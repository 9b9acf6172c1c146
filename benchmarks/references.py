"""Clips, frame sizes and times that an untrained TANet-50 needs, in turns.

    python benchmarks/references.py [--turns 7]

The first table holds V and Θ of untrained networks whose batch norms were fitted to few clips
against those of one that was fitted to 32 others at full size: the correlation over channels and
frames, V about the mean of each channel, averaged over blocks. The last row says how well two
fits to 32 clips agree. The second table times fitting to 8 clips.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import os
import tempfile

import numpy as np

from benchmarks import sides, tanet50
from tam_viz.capture.run import run
from tam_viz.experiments.kinds import Basis
from tam_viz.experiments.studies import untrained
from tam_viz.models.engine import LoadedModel
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.types import Clip, TAMTrace

TIMED = 8
COMPARED = (
    ("4 clips", 32, 36, 224),
    ("8 clips", 32, 40, 224),
    ("8 clips at half size", 32, 40, 112),
    ("16 clips at half size", 32, 48, 112),
    ("another 32 clips", 32, 64, 224),
)


def fitted(loaded: LoadedModel, clips: list[Clip], side: int, *, kept: bool = False) -> LoadedModel:
    """The untrained network, fitted to clips whose frames have this side."""
    with tempfile.TemporaryDirectory() as folder:
        if not kept:
            os.environ["TAM_VIZ_CACHE"] = folder
        untrained.HALVED = 160 if side == 112 else 1 << 20
        basis = Basis("benchmark", "clips", len(clips), lambda: iter(clips))
        return untrained.untrained(loaded, basis)


def agreement(first: TAMTrace, second: TAMTrace) -> tuple[float, float]:
    """Correlations of V about its mean over time and of Θ, averaged over blocks."""
    v, theta = [], []
    for a, b in zip(first.blocks, second.blocks, strict=True):
        rows = [x.importance - x.importance.mean(1, keepdims=True) for x in (a, b)]
        v.append(np.corrcoef(*[r.ravel() for r in rows])[0, 1])
        theta.append(np.corrcoef(a.kernel.ravel(), b.kernel.ravel())[0, 1])
    return float(np.mean(v)), float(np.mean(theta))


def main() -> None:
    """Prints the tables and writes `results/references.json`."""
    loaded = tanet50.loaded()
    clips = [draw_clip(tanet50.SPEC, 0, i, "train") for i in range(64)]
    shown = draw_clip(tanet50.SPEC, 5, 0, "test")

    def decided(first: int, last: int, side: int) -> TAMTrace:
        sides.progress(f"fitting to {last - first} clips of {side}²")
        trace = run(fitted(loaded, clips[first:last], side), shown).trace
        if trace is None:
            raise TypeError("a TANet has a trace")
        return trace

    whole = decided(0, 32, 224)
    rows = [(name, *agreement(decided(a, b, side), whole)) for name, a, b, side in COMPARED]
    with tempfile.TemporaryDirectory() as folder:

        def again() -> object:
            os.environ["TAM_VIZ_CACHE"] = folder
            return fitted(loaded, clips[:TIMED], 112, kept=True)

        taken = sides.in_turns(
            {
                "frames of 224²": lambda: fitted(loaded, clips[:TIMED], 224),
                "frames of half the size": lambda: fitted(loaded, clips[:TIMED], 112),
                "kept on disk": again,
            },
            sides.turns_asked(),
        )
    timed = [
        (name, statistics.median(times), sides.ratio(taken, name, "frames of 224²"))
        for name, times in taken.items()
    ]
    sides.write(
        "references",
        (("batch norms fitted to", "r of V with 32 clips", "r of Θ"), rows),
        ((f"fitting to {TIMED} clips", "median (s)", "ratio"), timed),
    )


if __name__ == "__main__":
    main()
