"""Findings as zip files: `finding.json`, `arrays.npz`, and pictures and tables to look at.

The names of arrays are those that the records in `finding.json` give: `clip/0/frames`,
`run/0/logits`, `run/0/layer3.1/importance` and so on.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from tam_viz.analysis.edits.edit_text import edit_record
from tam_viz.analysis.edits.edits import describe_edits
from tam_viz.findings.evidence_file import evidence_arrays, evidence_record
from tam_viz.findings.finding import Finding, KeptClip
from tam_viz.findings.record import (
    ARRAYS,
    FORMAT,
    RECORD,
    VERSION,
    BlockRecord,
    ClipRecord,
    EditRecord,
    FindingRecord,
    MeanRecord,
    NetworkRecord,
    RunRecord,
    TruthRecord,
)
from tam_viz.findings.record_json import as_json
from tam_viz.types import Edit, Run, TAMTrace, Truth


def file_name(finding: Finding) -> str:
    """A plain name for the file, told by its first clip."""
    return f"finding-{finding.of('first')[0].clip.id[:8]}.zip"


def pack(finding: Finding, beside: Mapping[str, bytes]) -> bytes:
    """The file of a finding.

    Args:
        finding: What to write.
        beside: Further members by name: pictures, tables and a report, for people.
    """
    packed = io.BytesIO()
    when = datetime.fromisoformat(finding.created).timetuple()[:6]
    record = json.dumps(_record(finding), indent=1, ensure_ascii=False, allow_nan=False)
    with zipfile.ZipFile(packed, "w") as archive:
        members = {RECORD: record.encode(), ARRAYS: _arrays(finding), **beside}
        for name, data in members.items():
            info = zipfile.ZipInfo(name, when)
            info.external_attr = 0o644 << 16
            small = name == ARRAYS or name.endswith(".png")
            info.compress_type = zipfile.ZIP_STORED if small else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return packed.getvalue()


def _record(finding: Finding) -> dict[str, Any]:
    record = FindingRecord(
        format=FORMAT,
        version=VERSION,
        title=finding.title,
        made=finding.created,
        versions=dict(finding.versions),
        query={name: list(values) for name, values in finding.query.items()},
        notes=finding.notes,
        networks=tuple(
            NetworkRecord(n.id, n.temporal, n.sha256, n.input, n.classes) for n in finding.networks
        ),
        clips=tuple(_clip_record(kept, i) for i, kept in enumerate(finding.clips)),
        means=tuple(
            MeanRecord(name, f"mean/{i}", _blocks(trace))
            for i, (name, trace) in enumerate(finding.given.items())
        ),
        runs=tuple(_run_record(run, i) for i, run in enumerate(finding.runs)),
        note=finding.note,
    )
    return as_json(record, evidence_record(finding.evidence) if finding.evidence else None)


def _truth_record(truth: Truth) -> TruthRecord:
    return TruthRecord(truth.label, truth.event_s, truth.generation, truth.visitors)


def _clip_record(kept: KeptClip, number: int) -> ClipRecord:
    clip = kept.clip
    return ClipRecord(
        id=clip.id,
        origin=kept.origin,
        roles=kept.roles,
        source=clip.source,
        video_sha256=kept.video_sha256,
        input=kept.spec,
        view=kept.view,
        arrays=f"clip/{number}",
        frame_indices=tuple(clip.frame_indices.tolist()),
        times_s=tuple(clip.times_s.tolist()),
        video_frames=clip.video_frames,
        duration_s=clip.duration_s,
        crop=clip.crop,
        mirrored=clip.mirrored,
        notices=clip.notices,
        reader=clip.reader,
        truth=None if clip.truth is None else _truth_record(clip.truth),
    )


def _run_record(run: Run, number: int) -> RunRecord:
    return RunRecord(
        network=run.checkpoint_id,
        clip=run.clip_id,
        edits=tuple(_edit_record(edit) for edit in run.edits),
        edited=describe_edits(run.edits),
        top5=tuple({"class": name, "probability": p} for name, p in run.prediction.top(5)),
        seconds=run.seconds,
        rows=len(run.prediction.frame_logits),
        arrays=f"run/{number}",
        blocks=None if run.trace is None else _blocks(run.trace),
    )


def _edit_record(edit: Edit) -> EditRecord:
    fields = edit_record(edit)
    return EditRecord(**{**fields, "channels": edit.channels})


def _blocks(trace: TAMTrace) -> tuple[BlockRecord, ...]:
    return tuple(
        BlockRecord(block.name, len(block.kernel), block.kernel.shape[1]) for block in trace.blocks
    )


def _arrays(finding: Finding) -> bytes:
    named: dict[str, Any] = {}
    for i, kept in enumerate(finding.clips):
        named[f"clip/{i}/frames"] = np.ascontiguousarray(kept.clip.frames)
    for i, run in enumerate(finding.runs):
        named[f"run/{i}/logits"] = run.prediction.logits
        named[f"run/{i}/frame_logits"] = run.prediction.frame_logits
        if run.trace is not None:
            named.update(_trace_arrays(run.trace, f"run/{i}"))
    for i, trace in enumerate(finding.given.values()):
        named.update(_trace_arrays(trace, f"mean/{i}"))
    named.update(evidence_arrays(finding.evidence))
    packed = io.BytesIO()
    np.savez(packed, **named)
    return packed.getvalue()


def _trace_arrays(trace: TAMTrace, prefix: str) -> Iterator[tuple[str, np.ndarray]]:
    for block in trace.blocks:
        yield f"{prefix}/{block.name}/importance", np.ascontiguousarray(block.importance)
        yield f"{prefix}/{block.name}/kernel", np.ascontiguousarray(block.kernel)
