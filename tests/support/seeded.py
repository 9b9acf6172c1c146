"""Weights and a clip that a seed, a name and a shape say in full, as tests/data/parity has them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from math import prod, sqrt
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

PARITY = Path(__file__).resolve().parents[1] / "data" / "parity"
"""What the published code answers: layouts and numbers."""


def weights(layout: Mapping[str, Sequence[int]], seed: int) -> dict[str, Tensor]:
    """A state dict of made-up weights; every tensor is drawn by itself, in no order."""
    return {key: _drawn(key, tuple(shape), seed) for key, shape in layout.items()}


def clip(seed: int, frames: int, side: int = 224) -> Tensor:
    """A smooth clip (frames, 3, side, side) that counts as normalised."""
    coarse = torch.randn(1, 3, frames, 14, 14, generator=torch.Generator().manual_seed(seed))
    fine = F.interpolate(coarse, (frames, side, side), mode="trilinear", align_corners=False)
    return fine.squeeze(0).transpose(0, 1).contiguous()


def _drawn(key: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """Batch norms get scales and variances about 1; convolutions keep the size of what they see."""
    source = torch.Generator().manual_seed(zlib.crc32(f"{seed}:{key}".encode()))
    match key.rpartition(".")[2]:
        case "num_batches_tracked":
            return torch.zeros(shape, dtype=torch.int64)
        case "running_var":
            return 0.5 + torch.rand(shape, generator=source)
        case "running_mean" | "bias":
            return 0.1 * torch.randn(shape, generator=source)
        case "weight" if len(shape) == 1:
            return 0.5 + 0.5 * torch.rand(shape, generator=source)
        case _:
            return sqrt(2 / max(prod(shape[1:]), 1)) * torch.randn(shape, generator=source)
