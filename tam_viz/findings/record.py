"""What `finding.json` holds, checked field by field.

A stranger may have written it: every text has a longest length and is made safe to show, every list
and every number has a limit, and a list is left at its first error, since a million errors take
more memory than the file. Arrays are named here and lie in `arrays.npz`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    Field,
    WrapValidator,
)

from tam_viz.findings.evidence import COLUMNS, ROWS
from tam_viz.findings.finding import NOTE_LETTERS, ROLES
from tam_viz.findings.record_fields import (
    CellText,
    Channel,
    ColumnName,
    Hash,
    Index,
    Moment,
    Notice,
    Number,
    Pixel,
    Side,
    Spec,
    Text,
    Title,
    Words,
    few_fields,
    finite,
    safe,
)
from tam_viz.types import Filling, Generation, Method

FORMAT: Final = "tam_viz finding"
VERSION: Final = 1
EVIDENCE_VERSION: Final = 1
RECORD, ARRAYS = "finding.json", "arrays.npz"


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
    made: Annotated[Generation, AfterValidator(finite)] | None = None
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
    """An edit; see `tam_viz.analysis.edits.edit_text.edit_record`."""

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
        dict[Annotated[str, Field(pattern=r"^[\w-]{1,40}$")], Text], WrapValidator(few_fields)
    ]
    query: Annotated[
        dict[
            Annotated[str, Field(pattern=r"^\w{1,40}$")],
            Annotated[list[Text], Field(max_length=128, fail_fast=True)],
        ],
        WrapValidator(few_fields),
    ]
    notes: Annotated[tuple[Notice, ...], Field(max_length=64, fail_fast=True)]
    networks: Annotated[tuple[NetworkRecord, ...], Field(max_length=64, fail_fast=True)]
    clips: Annotated[tuple[ClipRecord, ...], Field(max_length=64, fail_fast=True)]
    means: Annotated[tuple[MeanRecord, ...], Field(max_length=64, fail_fast=True)]
    runs: Annotated[tuple[RunRecord, ...], Field(max_length=512, fail_fast=True)]
    note: Annotated[str, Field(max_length=NOTE_LETTERS)] = ""
