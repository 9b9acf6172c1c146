"""Files of findings that somebody has changed."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tam_viz.findings.read import read
from tam_viz.types import UserError

SHA = "a" * 64
"""Of weights that nobody has."""


def refused(data: bytes) -> str:
    with pytest.raises(UserError) as caught:
        read(data, "f.zip")
    said = str(caught.value)
    assert said.startswith("'f.zip' is not a finding that can be opened: ")
    return said


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(found: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def changed(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with another record."""
    found = members(data)
    record = json.loads(found["finding.json"])
    change(record)
    return zipped({**found, "finding.json": json.dumps(record).encode()})


def rewritten(data: bytes, arrays: Callable[[dict[str, Any]], object]) -> bytes:
    """The file with other arrays."""
    found = members(data)
    with np.load(io.BytesIO(found["arrays.npz"])) as stored:
        kept = {name: stored[name] for name in stored.files}
    arrays(kept)
    buffer = io.BytesIO()
    np.savez(buffer, **kept)
    return zipped({**found, "arrays.npz": buffer.getvalue()})


def at(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Puts a value into a record, or takes it away."""

    def change(record: dict[str, Any]) -> None:
        *steps, last = (int(s) if s.isdigit() else s for s in path.split("/"))
        place: Any = record
        for step in steps:
            place = place[step]
        if value is KeyError:
            del place[last]
        else:
            place[last] = copy.deepcopy(value)

    return change
