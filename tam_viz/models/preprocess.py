"""From a clip's pixels to the tensor that a network is given."""

from __future__ import annotations

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from tam_viz.types import Clip, InputSpec


def normalise(frames: UInt8[Tensor, "n t h w 3"], spec: InputSpec) -> Float[Tensor, "n 3 t h w"]:
    """RGB in 0 to 255 to float32 with the mean and standard deviation of `spec` taken out.

    The result is a view in the channels-last order of the input; nothing is copied twice.
    """
    x = frames.float().div_(255)
    x.sub_(torch.tensor(spec.mean, device=x.device)).div_(torch.tensor(spec.std, device=x.device))
    return x.permute(0, 4, 1, 2, 3)


def clip_tensor(clip: Clip, spec: InputSpec) -> Float[Tensor, "1 3 t h w"]:
    """One clip as a batch of one."""
    return normalise(torch.from_numpy(clip.frames)[None], spec)
