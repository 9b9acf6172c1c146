"""TAM's aggregation: ours beside the grouped convolution of the published code.

    python benchmarks/aggregation.py [--turns 15]

Both run in turns in one process on the features of a TANet-50 at 224×224; the table gives the
ratio of the median times. Features lie in memory as the bottleneck hands them over.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks import sides
from tam_viz.models.aggregate import aggregate
from tam_viz.models.block import fold, unfold

SHAPES = ((64, 56), (128, 28), (256, 14), (512, 7))
CLIPS, FRAMES, TAPS = 2, 8, 3
TURNS = sides.asked("--turns", 15)

Aggregate = Callable[[Tensor, Tensor, Tensor], Tensor]


def grouped(x: Tensor, importance: Tensor, kernel: Tensor) -> Tensor:
    """One convolution with a group for every clip and channel, over (t, h·w)."""
    n, c, t, h, w = x.shape
    weighted = (x * importance[..., None, None]).reshape(1, n * c, t, h * w)
    taps = kernel.reshape(n * c, 1, TAPS, 1)
    return F.conv2d(weighted, taps, padding=(TAPS // 2, 0), groups=n * c).view(n, c, t, h, w)


def once(function: Aggregate, frames: Tensor, v: Tensor, k: Tensor, *, backward: bool) -> float:
    """Seconds of one pass from frames to frames, forward or forward and backward."""
    leaves = [tensor.detach().requires_grad_(backward) for tensor in (frames, v, k)]
    started = time.perf_counter()
    out = fold(function(unfold(leaves[0], FRAMES), leaves[1], leaves[2]))
    if backward:
        out.backward(frames)
    return time.perf_counter() - started


def main() -> None:
    """Prints the table and writes `results/aggregation.json`."""
    rows: list[tuple[object, ...]] = []
    for channels, side in SHAPES:
        for layout in (torch.contiguous_format, torch.channels_last):
            frames = torch.randn(CLIPS * FRAMES, channels, side, side).to(memory_format=layout)
            v, k = torch.rand(CLIPS, channels, FRAMES), torch.rand(CLIPS, channels, TAPS)
            sides.progress(f"{channels} × {side}, {layout}")
            for backward in (False, True):
                taken: dict[str, list[float]] = {"grouped": [], "ours": []}
                for _ in range(TURNS):
                    for name, function in (("grouped", grouped), ("ours", aggregate)):
                        taken[name].append(once(function, frames, v, k, backward=backward))
                old, new = (1000 * statistics.median(taken[name]) for name in ("grouped", "ours"))
                rows.append(
                    (
                        f"{channels} × {side}",
                        str(layout).removeprefix("torch."),
                        "forward + backward" if backward else "forward",
                        old,
                        new,
                        old / new,
                    )
                )
    columns = ("channels × side", "layout", "pass", "grouped (ms)", "ours (ms)", "ratio")
    sides.write("aggregation", (columns, rows))


if __name__ == "__main__":
    main()
