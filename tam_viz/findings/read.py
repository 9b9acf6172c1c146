"""Reading the file of a finding as what it is: a stranger's.

The list of its members is checked before any of them is opened. Two are read: `finding.json`
field by field, and `arrays.npz` array by array, each of the type, the shape and the size that its
record says.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tam_viz.analysis.edits.edit_text import edit_from
from tam_viz.findings.evidence_file import read_evidence
from tam_viz.findings.finding import Finding, KeptNetwork
from tam_viz.findings.read_clips import read_kept
from tam_viz.findings.record import (
    ARRAYS,
    RECORD,
    BlockRecord,
    EditRecord,
    EvidenceRecord,
    FindingRecord,
    NetworkRecord,
    RunRecord,
)
from tam_viz.findings.record_json import MalformedError, known, parse
from tam_viz.findings.zip_members import array, member, open_zip
from tam_viz.types import (
    ALL_BLOCKS,
    BlockTrace,
    Clip,
    Edit,
    Prediction,
    Run,
    TAMTrace,
    UserError,
)

LIMIT_BYTES = 200 << 20
"""The largest file that is opened: as large as the app takes uploads."""

_NAME = re.compile(
    r"finding\.json|arrays\.npz|report\.html|(?:pictures|tables)/(?:[a-z0-9][a-z0-9.-]{0,120})?"
)
_ARRAY = re.compile(r"(?:clip|run|mean|evidence)/\d{1,4}/[\w./]{1,80}\.npy")
_MEMBERS, _ARRAY_MEMBERS = 1000, 20_000
_RECORD_BYTES, _ARRAYS_BYTES, _ALL_BYTES = 8 << 20, 256 << 20, 1 << 30


def read(data: bytes, name: str) -> tuple[Finding, str]:
    """The finding of a file, and the SHA-256 of the file.

    Args:
        data: The file.
        name: What to call it in a sentence.

    Raises:
        UserError: It is no finding, is damaged, or was made to harm.
    """
    try:
        archive = open_zip(data, _NAME, _MEMBERS, _ALL_BYTES)
        record, evidence = parse(member(archive, RECORD, _RECORD_BYTES))
        packed = member(archive, ARRAYS, _ARRAYS_BYTES)
        arrays = open_zip(packed, _ARRAY, _ARRAY_MEMBERS, _ARRAYS_BYTES)
        return _finding(record, evidence, arrays), hashlib.sha256(data).hexdigest()
    except (MalformedError, UserError) as error:
        raise UserError(
            f"'{name}' is not a finding that can be opened: {str(error).rstrip('.')}. Expected is "
            f"a zip file as the page Export or `tam-viz analyze` writes it."
        ) from error


def read_file(path: Path) -> tuple[Finding, str]:
    """The finding of a file on disk; else like `read`."""
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise UserError(
                f"'{path.name}' is larger than {LIMIT_BYTES >> 20} MB, and no finding is; choose "
                f"another file."
            )
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"'{path.name}' cannot be read ({error.strerror}).") from error
    return read(data, path.name)


def _finding(
    record: FindingRecord, evidence: EvidenceRecord | int | None, arrays: zipfile.ZipFile
) -> Finding:
    networks = {item.id: _network(item) for item in record.networks}
    kept = {item.id: read_kept(item, arrays) for item in record.clips}
    clips = {clip_id: clip.clip for clip_id, clip in kept.items()}
    given = {}
    for number, item in enumerate(record.means):
        name = known(item.network, list(networks), f"means.{number}.network")
        given[name] = _trace(item.blocks, item.arrays, arrays, networks[name].input.frames)
    classes = {name: network.classes for name, network in networks.items()}
    shown, unread = read_evidence(evidence, arrays, classes, clips)
    finding = Finding(
        title=record.title,
        created=record.made,
        query={name: tuple(values) for name, values in record.query.items()},
        networks=tuple(networks.values()),
        clips=tuple(kept.values()),
        runs=tuple(
            _run(item, f"runs.{number}", arrays, networks, clips)
            for number, item in enumerate(record.runs)
        ),
        given=given,
        versions=record.versions,
        notes=(*record.notes, *unread),
        note=record.note,
        evidence=shown,
    )
    if not finding.of("first") or len(kept) < len(record.clips):
        raise MalformedError("it has no first clip, or two clips of one id")
    if not finding.runs:
        raise MalformedError("it has no runs")
    return finding


def _network(item: NetworkRecord) -> KeptNetwork:
    return KeptNetwork(item.id, item.temporal, item.sha256, item.input, item.classes)


def _run(
    item: RunRecord,
    where: str,
    arrays: zipfile.ZipFile,
    networks: Mapping[str, KeptNetwork],
    clips: Mapping[str, Clip],
) -> Run:
    network = networks[known(item.network, list(networks), f"{where}.network")]
    clip = clips[known(item.clip, list(clips), f"{where}.clip")]
    classes = len(network.classes)
    prediction = Prediction(
        array(arrays, f"{item.arrays}/logits", (classes,), np.float32),
        array(arrays, f"{item.arrays}/frame_logits", (item.rows, classes), np.float32),
        network.classes,
    )
    trace = None
    if item.blocks is not None:
        trace = _trace(item.blocks, item.arrays, arrays, len(clip.frames))
    edits = [
        _edit(edit, f"{where}.edits.{number}", clips, trace)
        for number, edit in enumerate(item.edits)
    ]
    return Run(clip.id, network.id, tuple(edits), prediction, trace, item.seconds)


def _trace(
    blocks: Sequence[BlockRecord], prefix: str, arrays: zipfile.ZipFile, frames: int
) -> TAMTrace:
    return TAMTrace(
        tuple(
            BlockTrace(
                block.name,
                array(
                    arrays,
                    f"{prefix}/{block.name}/importance",
                    (block.channels, frames),
                    np.float32,
                ),
                array(
                    arrays,
                    f"{prefix}/{block.name}/kernel",
                    (block.channels, block.taps),
                    np.float32,
                ),
            )
            for block in blocks
        )
    )


def _edit(item: EditRecord, where: str, clips: Mapping[str, Clip], trace: TAMTrace | None) -> Edit:
    known(item.block, (ALL_BLOCKS, *(() if trace is None else trace.names)), f"{where}.block")
    if item.donor is None:
        return edit_from(dataclasses.asdict(item))
    donor = clips[known(item.donor, list(clips), f"{where}.donor")]
    return edit_from({**dataclasses.asdict(item), "donor": donor.id}, donor)
