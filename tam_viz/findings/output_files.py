"""The results of an analysis as files: `run.json` and `trace.npz`, and as a finding."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tam_viz.findings.finding import ONE_VIEW_KEPT, Finding, KeptClip, make
from tam_viz.types import Clip, Run, TAMTrace

if TYPE_CHECKING:
    from tam_viz.experiments.studies.compare import Answer


def write_records(folder: Path, answers: Sequence[Answer]) -> list[Path]:
    """Writes the results of one video; returns the files.

    `trace.npz` holds `<block>/importance` (C×T) and `<block>/kernel` (C×K) of the first network
    with TAM, of its middle view; those of further ones are in `trace-<id>.npz`. `run.json` says
    which is whose, and what every view said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    traces: dict[str, str] = {}
    for answer in answers:
        trace = answer.run.trace
        if trace is not None:
            name = f"trace-{answer.card.id}.npz" if traces else "trace.npz"
            write_trace(folder / name, trace)
            traces[answer.card.id] = name
    record = {
        "source": answers[0].clip.source,
        "models": [_record(answer, traces.get(answer.card.id)) for answer in answers],
    }
    path = folder / "run.json"
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [path, *(folder / name for name in traces.values())]


def finding_of(answers: Sequence[Answer], video_sha256: str) -> Finding:
    """One video through several networks as a finding: of several views, the middle one.

    Args:
        answers: One for each network.
        video_sha256: Of the file; empty for a folder of images.
    """
    kept = {
        answer.clip.id: KeptClip(
            answer.clip, answer.spec, len(answer.clips) // 2, ("first",), video_sha256
        )
        for answer in answers
    }
    several = [answer.card.id for answer in answers if len(answer.runs) > 1]
    note = f"{ONE_VIEW_KEPT} {', '.join(several)}."
    return make(
        f"tam_viz: {answers[0].clip.source}",
        tuple(kept.values()),
        [(answer.card, answer.runs[len(answer.runs) // 2]) for answer in answers],
        notes=[note] if several else [],
    )


def write_trace(path: Path, trace: TAMTrace) -> None:
    """Writes V and Θ of every block as float32 arrays."""
    arrays: dict[str, Any] = {}
    for block in trace.blocks:
        arrays[f"{block.name}/importance"] = block.importance
        arrays[f"{block.name}/kernel"] = block.kernel
    np.savez_compressed(path, **arrays)


def _record(answer: Answer, trace: str | None) -> dict[str, Any]:
    card, clip, run = answer.card, answer.clip, answer.run
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
        "reader": clip.reader,
        "seconds": run.seconds,
        "trace": trace,
        "protocol": dataclasses.asdict(answer.spec),
        "views": [_view(*view) for view in zip(answer.clips, answer.runs, strict=True)],
    }


def _view(clip: Clip, run: Run) -> dict[str, Any]:
    name, probability = run.prediction.top(1)[0]
    return {
        "clip_id": clip.id,
        "frame_indices": clip.frame_indices.tolist(),
        "crop": clip.crop,
        "mirrored": clip.mirrored,
        "class": name,
        "probability": probability,
    }
