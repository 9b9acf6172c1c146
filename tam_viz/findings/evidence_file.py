"""The evidence of a finding in its file: an optional part with a version of its own.

`evidence` in `finding.json` holds words and tables; the maps of attributions and what losing frames
costs lie in `arrays.npz`, as `evidence/0/maps/0` and `evidence/0/losses/0`.
"""

from __future__ import annotations

import dataclasses
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd

from tam_viz.findings.evidence import COLUMNS, LETTERS, ROWS, Evidence
from tam_viz.findings.json_fields import Fields, MalformedError
from tam_viz.findings.zip_members import array
from tam_viz.types import Attribution, Clip, Deletion, Filling, Method

EVIDENCE_VERSION = 1
_ITEMS, _PARTS, _WORDS, _SIDE = 64, 8, 8000, 1024


def evidence_record(evidence: Sequence[Evidence]) -> dict[str, Any]:
    """All evidence as JSON, but for its arrays."""
    items = [_item_record(item, number) for number, item in enumerate(evidence)]
    return {"version": EVIDENCE_VERSION, "items": items}


def evidence_arrays(evidence: Sequence[Evidence]) -> Iterator[tuple[str, np.ndarray]]:
    """The arrays of all evidence by name."""
    for number, item in enumerate(evidence):
        for part, attribution in enumerate(item.maps):
            yield f"evidence/{number}/maps/{part}", _stored(attribution.maps)
        for part, lost in enumerate(item.losses):
            yield f"evidence/{number}/losses/{part}", _stored(lost.drops)


def read_evidence(
    item: Fields,
    arrays: zipfile.ZipFile,
    classes: Mapping[str, Sequence[str]],
    clips: Mapping[str, Clip],
) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """The evidence, and a sentence where it cannot be read.

    Args:
        item: As `evidence_record` wrote it.
        arrays: Of the finding.
        classes: Of each of its networks.
        clips: By the ids that the record uses.

    Raises:
        MalformedError: A field is not what it must be.
    """
    version = item.whole("version", 1, 1 << 30)
    if version != EVIDENCE_VERSION:
        return (), (
            f"It holds evidence of version {version}; this program reads version "
            f"{EVIDENCE_VERSION}, so the evidence is not shown.",
        )
    items = [
        _read_item(record, number, arrays, classes, clips)
        for number, record in enumerate(item.records("items", _ITEMS))
    ]
    return tuple(items), ()


def _item_record(evidence: Evidence, number: int) -> dict[str, Any]:
    columns = [
        {"name": str(name), "values": [_value(value) for value in evidence.table[name]]}
        for name in evidence.table.columns
    ]
    return {
        "page": evidence.page,
        "title": evidence.title,
        "see": evidence.see[:_WORDS],
        "says": evidence.says[:_WORDS],
        "kind": evidence.kind,
        "classes": list(evidence.classes),
        "columns": columns,
        "maps": [
            _without(attribution, "maps") | {"shape": attribution.maps.shape}
            for attribution in evidence.maps
        ],
        "losses": [_without(lost, "drops") for lost in evidence.losses],
        "arrays": f"evidence/{number}",
    }


def _without(result: Attribution | Deletion, name: str) -> dict[str, Any]:
    fields = [entry.name for entry in dataclasses.fields(result) if entry.name != name]
    return {field: getattr(result, field) for field in fields}


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
    item: Fields,
    number: int,
    arrays: zipfile.ZipFile,
    classes: Mapping[str, Sequence[str]],
    clips: Mapping[str, Clip],
) -> Evidence:
    prefix = f"evidence/{number}"
    item.choice("arrays", [prefix])
    maps = [
        _read_map(record, f"{prefix}/maps/{part}", arrays, classes, clips)
        for part, record in enumerate(item.records("maps", _PARTS))
    ]
    losses = [
        _read_loss(record, f"{prefix}/losses/{part}", arrays, classes, clips)
        for part, record in enumerate(item.records("losses", _PARTS))
    ]
    return Evidence(
        page=item.text("page"),
        title=item.text("title", 300),
        see=item.text("see", _WORDS),
        says=item.text("says", _WORDS),
        table=_read_table(item),
        maps=tuple(maps),
        losses=tuple(losses),
        kind=item.maybe("kind", item.text) or "",
        classes=item.maybe("classes", lambda name: item.texts(name, 2)) or (),
    )


def _read_table(item: Fields) -> pd.DataFrame:
    columns: dict[str, list[float | str | None]] = {}
    for column in item.records("columns", COLUMNS):
        columns[column.text("name", LETTERS + 20)] = column.mixed("values", ROWS, LETTERS)
    if len({len(values) for values in columns.values()}) > 1:
        raise MalformedError(f"columns of {item.where} must be equally long")
    return pd.DataFrame(columns)


def _read_map(
    item: Fields,
    name: str,
    arrays: zipfile.ZipFile,
    classes: Mapping[str, Sequence[str]],
    clips: Mapping[str, Clip],
) -> Attribution:
    network, clip, target, rival = _asked(item, classes, clips)
    frames, height, width = item.wholes("shape", 3, 1, _SIDE)
    if frames != len(clip.frames):
        raise MalformedError(f"shape of {item.where} must begin with {len(clip.frames)}")
    methods: tuple[Method, ...] = get_args(Method)
    return Attribution(
        clip_id=clip.id,
        checkpoint_id=network,
        method=item.choice("method", methods),
        target=target,
        maps=array(arrays, name, (frames, height, width), np.float32),
        score=item.number("score"),
        baseline_score=item.maybe("baseline_score", item.number),
        steps=item.maybe("steps", lambda field: item.whole(field, 1, 1024)),
        delta=item.maybe("delta", item.number),
        rival=rival,
    )


def _read_loss(
    item: Fields,
    name: str,
    arrays: zipfile.ZipFile,
    classes: Mapping[str, Sequence[str]],
    clips: Mapping[str, Clip],
) -> Deletion:
    network, clip, target, rival = _asked(item, classes, clips)
    fillings: tuple[Filling, ...] = get_args(Filling)
    return Deletion(
        clip_id=clip.id,
        checkpoint_id=network,
        target=target,
        filling=item.choice("filling", fillings),
        drops=array(arrays, name, (len(clip.frames),), np.float32),
        score=item.number("score"),
        rival=rival,
    )


def _asked(
    item: Fields, classes: Mapping[str, Sequence[str]], clips: Mapping[str, Clip]
) -> tuple[str, Clip, str, str | None]:
    """Which network was asked, about which clip, for which class, and against which one."""
    network = item.choice("checkpoint_id", list(classes))
    clip = clips[item.choice("clip_id", list(clips))]
    known = list(classes[network])
    target = item.choice("target", known)
    return network, clip, target, item.maybe("rival", lambda name: item.choice(name, known))
