"""Several clips through a network in one batch, each with a run of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.recorder import recording
from tam_viz.capture.run import prepared, run_of
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip, Run


@dataclass(frozen=True, eq=False)
class Batch:
    """What a network makes of several clips.

    Attributes:
        runs: One for each clip, in their order; the seconds are an equal share of the pass.
        features: What the classifier is given, the mean over frames. Networks whose classifier is
            not apart give their logits.
    """

    runs: tuple[Run, ...]
    features: Float[np.ndarray, "n d"]


def run_many(loaded: LoadedModel, clips: Sequence[Clip]) -> Batch:
    """Runs clips through a network as one batch; each run is what `run` gives, to 1e-5.

    Hooks exist only while this runs, under the network's lock.

    Args:
        loaded: The network.
        clips: Views prepared for this network's frames and size; at least one.

    Raises:
        UserError: A clip was not prepared for this network, or gets no finite answer.
    """
    x = torch.cat([prepared(loaded, clip) for clip in clips])
    seen: list[Tensor] = []

    def keep(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        seen.append(given[0].mean(dim=1).float().cpu())

    with loaded.lock, torch.inference_mode(), recording(loaded.net) as recorder:
        hook = loaded.net.fc.register_forward_pre_hook(keep)
        try:
            started = time.perf_counter()
            logits = loaded.net.frame_logits(x.to(loaded.device)).float().cpu()
            seconds = (time.perf_counter() - started) / len(clips)
        finally:
            hook.remove()
    traces = recorder.traces(len(clips))
    runs = tuple(
        run_of(loaded, clip.id, (), each, trace, seconds)
        for clip, each, trace in zip(clips, logits, traces, strict=True)
    )
    return Batch(runs, seen[-1].numpy())
