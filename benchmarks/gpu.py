"""On a GPU: does it say what the CPU says, how many clips a second, and what the aggregation takes.

    python benchmarks/gpu.py [--device cuda] [--turns 7]

The first table holds logits, V and Θ of a TANet-50 on the device against those on the CPU in
float32. The second has clips per second at several batch sizes beside the published formula. The
third holds the aggregation against a copy of the same features, by torch's own operations, by
`torch.compile` of its equation and by the Triton kernel that `aggregate` takes: reading x once and
writing y once is what a copy does, so the ratio is the share of the copy bandwidth. Without a GPU
`--device cpu` runs the same code on the CPU, to see that it works.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch.nn import functional as F

from benchmarks import sides, tanet50
from benchmarks.engine import published
from tam_viz.capture.run import run
from tam_viz.models import aggregate as aggregate_module
from tam_viz.models.aggregate import aggregate
from tam_viz.models.engine import LoadedModel, lowered
from tam_viz.models.threads import Turn
from tam_viz.types import UserError

SIZES = (1, 8, 64)
SHAPES = ((64, 56), (128, 28), (256, 14), (512, 7))


def here(loaded: LoadedModel, device: torch.device) -> LoadedModel:
    """The network on a device."""
    fixed = Turn(fixed=device.type != "cpu")
    return LoadedModel(loaded.card, loaded.net.to(device), device, fixed)


def waited(device: torch.device, act: Callable[[], object]) -> Callable[[], None]:
    """The same, until the device has done it."""

    def acted() -> None:
        with torch.inference_mode():
            act()
        if device.type == "cuda":
            torch.cuda.synchronize()

    return acted


def agreement(device: torch.device) -> list[tuple[object, ...]]:
    """The largest differences from the CPU, by precision."""
    clip = tanet50.clip()
    rows: list[tuple[object, ...]] = []
    base = run(tanet50.loaded(), clip)
    plain = here(tanet50.loaded(), device)
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        try:
            done = run(plain if dtype == torch.float32 else lowered(plain, dtype), clip)
        except UserError as error:
            print(error, file=sys.stderr)
            continue
        assert base.trace is not None
        assert done.trace is not None
        pairs = [*zip(base.trace.blocks, done.trace.blocks, strict=True)]
        rows.append(
            (
                str(dtype).removeprefix("torch."),
                float(abs(base.prediction.logits - done.prediction.logits).max()),
                max(float(abs(a.importance - b.importance).max()) for a, b in pairs),
                max(float(abs(a.kernel - b.kernel).max()) for a, b in pairs),
            )
        )
    return rows


def speed(device: torch.device, sizes: tuple[int, ...]) -> list[tuple[object, ...]]:
    """Clips per second by batch size."""
    plain, base = here(tanet50.loaded(), device), published().to(device)
    low = lowered(plain, torch.bfloat16)
    rows: list[tuple[object, ...]] = []
    for size in sizes:
        x = tanet50.pixels(size).to(device)
        flat, half = x.contiguous(), x.to(low.dtype)
        taken = sides.in_turns(
            {
                "published": waited(device, partial(base, flat)),
                "float32": waited(device, partial(plain.net, x)),
                "bfloat16": waited(device, partial(low.net, half)),
            },
            sides.turns_asked(),
        )
        rows.append((size, *(size / statistics.median(times) for times in taken.values())))
    return rows


def ways(device: torch.device) -> dict[str, Callable[..., torch.Tensor]]:
    """The ways to aggregate that this device has."""
    found: dict[str, Callable[..., torch.Tensor]] = {"torch's operations": by_operations}
    if device.type == "cuda":
        found["torch.compile"] = torch.compile(equation, dynamic=False)
        if aggregate_module._one_kernel(device):  # noqa: SLF001  # which `aggregate` takes by itself
            found["Triton"] = aggregate
    return found


def by_operations(x: torch.Tensor, v: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
    """The path that `aggregate` takes for gradients and without Triton."""
    weights = theta.unsqueeze(-1) * v.unsqueeze(-2)
    y: torch.Tensor = aggregate_module._TapSum.apply(x, weights)  # noqa: SLF001
    return y


def equation(x: torch.Tensor, v: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
    """Equation 6, for a compiler to join."""
    frames, half = x.shape[2], theta.shape[2] // 2
    weighted = F.pad(x * v[..., None, None], (0, 0, 0, 0, half, half))
    taps = range(theta.shape[2])
    first, *others = [
        weighted[:, :, k : k + frames] * theta[:, :, k, None, None, None] for k in taps
    ]
    return sum(others, first)


def bandwidth(device: torch.device) -> sides.Table:
    """The time of a copy over that of the aggregation, by shape and way."""
    rows: list[tuple[object, ...]] = []
    for channels, side in SHAPES:
        frames = torch.randn(64, channels, side, side, device=device)
        frames = frames.contiguous(memory_format=torch.channels_last)
        x = frames.unflatten(0, (8, 8)).transpose(1, 2)
        v, theta = torch.rand(8, channels, 8, device=device), torch.rand(8, channels, 3).to(device)
        y = torch.empty_like(frames)
        acts: dict[str, Callable[[], object]] = {"copy": partial(y.copy_, frames)}
        acts |= {name: partial(way, x, v, theta) for name, way in ways(device).items()}
        taken = sides.in_turns(
            {name: waited(device, act) for name, act in acts.items()}, sides.turns_asked()
        )
        shares = [sides.ratio(taken, "copy", name) for name in acts if name != "copy"]
        rows.append((f"{channels} × {side}", *shares))
    names = [f"share of the copy bandwidth: {name}" for name in ways(device)]
    return ("channels × side", *names), rows


def main() -> None:
    """Prints the tables and writes `results/gpu.json`."""
    asked = sys.argv[sys.argv.index("--device") + 1] if "--device" in sys.argv else "cuda"
    device = torch.device(asked)
    if device.type == "cuda" and not torch.cuda.is_available():
        sys.exit("There is no NVIDIA GPU here; --device cpu runs the same on the CPU.")
    sizes = SIZES if device.type == "cuda" else SIZES[:1]
    sides.write(
        "gpu" if device.type == "cuda" else "gpu_on_cpu",
        (("precision", "logits", "V", "Θ"), agreement(device)),
        (("clips", "published (clips/s)", "float32", "bfloat16"), speed(device, sizes)),
        bandwidth(device),
    )


if __name__ == "__main__":
    main()
