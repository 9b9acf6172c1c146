"""Reading `finding.json` as a record, and writing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import (
    Field,
    TypeAdapter,
    ValidationError,
)

from tam_viz.findings.record import EVIDENCE_VERSION, RECORD, VERSION, EvidenceRecord, FindingRecord
from tam_viz.findings.record_fields import (
    safe,
)

T = TypeVar("T")


class MalformedError(ValueError):
    """The file is not what it must be; the message says where."""


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
        first = min(errors, key=lambda one: one["type"].endswith("_type"))  # the one that says most
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
