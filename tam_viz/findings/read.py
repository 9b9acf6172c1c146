"""Reading the file of a finding as what it is: a stranger's.

The list of its members is checked before any of them is opened. Two are read: `finding.json`
field by field, and `arrays.npz` array by array, each of the type, the shape and the size that its
record says.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from tam_viz.analysis.edits.edits import edit_from
from tam_viz.findings.evidence_file import read_evidence
from tam_viz.findings.finding import NOTE_LETTERS, Finding, Network
from tam_viz.findings.json_fields import Fields, MalformedError, parse
from tam_viz.findings.read_clips import read_kept, read_spec
from tam_viz.findings.write import ARRAYS, FORMAT, RECORD, VERSION
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
_KEY, _PACKAGE = re.compile(r"\w{1,40}"), re.compile(r"[\w-]{1,40}")
_BLOCK, _NETWORK = re.compile(r"[\w.]{1,60}"), re.compile(r"[^/\\]{1,120}")
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
        record = parse(member(archive, RECORD, _RECORD_BYTES), RECORD)
        packed = member(archive, ARRAYS, _ARRAYS_BYTES)
        arrays = open_zip(packed, _ARRAY, _ARRAY_MEMBERS, _ARRAYS_BYTES)
        return _finding(record, arrays), hashlib.sha256(data).hexdigest()
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


def _finding(record: Fields, arrays: zipfile.ZipFile) -> Finding:
    record.choice("format", [FORMAT])
    version = record.whole("version", 1, 1 << 30)
    if version != VERSION:
        raise MalformedError(
            f"it has version {version} of the format, and this program reads {VERSION}"
        )
    networks = tuple(_network(item) for item in record.records("networks", 64))
    kept = {}
    for item in record.records("clips", 64):
        kept[item.text("id")] = read_kept(item, arrays)
    by_name = {network.id: network for network in networks}
    clips = {clip_id: kept_clip.clip for clip_id, kept_clip in kept.items()}
    frames = {network.id: network.input.frames for network in networks}
    given = {
        item.choice("network", list(by_name)): _trace(item, arrays, frames[item.text("network")])
        for item in record.records("means", 64)
    }
    evidence, unread = record.maybe(
        "evidence",
        lambda name: read_evidence(
            record.record(name), arrays, {n.id: n.classes for n in networks}, clips
        ),
    ) or ((), ())
    finding = Finding(
        title=record.text("title"),
        created=_moment(record),
        query=_query(record.record("query")),
        networks=networks,
        clips=tuple(kept.values()),
        runs=tuple(_run(item, arrays, by_name, clips) for item in record.records("runs", 512)),
        given=given,
        versions=_versions(record.record("versions")),
        notes=(*record.texts("notes", 64, 1000), *unread),
        note=record.maybe("note", lambda name: record.exact(name, NOTE_LETTERS)) or "",
        evidence=evidence,
    )
    if not finding.of("first") or len(kept) < len(record.records("clips", 64)):
        raise MalformedError("it has no first clip, or two clips of one id")
    if not finding.runs:
        raise MalformedError("it has no runs")
    return finding


def _network(item: Fields) -> Network:
    classes = item.texts("classes", 5000)
    if not classes:
        raise MalformedError(f"classes of {item.where} must name some")
    return Network(
        id=_matching(item.text("id"), _NETWORK, "id of a network"),
        temporal=item.text("temporal"),
        sha256=item.text("sha256", 64),
        input=read_spec(item.record("input")),
        classes=classes,
    )


def _run(
    item: Fields, arrays: zipfile.ZipFile, networks: dict[str, Network], clips: dict[str, Clip]
) -> Run:
    network = networks[item.choice("network", list(networks))]
    clip = clips[item.choice("clip", list(clips))]
    classes, prefix = len(network.classes), item.text("arrays")
    prediction = Prediction(
        array(arrays, f"{prefix}/logits", (classes,), np.float32),
        array(arrays, f"{prefix}/frame_logits", (item.whole("rows", 1, 4096), classes), np.float32),
        network.classes,
    )
    trace = None if item.data.get("blocks") is None else _trace(item, arrays, len(clip.frames))
    return Run(
        clip_id=clip.id,
        checkpoint_id=network.id,
        edits=tuple(_edit(edit, clips, trace) for edit in item.records("edits", 512)),
        prediction=prediction,
        trace=trace,
        seconds=item.number("seconds"),
    )


def _trace(item: Fields, arrays: zipfile.ZipFile, frames: int) -> TAMTrace:
    prefix, blocks = item.text("arrays"), []
    for block in item.records("blocks", 512):
        name = _matching(block.text("name"), _BLOCK, "name of a block")
        channels, taps = block.whole("channels", 1, 1 << 16), block.whole("taps", 1, 256)
        blocks.append(
            BlockTrace(
                name,
                array(arrays, f"{prefix}/{name}/importance", (channels, frames), np.float32),
                array(arrays, f"{prefix}/{name}/kernel", (channels, taps), np.float32),
            )
        )
    return TAMTrace(tuple(blocks))


def _edit(item: Fields, clips: dict[str, Clip], trace: TAMTrace | None) -> Edit:
    named = item.maybe("donor", lambda name: item.choice(name, list(clips)))
    donor = None if named is None else clips[named]
    channels = item.data.get("channels")
    known = (ALL_BLOCKS, *(() if trace is None else trace.names))
    record = {
        "block": item.choice("block", known),
        "target": item.text("target"),
        "op": item.text("op"),
        "channels": channels,
        "donor": None if donor is None else donor.id,
        "seed": item.whole("seed", -(1 << 62), 1 << 62),
    }
    if channels is not None:
        count = len(channels) if isinstance(channels, list) else 0
        record["channels"] = list(item.wholes("channels", count, 0, 1 << 16))
    return edit_from(record, donor)


def _query(item: Fields) -> dict[str, tuple[str, ...]]:
    if len(item.data) > 128:
        raise MalformedError("query has too many parameters")
    return {_matching(name, _KEY, "query"): item.texts(name, 128) for name in item.data}


def _versions(item: Fields) -> dict[str, str]:
    names: Sequence[str] = list(item.data)[:32]
    return {_matching(name, _PACKAGE, "package"): item.text(name) for name in names}


def _moment(record: Fields) -> str:
    created = record.text("made", 40)
    try:
        return datetime.fromisoformat(created).isoformat()
    except ValueError as error:
        raise MalformedError("made is no moment in time") from error


def _matching(text: str, pattern: re.Pattern[str], what: str) -> str:
    if not pattern.fullmatch(text):
        raise MalformedError(f"{text[:60]!r} is no {what}")
    return text
