"""Edits as text for a link and as records for a file.

The text of an edit is `target=operation@block[channels]~seed`, of several with `;` between them:
`importance=one@*; kernel=shuffled@layer3.1[0,3-7]~2`. A donor clip is not part of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tam_viz.types import (
    ALL_BLOCKS,
    OPERATIONS,
    Clip,
    Edit,
    UserError,
)

_ONCE_CALLED = {"mean": "given"}
"""What operations were called in findings and texts of version 0.1."""


_MOST_CHANNELS = 4096


_EDIT = re.compile(
    r"(?P<target>importance|kernel|input)=(?P<op>\w+)@(?P<block>[^\s;\[\]~]+)"
    r"(?:\[(?P<channels>[\d,\s-]*)\])?(?:~(?P<seed>-?\d{1,18}))?"
)


def parse_channels(text: str) -> tuple[int, ...]:
    """Channels from text such as `0, 3-7`, in the order in which they are named.

    Raises:
        UserError: It is no such list.
    """
    channels: list[int] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        match = re.fullmatch(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?", part)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise UserError(f"Channels are named like '0, 3-7'; '{part}' is no channel or range.")
        channels += range(int(match[1]), int(match[2] or match[1]) + 1)
        if len(channels) > _MOST_CHANNELS:
            raise UserError(f"More than {_MOST_CHANNELS} channels are named; name fewer.")
    return tuple(channels)


def channels_text(channels: Sequence[int]) -> str:
    """The inverse of `parse_channels`: runs of neighbours become ranges."""
    runs: list[list[int]] = []
    for channel in channels:
        if runs and channel == runs[-1][-1] + 1:
            runs[-1].append(channel)
        else:
            runs.append([channel])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def edit_text(edits: Sequence[Edit]) -> str:
    """Edits as text; empty for none."""
    return "; ".join(
        f"{edit.target}={edit.op}@{edit.block}"
        + ("" if edit.channels is None else f"[{channels_text(edit.channels)}]")
        + (f"~{edit.seed}" if edit.seed else "")
        for edit in edits
    )


def parse_edits(text: str, donor: Clip | None = None) -> tuple[Edit, ...]:
    """The inverse of `edit_text`.

    Args:
        text: Edits as text.
        donor: Clip that the operation `donor` takes V, Θ or x from.

    Raises:
        UserError: It is no such text, or a donor is missing.
    """
    return tuple(_parsed(p, donor) for p in filter(None, (p.strip() for p in text.split(";"))))


def _parsed(part: str, donor: Clip | None) -> Edit:
    match = _EDIT.fullmatch(part)
    if match is None:
        raise UserError(
            f"An edit is written like 'kernel=centre@layer3.1[0,3-7]' (target, operation, block "
            f"or {ALL_BLOCKS}, channels if not all); '{part}' is not."
        )
    channels = match["channels"]
    record = {
        "block": match["block"],
        "target": match["target"],
        "op": match["op"],
        "channels": None if channels is None else list(parse_channels(channels)),
        "donor": None if donor is None or match["op"] != "donor" else donor.id,
        "seed": int(match["seed"] or 0),
    }
    return edit_from(record, donor)


def edit_record(edit: Edit) -> dict[str, Any]:
    """An edit as JSON can hold it; a donor is there by the id of the clip."""
    return {
        "block": edit.block,
        "target": edit.target,
        "op": edit.op,
        "channels": None if edit.channels is None else list(edit.channels),
        "donor": None if edit.donor is None else edit.donor.id,
        "seed": edit.seed,
    }


def edit_from(record: Mapping[str, Any], donor: Clip | None = None) -> Edit:
    """The inverse of `edit_record`.

    Args:
        record: Of one edit.
        donor: The clip whose id the record names; not used if it names none.

    Raises:
        UserError: It is no such record, or the donor is missing or another clip.
    """
    try:
        block, target, op, channels = (record[k] for k in ("block", "target", "op", "channels"))
        op = _ONCE_CALLED.get(op, op)
        seed, wanted = record.get("seed", 0), record.get("donor")
        good = isinstance(block, str) and op in OPERATIONS[target] and type(seed) is int
        kept = None if channels is None else tuple(channels)
        good = good and all(type(c) is int for c in kept or ())
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"This is not the record of an edit: {record}.") from error
    if not good:
        raise UserError(f"This is not the record of an edit: {record}.")
    if op == "donor" and (donor is None or wanted != donor.id):
        came = "none was given" if donor is None else f"'{donor.source}' ({donor.id}) was given"
        named = "another clip" if wanted is None else f"the clip {wanted}"
        raise UserError(f"The edit '{op}' of {target} takes rows from {named}, and {came}.")
    return Edit(block, target, op, kept, donor if op == "donor" else None, seed)
