"""A TANet-50 for benchmarks: the published layout with weights drawn from a seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from tam_viz.models import checkpoint
from tam_viz.models.block import TemporalBottleneck
from tam_viz.models.engine import LoadedModel, prepare
from tam_viz.models.net import DEPTHS, VideoNet
from tam_viz.models.threads import Turn
from tam_viz.types import Card, Clip, InputSpec

SPEC = InputSpec(frames=8, resize=256, size=224)
LAYERS, WIDTH, CLASSES = DEPTHS[50], 64, 400


def card(temporal: str = "tam") -> Card:
    """Of a ResNet-50 with a temporal module and the classes of Kinetics-400."""
    classes = tuple(f"class {i}" for i in range(CLASSES))
    return Card(f"{temporal}-50", temporal, LAYERS, WIDTH, classes, SPEC)


def network(temporal: str = "tam") -> VideoNet:
    """As `card` says, with batch norms that have seen one batch."""
    torch.manual_seed(0)
    net = checkpoint.build(card(temporal)).train()
    for module in net.modules():
        if isinstance(module, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
            module.momentum = 1.0
        if isinstance(module, TemporalBottleneck):
            torch.nn.init.constant_(module.bn3.weight, 0.2)  # else noise grows from block to block
    with torch.inference_mode():
        net(pixels(1))
    return net.eval()


def pixels(clips: int = 1) -> torch.Tensor:
    """Normalised clips of noise, as the app hands them over: channels lie innermost."""
    return torch.randn(clips, SPEC.frames, SPEC.size, SPEC.size, 3).permute(0, 4, 1, 2, 3)


def clip(number: int = 0) -> Clip:
    """A clip of noise."""
    rng = np.random.default_rng(number)
    return Clip(
        id=f"noise {number}",
        frames=rng.integers(0, 256, (SPEC.frames, SPEC.size, SPEC.size, 3), dtype=np.uint8),
        frame_indices=np.arange(SPEC.frames),
        times_s=np.arange(SPEC.frames) / SPEC.frames,
        source="noise",
        video_frames=SPEC.frames,
        duration_s=1.0,
    )


def loaded(temporal: str = "tam") -> LoadedModel:
    """The network as `engine.load` prepares it; all sides of a benchmark have the same threads."""
    net = prepare(network(temporal), card(temporal))
    return LoadedModel(card(temporal), net, torch.device("cpu"), Turn(fixed=True))


def write(folder: Path) -> None:
    """Its checkpoint, as `tam-viz import` would make it."""
    checkpoint.save(folder, card(), network())
