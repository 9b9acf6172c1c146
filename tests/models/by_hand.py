"""The temporal modules of 2020 to 2022 by their equations, in loops over frames and positions.

Each function gives the output for one clip `(c, t, h, w)` from the weights alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def neighbours(x: Tensor, kernel: Tensor) -> Tensor:
    """`y[c, t] = Σ_k kernel[c, k] x[c, t + k - 1]` of one clip `(c, t, h, w)`."""
    y = torch.zeros_like(x)
    for c in range(x.shape[0]):
        for t in range(x.shape[1]):
            for k in range(3):
                if 0 <= t + k - 1 < x.shape[1]:
                    y[c, t] += kernel[c, k] * x[c, t + k - 1]
    return y


def normed(layer: Any, values: Tensor) -> Tensor:
    """Batch norm of one vector or of a clip, channels first, with the stored statistics."""
    shape = (-1,) + (1,) * (values.ndim - 1)
    scale = layer.weight / torch.sqrt(layer.running_var + layer.eps)
    shifted = (values - layer.running_mean.view(shape)) * scale.view(shape)
    out: Tensor = shifted + layer.bias.view(shape)
    return out


def over_space(conv: nn.Conv3d, clip: Tensor) -> Tensor:
    """A convolution over space of each frame."""
    frames = [
        F.conv2d(
            frame[None],
            conv.weight[:, :, 0],
            stride=conv.stride[1:],
            padding=conv.padding[1:],
            groups=conv.groups,
        )[0]
        for frame in clip.unbind(1)
    ]
    return torch.stack(frames, dim=1)


def over_three_frames(conv: nn.Conv1d, profile: Tensor) -> Tensor:
    """A convolution over three frames of a profile `(c, t)`, zero beyond the clip."""
    frames = profile.shape[1]
    columns = []
    for t in range(frames):
        column = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias.clone()
        for k in range(3):
            if 0 <= t + k - 1 < frames:
                column = column + conv.weight[:, :, k] @ profile[:, t + k - 1]
        columns.append(column)
    return torch.stack(columns, dim=1)


def changes(align: nn.Conv3d, reduced: Tensor) -> Tensor:
    """`D * r[t+1] - r[t]`, zero at the last frame."""
    motion = torch.zeros_like(reduced)
    for t in range(reduced.shape[1] - 1):
        motion[:, t] = over_space(align, reduced)[:, t + 1] - reduced[:, t]
    return motion


def tada(layer: Any, x: Tensor) -> Tensor:
    profile = x.mean(dim=(2, 3))
    route = layer.route
    context = route.whole.weight[:, :, 0] @ profile.mean(1) + route.whole.bias
    hidden = over_three_frames(route.reduce, profile + context[:, None])
    hidden = normed(route.norm, hidden).clamp(min=0)
    alpha = 1 + over_three_frames(route.expand, hidden)
    frames = []
    for t, frame in enumerate(x.unbind(1)):
        kernel = layer.space.weight[:, :, 0] * alpha[:, t, None, None]
        frames.append(F.conv2d(frame[None], kernel, padding=1)[0])
    y = torch.stack(frames, dim=1)
    third = torch.full((x.shape[0], 3), 1 / 3)
    return y + normed(layer.pool_norm, neighbours(y, third))


def tea(layer: Any, x: Tensor) -> Tensor:
    reduced = normed(layer.reduce_norm, over_space(layer.reduce, x))
    motion = changes(layer.align, reduced).mean(dim=(2, 3))
    excited = torch.zeros_like(x)
    for t in range(x.shape[1]):
        score = normed(layer.expand_norm, layer.expand.weight[:, :, 0] @ motion[:, t])
        excited[:, t] = x[:, t] * (1 + 2 / (1 + torch.exp(-score)) - 1)[:, None, None]
    size = x.shape[0] // 4
    parts = [excited[i * size : (i + 1) * size] for i in range(4)]
    second = over_space(layer.space[0], neighbours(parts[1], layer.kernels[0]))
    third = over_space(layer.space[1], neighbours(parts[2] + second, layer.kernels[1]))
    fourth = over_space(layer.space[2], neighbours(parts[3] + third, layer.kernels[2]))
    return torch.cat([parts[0], second, third, fourth])


def gsm(layer: Any, x: Tensor) -> Tensor:
    channels, frames = x.shape[:2]
    half, quarter = channels // 2, channels // 4
    ready = F.pad(normed(layer.norm, x).clamp(min=0), (1, 1, 1, 1, 1, 1))
    mixed = torch.zeros_like(x)
    for group, step in enumerate((1, -1)):
        mine = slice(group * half, (group + 1) * half)
        kernel, bias = layer.gate.weight[group], layer.gate.bias[group]
        gate = torch.zeros(x.shape[1:])
        for t in range(frames):
            for i in range(x.shape[2]):
                for j in range(x.shape[3]):
                    seen = ready[mine, t : t + 3, i : i + 3, j : j + 3]
                    gate[t, i, j] = torch.tanh((kernel * seen).sum() + bias)
        for t in range(frames):
            mixed[mine, t] = (1 - gate[t]) * x[mine, t]
            if 0 <= t + step < frames:
                mixed[mine, t] += gate[t + step] * x[mine, t + step]
    order = [g * half + q * quarter + i for g in (0, 1) for i in range(quarter) for q in (0, 1)]
    return mixed[order]


def action(layer: Any, x: Tensor) -> Tensor:
    s = neighbours(x, layer.kernel)
    profile = s.mean(dim=(2, 3))
    position = F.conv3d(s.mean(0)[None, None], layer.position.weight, padding=1)[0, 0]
    squeezed = layer.squeeze.weight[:, :, 0] @ profile
    hidden = over_three_frames(layer.over_time, squeezed).clamp(min=0)
    reduced = normed(layer.reduce_norm, over_space(layer.reduce, s))
    motion = changes(layer.align, reduced).mean(dim=(2, 3))
    out = torch.zeros_like(x)
    for t in range(x.shape[1]):
        by_position = s[:, t] * torch.sigmoid(position[t]) + s[:, t]
        channel = torch.sigmoid(layer.excite.weight[:, :, 0] @ hidden[:, t])
        moving = torch.sigmoid(layer.expand.weight[:, :, 0] @ motion[:, t])
        by_channel = s[:, t] * channel[:, None, None] + s[:, t]
        by_motion = s[:, t] * moving[:, None, None] + s[:, t]
        out[:, t] = by_position + by_channel + by_motion
    return out


def divided(layer: Any, x: Tensor) -> Tensor:
    channels, frames, height, width = x.shape

    def attended(attention: Any, rows: Tensor) -> Tensor:
        inner = attention.out.in_features
        q, k, v = (rows @ attention.project.weight.T + attention.project.bias).split(inner, dim=-1)
        gathered = torch.zeros_like(v)
        size = inner // attention.heads
        for h in range(attention.heads):
            mine = slice(h * size, (h + 1) * size)
            for i in range(len(rows)):
                share = (k[:, mine] @ q[i, mine] / size**0.5).softmax(0)
                gathered[i, mine] = share @ v[:, mine]
        out: Tensor = gathered @ attention.out.weight.T + attention.out.bias
        return out

    def level(norm: nn.LayerNorm, rows: Tensor) -> Tensor:
        centred = rows - rows.mean(-1, keepdim=True)
        scaled = centred / torch.sqrt(centred.square().mean(-1, keepdim=True) + norm.eps)
        return scaled * norm.weight + norm.bias

    z = x.clone()
    for i in range(height):
        for j in range(width):
            rows = z[:, :, i, j].T
            z[:, :, i, j] += attended(layer.time, level(layer.time_norm, rows) + layer.position).T
    for t in range(frames):
        rows = z[:, t].flatten(1).T
        z[:, t] += attended(layer.space, level(layer.space_norm, rows)).T.view(
            channels, height, width
        )
    return z


BY_HAND: dict[str, Callable[[Any, Tensor], Tensor]] = {
    "tada": tada,
    "tea": tea,
    "gsm": gsm,
    "action": action,
    "divided": divided,
}
