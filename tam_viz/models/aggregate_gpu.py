"""TAM's aggregation on an NVIDIA GPU: one kernel that reads x once and writes y once.

Triton comes with torch on Linux. The kernel is tried once on a small example, and where it is
absent, does not compile or says something else, `aggregate` takes torch's own operations.
`TRITON_INTERPRET=1` runs it on a CPU, number by number, which is how it is tested without a GPU.
"""

from __future__ import annotations

from functools import cache

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor

_CHANNELS, _POSITIONS = 64, 32
"""Of the tile that a program holds: all frames of so many channels at so many positions."""


@triton.jit  # type: ignore[untyped-decorator]
def _tap_sum(  # type: ignore[no-untyped-def]  # numbers and addresses, as it is given them
    x_at,
    v_at,
    theta_at,
    y_at,
    channels,
    positions,
    x_clip,
    x_channel,
    x_frame,
    x_position,
    y_clip,
    y_channel,
    y_frame,
    y_position,
    frames: tl.constexpr,
    taps: tl.constexpr,
    block_p: tl.constexpr,
    block_c: tl.constexpr,
) -> None:
    """`y[t] = Σ_k Θ[k] · V[s] · x[s]`, `s = t + k - K // 2`, for one tile of one clip.

    Between two frames of the output the tile of x stays in the cache of its processor, so that
    each of its numbers comes from memory once.
    """
    clip = tl.program_id(0).to(tl.int64)
    p = tl.program_id(1) * block_p + tl.arange(0, block_p)
    c = tl.program_id(2) * block_c + tl.arange(0, block_c)
    here = (p < positions)[:, None] & (c < channels)[None, :]
    row = clip * channels + c
    x_tile = x_at + clip * x_clip + p[:, None] * x_position + c[None, :] * x_channel
    y_tile = y_at + clip * y_clip + p[:, None] * y_position + c[None, :] * y_channel
    for t in range(frames):
        y = tl.zeros((block_p, block_c), dtype=tl.float32)
        for k in tl.static_range(taps):
            s = t + k - taps // 2 + tl.zeros_like(c)  # one number, as masks want it
            inside = (c < channels) & (s >= 0) & (s < frames)
            theta = tl.load(theta_at + row * taps + k, mask=inside, other=0.0)
            v = tl.load(v_at + row * frames + s, mask=inside, other=0.0)
            x = tl.load(x_tile + s[None, :] * x_frame, mask=here & inside[None, :], other=0.0)
            y += (theta * v)[None, :] * x.to(tl.float32)
        tl.store(y_tile + t * y_frame, y.to(y_at.dtype.element_ty), mask=here)


def tap_sum(
    x: Float[Tensor, "n c t h w"],
    importance: Float[Tensor, "n c t"],
    kernel: Float[Tensor, "n c k"],
) -> Float[Tensor, "n c t h w"]:
    """`aggregate` without gradients; y lies in memory as x does."""
    n, c, frames, height, width = x.shape
    if x.stride(3) != width * x.stride(4):  # positions are no one row
        x = x.contiguous()
    y = torch.empty_like(x)
    tiles = (n, triton.cdiv(height * width, _POSITIONS), triton.cdiv(c, _CHANNELS))
    _tap_sum[tiles](
        x,
        importance.float().contiguous(),
        kernel.float().contiguous(),
        y,
        c,
        height * width,
        *(x.stride(0), x.stride(1), x.stride(2), x.stride(4)),
        *(y.stride(0), y.stride(1), y.stride(2), y.stride(4)),
        frames=frames,
        taps=kernel.shape[2],
        block_p=_POSITIONS,
        block_c=_CHANNELS,
    )
    return y


@cache
def works(device: torch.device) -> bool:
    """Whether the kernel runs on a device and says what the definition says, on an example."""
    x = torch.arange(96.0, device=device).view(1, 2, 3, 4, 4).sin()
    v = torch.tensor([[[0.2, 0.5, 0.9], [1.0, 0.1, 0.7]]], device=device)
    theta = torch.tensor([[[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]]], device=device)
    weighted = torch.nn.functional.pad(x * v[..., None, None], (0, 0, 0, 0, 1, 1))
    taps = [weighted[:, :, k : k + 3] * theta[:, :, k, None, None, None] for k in range(3)]
    expected = torch.stack(taps).sum(0)
    try:
        return torch.allclose(tap_sum(x, v, theta), expected, atol=1e-5)
    except Exception:  # noqa: BLE001  # compilers fail in many ways, and there is another path
        return False
