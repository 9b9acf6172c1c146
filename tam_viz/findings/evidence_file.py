"""The evidence of a finding in its file: an optional part with a version of its own.

`evidence` in `finding.json` holds words and tables; the maps of attributions and what losing frames
costs lie in `arrays.npz`, as `evidence/0/maps/0` and `evidence/0/losses/0`.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from tam_viz.findings.evidence import LETTERS, Evidence
from tam_viz.findings.record import (
    EVIDENCE_VERSION,
    ColumnRecord,
    EvidenceRecord,
    ItemRecord,
    LossRecord,
    MapRecord,
)
from tam_viz.findings.record_fields import WORDS
from tam_viz.findings.record_json import known, refuse
from tam_viz.findings.zip_members import array
from tam_viz.types import Attribution, Clip, Deletion


def evidence_record(evidence: Sequence[Evidence]) -> EvidenceRecord:
    """All evidence but for its arrays."""
    return EvidenceRecord(
        EVIDENCE_VERSION, tuple(_item_record(item, n) for n, item in enumerate(evidence))
    )


def evidence_arrays(evidence: Sequence[Evidence]) -> Iterator[tuple[str, np.ndarray]]:
    """The arrays of all evidence by name."""
    for number, item in enumerate(evidence):
        for part, attribution in enumerate(item.maps):
            yield f"evidence/{number}/maps/{part}", _stored(attribution.maps)
        for part, deletion in enumerate(item.losses):
            yield f"evidence/{number}/losses/{part}", _stored(deletion.drops)


def read_evidence(
    record: EvidenceRecord | int | None,
    arrays: zipfile.ZipFile,
    classes: Mapping[str, Sequence[str]],
    clips: Mapping[str, Clip],
) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """The evidence, and a sentence where it cannot be read.

    Args:
        record: As `evidence_record` made it, or the version of another one; None without any.
        arrays: Of the finding.
        classes: Of each of its networks.
        clips: By the ids that the record uses.

    Raises:
        MalformedError: A field is not what it must be.
    """
    if record is None:
        return (), ()
    if isinstance(record, int):
        return (), (
            f"It holds evidence of version {record}; this program reads version "
            f"{EVIDENCE_VERSION}, so the evidence is not shown.",
        )
    items = [
        _read_item(item, number, arrays, classes, clips) for number, item in enumerate(record.items)
    ]
    return tuple(items), ()


def _item_record(evidence: Evidence, number: int) -> ItemRecord:
    columns = [
        ColumnRecord(str(name), tuple(_value(value) for value in evidence.table[name]))
        for name in evidence.table.columns
    ]
    return ItemRecord(
        page=evidence.page,
        title=evidence.title,
        see=evidence.see[:WORDS],
        says=evidence.says[:WORDS],
        columns=tuple(columns),
        maps=tuple(_map_record(attribution) for attribution in evidence.maps),
        losses=tuple(_loss_record(deletion) for deletion in evidence.losses),
        arrays=f"evidence/{number}",
        kind=evidence.kind,
        classes=evidence.classes,
    )


def _map_record(attribution: Attribution) -> MapRecord:
    frames, height, width = attribution.maps.shape
    return MapRecord(
        clip_id=attribution.clip_id,
        checkpoint_id=attribution.checkpoint_id,
        method=attribution.method,
        target=attribution.target,
        score=attribution.score,
        shape=(frames, height, width),
        baseline_score=attribution.baseline_score,
        steps=attribution.steps,
        delta=attribution.delta,
        rival=attribution.rival,
    )


def _loss_record(deletion: Deletion) -> LossRecord:
    return LossRecord(
        clip_id=deletion.clip_id,
        checkpoint_id=deletion.checkpoint_id,
        target=deletion.target,
        filling=deletion.filling,
        score=deletion.score,
        rival=deletion.rival,
    )


def _stored(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, np.float32)


def _value(value: object) -> float | str | None:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | float | np.integer | np.floating):
        number = float(value)
        return number if math.isfinite(number) else None
    return None if value is None else str(value)[:LETTERS]


def _read_item(
    item: ItemRecord,
    number: int,
    arrays: zipfile.ZipFile,
    classes: Mapping[str, Sequence[str]],
    clips: Mapping[str, Clip],
) -> Evidence:
    prefix, where = f"evidence/{number}", f"evidence.items.{number}"
    known(item.arrays, [prefix], f"{where}.arrays")
    return Evidence(
        page=item.page,
        title=item.title,
        see=item.see,
        says=item.says,
        table=pd.DataFrame({column.name: list(column.values) for column in item.columns}),
        maps=tuple(
            _read_map(record, f"{prefix}/maps/{i}", f"{where}.maps.{i}", arrays, classes, clips)
            for i, record in enumerate(item.maps)
        ),
        losses=tuple(
            _read_loss(
                record, f"{prefix}/losses/{i}", f"{where}.losses.{i}", arrays, classes, clips
            )
            for i, record in enumerate(item.losses)
        ),
        kind=item.kind,
        classes=item.classes,
    )


def _read_map(
    item: MapRecord,
    name: str,
    where: str,
    arrays: zipfile.ZipFile,
    classes: Mapping[str, Sequence[str]],
    clips: Mapping[str, Clip],
) -> Attribution:
    clip = _clip_asked(item, where, classes, clips)
    if item.shape[0] != len(clip.frames):
        refuse(f"{where}.shape", f"should begin with {len(clip.frames)}")
    return Attribution(
        clip_id=clip.id,
        checkpoint_id=item.checkpoint_id,
        method=item.method,
        target=item.target,
        maps=array(arrays, name, item.shape, np.float32),
        score=item.score,
        baseline_score=item.baseline_score,
        steps=item.steps,
        delta=item.delta,
        rival=item.rival,
    )


def _read_loss(
    item: LossRecord,
    name: str,
    where: str,
    arrays: zipfile.ZipFile,
    classes: Mapping[str, Sequence[str]],
    clips: Mapping[str, Clip],
) -> Deletion:
    clip = _clip_asked(item, where, classes, clips)
    return Deletion(
        clip_id=clip.id,
        checkpoint_id=item.checkpoint_id,
        target=item.target,
        filling=item.filling,
        drops=array(arrays, name, (len(clip.frames),), np.float32),
        score=item.score,
        rival=item.rival,
    )


def _clip_asked(
    item: MapRecord | LossRecord,
    where: str,
    classes: Mapping[str, Sequence[str]],
    clips: Mapping[str, Clip],
) -> Clip:
    """The clip that was asked about; the network and the classes must be known as well."""
    names = classes[known(item.checkpoint_id, list(classes), f"{where}.checkpoint_id")]
    known(item.target, names, f"{where}.target")
    if item.rival is not None:
        known(item.rival, names, f"{where}.rival")
    return clips[known(item.clip_id, list(clips), f"{where}.clip_id")]
