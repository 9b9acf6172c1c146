"""One pass of a TANet-50 at 8×224², prepared in several ways, in turns in one process.

    python benchmarks/engine.py

The base is the published formula written from its equations: features in the plain layout,
multiplied by V, then a convolution with a group for every clip and channel. bfloat16 is fast only
where the processor has instructions for it. Recording V and Θ is measured on its own, on and off.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks import sides, tanet50
from tam_viz.capture.recorder import recording
from tam_viz.models.engine import LoadedModel, lowered
from tam_viz.models.net import VideoNet
from tam_viz.models.temporal.tam import TAM


class Published(nn.Module):
    """TAM as equations 3, 5 and 6 say it, by torch's own operations."""

    def __init__(self, tam: TAM) -> None:
        super().__init__()
        self.G, self.L = tam.G, tam.L

    def forward(self, x: Tensor) -> Tensor:
        """Clips in, clips out."""
        n, c, t, h, w = x.shape
        x = x.contiguous()
        pooled = F.adaptive_avg_pool2d(x.view(n * c, t, h, w), 1).view(n, c, t)
        kernel = self.G(pooled.view(n * c, t)).view(n * c, 1, -1, 1)
        weighted = (x * self.L(pooled)[..., None, None]).view(1, n * c, t, h * w)
        return F.conv2d(weighted, kernel, padding=(1, 0), groups=n * c).view(n, c, t, h, w)


def published() -> VideoNet:
    """The network with TAM as published, in the plain layout."""
    net = tanet50.network()
    for module in list(net.modules()):
        tam = getattr(module, "temporal", None)
        if isinstance(tam, TAM):
            module.temporal = Published(tam)
    return net


def passing(net: VideoNet, x: Tensor, *, record: bool = False) -> float:
    """One pass."""
    with torch.inference_mode():
        if not record:
            return float(net(x).sum())
        with recording(net) as recorder:
            total = float(net(x).sum())
        recorder.trace()
    return total


def main() -> None:
    """Prints the table and writes `results/engine.json`."""
    x = tanet50.pixels()
    plain_layout = x.contiguous()
    base, ours = published(), tanet50.loaded()
    unfolded = tanet50.network().channels_last()
    resnet, folded = tanet50.network("none").channels_last(), tanet50.loaded("none")
    low = lowered(LoadedModel(ours.card, ours.net, ours.device), torch.bfloat16)
    half = x.to(torch.bfloat16)
    taken = sides.in_turns(
        {
            "the published formula": lambda: passing(base, plain_layout),
            "TANet-50, channels last": lambda: passing(unfolded, x),
            "TANet-50, folded": lambda: passing(ours.net, x),
            "TANet-50, folded, V and Θ recorded": lambda: passing(ours.net, x, record=True),
            "TANet-50, folded, bfloat16": lambda: passing(low.net, half),
            "TANet-50, folded, bfloat16, V and Θ recorded": lambda: passing(
                low.net, half, record=True
            ),
            "plain ResNet-50, channels last": lambda: passing(resnet, x),
            "plain ResNet-50, folded": lambda: passing(folded.net, x),
        },
        turns=sides.turns_asked(),
    )
    rows: list[tuple[str, float | str, float]] = [
        (name, 1000 * statistics.median(times), sides.ratio(taken, name, "the published formula"))
        for name, times in taken.items()
    ]
    recorded = sides.beside(
        lambda: passing(ours.net, x, record=True),
        lambda: passing(ours.net, x),
        2 * sides.turns_asked(),
    )
    rows.append(("recording V and Θ, over the same without", "", recorded))
    sides.write("engine", (("one pass, 8×224²", "median (ms)", "ratio"), rows))


if __name__ == "__main__":
    main()
