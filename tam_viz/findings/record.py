"""What `finding.json` holds, checked field by field.

A stranger may have written it: every text has a longest length and is made safe to show, every list
and every number has a limit, and a list is left at its first error, since a million errors take
more memory than the file. Arrays are named here and lie in `arrays.npz`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, NoReturn, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    TypeAdapter,
    ValidationError,
    WrapValidator,
)

from tam_viz.findings.evidence import COLUMNS, LETTERS, ROWS
from tam_viz.findings.finding import NOTE_LETTERS, ROLES
from tam_viz.types import Filling, Generation, InputSpec, Method

FORMAT: Final = "tam_viz finding"
VERSION: Final = 1
EVIDENCE_VERSION: Final = 1
RECORD, ARRAYS = "finding.json", "arrays.npz"
WORDS = 8000
"""The longest sentence of evidence that is kept."""

_FIELDS = 128
T = TypeVar("T")


class MalformedError(ValueError):
    """The file is not what it must be; the message says where."""


def safe(text: str) -> str:
    """Text that is safe to show: one line, without links, pictures or tags."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line.replace("](", "] (").replace("<", "‹")


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()


def _bounded(spec: InputSpec) -> InputSpec:
    """Refuses what no network takes, and what would take all memory."""
    ranges = {
        "frames": (1, 256),
        "resize": (1, 4096),
        "size": (8, 1024),
        "views": (1, 100),
        "interval": (1, 1000),
        "crops": (1, 10),
        "stretch": (0, 4096),
    }
    for name, (low, high) in ranges.items():
        if not low <= getattr(spec, name) <= high:
            raise ValueError(f"{name} must be a whole number from {low} to {high}")
    if not all(map(math.isfinite, (*spec.mean, *spec.std))):
        raise ValueError("mean and std must be finite numbers")
    if min(spec.std) <= 0:
        raise ValueError("std must be above 0")
    return spec


def _few(fields: object, handler: Callable[[object], object]) -> object:
    """Refuses an object with many fields before any of them is looked at: errors take memory."""
    if isinstance(fields, dict) and len(fields) > _FIELDS:
        raise ValueError(f"it has more than {_FIELDS} fields")
    return handler(fields)


def _finite(generation: Generation) -> Generation:
    if not all(map(math.isfinite, (generation.speed, *generation.camera, generation.difficulty))):
        raise ValueError("it must hold finite numbers")
    return generation


Text = Annotated[str, Field(max_length=200), AfterValidator(safe)]
Hash = Annotated[str, Field(max_length=64), AfterValidator(safe)]
Title = Annotated[str, Field(max_length=300), AfterValidator(safe)]
Notice = Annotated[str, Field(max_length=1000), AfterValidator(safe)]
Words = Annotated[str, Field(max_length=WORDS), AfterValidator(safe)]
ColumnName = Annotated[str, Field(max_length=LETTERS + 20), AfterValidator(safe)]
CellText = Annotated[str, Field(max_length=LETTERS), AfterValidator(safe)]
Moment = Annotated[str, Field(max_length=40), AfterValidator(_moment)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Index = Annotated[int, Field(ge=0, le=1 << 31)]
Pixel = Annotated[int, Field(ge=-(1 << 16), le=1 << 16)]
Channel = Annotated[int, Field(ge=0, le=1 << 16)]
Side = Annotated[int, Field(ge=1, le=1024)]
Spec = Annotated[InputSpec, AfterValidator(_bounded)]


@dataclass(frozen=True)
class NetworkRecord:
    """A network that ran; see `tam_viz.findings.finding.KeptNetwork`."""

    id: Annotated[str, Field(pattern=r"^[^/\\]{1,120}$"), AfterValidator(safe)]
    temporal: Text
    sha256: Hash
    input: Spec
    classes: Annotated[tuple[Text, ...], Field(min_length=1, max_length=5000, fail_fast=True)]


@dataclass(frozen=True)
class TruthRecord:
    """What is known of a clip; see `tam_viz.types.Truth`."""

    label: Text
    event_s: tuple[Number, Number] | None = None
    made: Annotated[Generation, AfterValidator(_finite)] | None = None
    visitors: bool = False


@dataclass(frozen=True)
class ClipRecord:
    """A clip; `arrays` is where its frames lie, and `id` what the runs call it."""

    id: Text
    origin: Annotated[str, Field(max_length=200)]
    roles: Annotated[tuple[Text, ...], Field(max_length=len(ROLES), fail_fast=True)]
    source: Title
    video_sha256: Hash
    input: Spec
    view: Annotated[int, Field(ge=0)]
    arrays: Text
    frame_indices: Annotated[tuple[Index, ...], Field(max_length=256, fail_fast=True)]
    times_s: Annotated[tuple[Number, ...], Field(max_length=256, fail_fast=True)]
    video_frames: Index
    duration_s: Number
    mirrored: bool
    notices: Annotated[tuple[Notice, ...], Field(max_length=32, fail_fast=True)]
    crop: tuple[Pixel, Pixel, Pixel, Pixel, Pixel, Pixel] | None = None
    reader: Text = ""
    truth: TruthRecord | None = None

    def __post_init__(self) -> None:
        frames = self.input.frames
        if not len(self.frame_indices) == len(self.times_s) == frames:
            raise ValueError(f"frame_indices and times_s must hold {frames} numbers")
        if self.view >= self.input.all_views:
            raise ValueError(f"view must be a whole number from 0 to {self.input.all_views - 1}")


@dataclass(frozen=True)
class BlockRecord:
    """The shape of V and Θ of a block."""

    name: Annotated[str, Field(pattern=r"^[\w.]{1,60}$")]
    channels: Annotated[int, Field(ge=1, le=1 << 16)]
    taps: Annotated[int, Field(ge=1, le=256)]


Blocks = Annotated[tuple[BlockRecord, ...], Field(max_length=512, fail_fast=True)]


@dataclass(frozen=True)
class MeanRecord:
    """What the operations `given` and `level` put into a network."""

    network: Text
    arrays: Text
    blocks: Blocks


@dataclass(frozen=True)
class EditRecord:
    """An edit; see `tam_viz.analysis.edits.edits.edit_record`."""

    block: Text
    target: Text
    op: Text
    channels: Annotated[tuple[Channel, ...], Field(max_length=1 << 16, fail_fast=True)] | None
    donor: Text | None
    seed: Annotated[int, Field(ge=-(1 << 62), le=1 << 62)]


@dataclass(frozen=True)
class RunRecord:
    """A run; `edited` and `top5` are for people, and `rows` are those of its logits by frame."""

    network: Text
    clip: Text
    edits: Annotated[tuple[EditRecord, ...], Field(max_length=512, fail_fast=True)]
    seconds: Number
    rows: Annotated[int, Field(ge=1, le=4096)]
    arrays: Text
    edited: str = ""
    top5: Annotated[tuple[dict[str, str | float], ...], Field(max_length=16, fail_fast=True)] = ()
    blocks: Blocks | None = None


@dataclass(frozen=True)
class ColumnRecord:
    """A column of a table: numbers, texts and gaps."""

    name: ColumnName
    values: Annotated[tuple[Number | CellText | None, ...], Field(max_length=ROWS, fail_fast=True)]


@dataclass(frozen=True)
class MapRecord:
    """An attribution but for its maps, of which this is the shape."""

    clip_id: Text
    checkpoint_id: Text
    method: Method
    target: Text
    score: Number
    shape: tuple[Side, Side, Side]
    baseline_score: Number | None = None
    steps: Side | None = None
    delta: Number | None = None
    rival: Text | None = None


@dataclass(frozen=True)
class LossRecord:
    """What losing each frame costs, but for the numbers."""

    clip_id: Text
    checkpoint_id: Text
    target: Text
    filling: Filling
    score: Number
    rival: Text | None = None


@dataclass(frozen=True)
class ItemRecord:
    """One picture that was looked at; see `tam_viz.findings.evidence.Evidence`."""

    page: Text
    title: Title
    see: Words
    says: Words
    columns: Annotated[tuple[ColumnRecord, ...], Field(max_length=COLUMNS, fail_fast=True)]
    maps: Annotated[tuple[MapRecord, ...], Field(max_length=8, fail_fast=True)]
    losses: Annotated[tuple[LossRecord, ...], Field(max_length=8, fail_fast=True)]
    arrays: Text
    kind: Text = ""
    classes: Annotated[tuple[Text, ...], Field(max_length=2, fail_fast=True)] = ()

    def __post_init__(self) -> None:
        if len({len(column.values) for column in self.columns}) > 1:
            raise ValueError("columns must be equally long")


@dataclass(frozen=True)
class EvidenceRecord:
    """What was looked at beside the runs."""

    version: Literal[1]
    items: Annotated[tuple[ItemRecord, ...], Field(max_length=64, fail_fast=True)]


@dataclass(frozen=True)
class FindingRecord:
    """A finding but for its evidence; older programs pass over what they do not know."""

    format: Literal["tam_viz finding"]
    version: int
    title: Text
    made: Moment
    versions: Annotated[
        dict[Annotated[str, Field(pattern=r"^[\w-]{1,40}$")], Text], WrapValidator(_few)
    ]
    query: Annotated[
        dict[
            Annotated[str, Field(pattern=r"^\w{1,40}$")],
            Annotated[list[Text], Field(max_length=128, fail_fast=True)],
        ],
        WrapValidator(_few),
    ]
    notes: Annotated[tuple[Notice, ...], Field(max_length=64, fail_fast=True)]
    networks: Annotated[tuple[NetworkRecord, ...], Field(max_length=64, fail_fast=True)]
    clips: Annotated[tuple[ClipRecord, ...], Field(max_length=64, fail_fast=True)]
    means: Annotated[tuple[MeanRecord, ...], Field(max_length=64, fail_fast=True)]
    runs: Annotated[tuple[RunRecord, ...], Field(max_length=512, fail_fast=True)]
    note: Annotated[str, Field(max_length=NOTE_LETTERS)] = ""


@dataclass(frozen=True)
class _Version:
    version: Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class Versions:
    """What says how the rest is to be read."""

    format: Literal["tam_viz finding"]
    version: Annotated[int, Field(ge=1)]
    evidence: _Version | None = None


@dataclass(frozen=True)
class _WithEvidence:
    evidence: EvidenceRecord


_VERSIONS, _FINDING = TypeAdapter(Versions), TypeAdapter(FindingRecord)
_EVIDENCE, _WITH_EVIDENCE = TypeAdapter(EvidenceRecord), TypeAdapter(_WithEvidence)


def parse(text: bytes) -> tuple[FindingRecord, EvidenceRecord | int | None]:
    """The record of a finding and that of its evidence, or the version of evidence of another one.

    Args:
        text: JSON in UTF-8.

    Raises:
        MalformedError: A field is missing or not what it must be, or the version is another one.
    """
    versions = _checked(_VERSIONS.validate_json, text)
    if versions.version != VERSION:
        raise MalformedError(
            f"it has version {versions.version} of the format, and this program reads {VERSION}"
        )
    record = _checked(_FINDING.validate_json, text)
    if versions.evidence is None:
        return record, None
    if versions.evidence.version != EVIDENCE_VERSION:
        return record, versions.evidence.version
    return record, _checked(_WITH_EVIDENCE.validate_json, text).evidence


def as_json(record: FindingRecord, evidence: EvidenceRecord | None) -> dict[str, Any]:
    """The record as JSON can hold it, without what is empty and may be missing."""
    fields: dict[str, Any] = _FINDING.dump_python(record, mode="json")
    if not record.note:
        del fields["note"]
    if evidence is not None:
        fields["evidence"] = _EVIDENCE.dump_python(evidence, mode="json")
    return fields


def known(name: str, choices: Sequence[str], where: str) -> str:
    """A name that must be one of `choices`.

    Raises:
        MalformedError: It is none of them.
    """
    if name in choices:
        return name
    return refuse(where, f"should be one of {', '.join(choices) or 'none'}")


def refuse(where: str, reason: str) -> NoReturn:
    """Raises a MalformedError on a field of the record.

    Args:
        where: The field, such as `runs.0.clip`.
        reason: What is wrong with it, as the end of a sentence.
    """
    raise MalformedError(f"{where} of {RECORD} {reason}")


def _checked(read: Callable[..., T], text: bytes) -> T:
    try:
        return read(text, strict=True)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        first = min(errors, key=lambda e: e["type"].endswith("_type"))  # the one that says most
        where = safe(".".join(str(part)[:60] for part in first["loc"]))
        if not where:
            raise MalformedError(f"{RECORD} is not such a record ({first['msg']})") from error
        refuse(where, _reason(first["msg"]))


def _reason(message: str) -> str:
    """A message of pydantic as the end of a sentence on the field."""
    if message == "Field required":
        return "is missing"
    wrong, _, expected = message.partition(" should ")
    if expected:
        return f"should {expected}"
    return f"is wrong: {wrong.removeprefix('Value error, ')}"
