"""The protocol card: exactly which input a network was given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tam_viz.analysis.formatting import counted
from tam_viz.types import Card, Clip, InputSpec

_SAMPLINGS = {
    "uniform": "one from each of {frames} equal parts of the video",
    "twice": "one from each of {frames} equal parts: middles, then beginnings",
    "dense": "stride {step}, in a window of 64 frames",
    "interval": "stride {interval}, in one window",
}
_RESIZES = {
    "pil": "bilinear, antialiased (PIL)",
    "opencv": "bilinear, not antialiased (OpenCV)",
    "torchvision": "bilinear, not antialiased (torchvision)",
}
_CROPS = {
    1: "centre crop",
    3: "3 crops",
    10: "10 crops (four corners and the centre, and their mirror images)",
}


def protocol_table(
    rows: Sequence[tuple[Card, InputSpec, Clip]], data: Sequence[str]
) -> pd.DataFrame:
    """A column for each network: frames, crop, resizing, norms, averaging, data, accuracy.

    Args:
        rows: A network, what it was given, and the view to tell of.
        data: What each of the networks was trained on.
    """
    columns = {
        card.id: {**_facts(card, spec, clip), "trained on": trained, "weights": card.origin}
        for (card, spec, clip), trained in zip(rows, data, strict=True)
    }
    return pd.DataFrame(columns).rename_axis("protocol")


def describe_sampling(spec: InputSpec) -> str:
    """Which frames of a video a network is given, in words."""
    return f"{spec.frames} frames, {_sampling(spec)}"


def _sampling(spec: InputSpec) -> str:
    return _SAMPLINGS[spec.sampling].format(
        frames=spec.frames, step=max(1, 64 // spec.frames), interval=spec.interval
    )


def _facts(card: Card, spec: InputSpec, clip: Clip) -> dict[str, str]:
    indices = clip.frame_indices
    facts = {
        "frames": _sampling(spec),
        "in the video, from 0": ", ".join(str(i) for i in indices),
        "frame order": _order(indices, clip.video_frames),
        "resized": f"{_target(spec)}, {_RESIZES[spec.toolkit]}",
        "square": _square(clip, spec),
        "mean (RGB, 0 to 1)": ", ".join(f"{value:.4f}" for value in spec.mean),
        "std (RGB)": ", ".join(f"{value:.4f}" for value in spec.std),
        "views": f"{spec.all_views}: {counted(spec.views, 'clip')} × {_CROPS[spec.crops]}",
        "views averaged": "one view only" if spec.all_views == 1 else f"their {spec.average}",
        "read by": clip.reader or ("nothing, it is drawn" if clip.crop is None else "not known"),
    }
    for metric in card.metrics[:1]:
        facts["accuracy"] = f"{metric.name} {metric.value:.4f}: {metric.protocol}"
    return facts


def _target(spec: InputSpec) -> str:
    if spec.stretch:
        return f"stretched to {spec.stretch}×{spec.resize}"
    return f"shorter side to {spec.resize}"


def _order(indices: np.ndarray, video_frames: int) -> str:
    if (np.diff(indices) < 0).any():
        return f"not chronological: wraps round the end of the video ({video_frames} frames)"
    if len(np.unique(indices)) < len(indices):
        return f"chronological, frames repeated (the video has {video_frames})"
    return "chronological"


def _square(clip: Clip, spec: InputSpec) -> str:
    if clip.crop is None:
        return f"drawn at {spec.size}×{spec.size}"
    left, top, right, bottom, width, height = clip.crop
    mirrored = ", mirrored" if clip.mirrored else ""
    return f"x {left} to {right}, y {top} to {bottom} of {width}×{height}{mirrored}"
