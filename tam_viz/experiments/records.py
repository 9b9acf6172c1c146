"""Writing what came out of an analysis: `run.json` and `trace.npz`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tam_viz.types import Card, Clip, Run, TAMTrace

Result = tuple[Card, Clip, Run]


def write_records(folder: Path, results: Sequence[Result]) -> list[Path]:
    """Writes the results of one video; returns the files.

    `trace.npz` holds `<block>/importance` (C×T) and `<block>/kernel` (C×K) of the first network
    with TAM; those of further ones are in `trace-<id>.npz`. `run.json` says which is whose.
    """
    folder.mkdir(parents=True, exist_ok=True)
    traces: dict[str, str] = {}
    for card, _, run in results:
        if run.trace is not None:
            name = f"trace-{card.id}.npz" if traces else "trace.npz"
            write_trace(folder / name, run.trace)
            traces[card.id] = name
    record = {
        "source": results[0][1].source,
        "models": [_record(card, clip, run, traces.get(card.id)) for card, clip, run in results],
    }
    path = folder / "run.json"
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [path, *(folder / name for name in traces.values())]


def write_trace(path: Path, trace: TAMTrace) -> None:
    """Writes V and Θ of every block as float32 arrays."""
    arrays: dict[str, Any] = {}
    for block in trace.blocks:
        arrays[f"{block.name}/importance"] = block.importance
        arrays[f"{block.name}/kernel"] = block.kernel
    np.savez_compressed(path, **arrays)


def _record(card: Card, clip: Clip, run: Run, trace: str | None) -> dict[str, Any]:
    return {
        "id": card.id,
        "temporal": card.temporal,
        "sha256": card.sha256,
        "clip_id": clip.id,
        "top5": [{"class": name, "probability": p} for name, p in run.prediction.top(5)],
        "frame_indices": clip.frame_indices.tolist(),
        "times_s": clip.times_s.round(4).tolist(),
        "video_frames": clip.video_frames,
        "duration_s": clip.duration_s,
        "notices": list(clip.notices),
        "seconds": run.seconds,
        "trace": trace,
    }
