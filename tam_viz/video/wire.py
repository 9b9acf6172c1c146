"""Replies of the decoding process: one line of JSON, then the arrays that it announces, as bytes.

Arrays travel without a copy of them being made, and a stream may hold several answers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BufferedIOBase
from typing import Literal

import numpy as np

Kind = Literal["frames", "movie", "progress", "refused", "memory"]


@dataclass(frozen=True, eq=False)
class Reply:
    """An answer to one request.

    Attributes:
        kind: `frames` or `movie`; `progress` on the way to one; `refused`, with a sentence for a
            person; or `memory`, where the limit on memory was met.
        text: The sentence.
        fields: What else is known, as JSON takes it.
        arrays: Pixels and numbers by name.
    """

    kind: Kind
    text: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


def send(stream: BufferedIOBase, answer: Reply) -> None:
    """Writes an answer."""
    arrays = {name: np.ascontiguousarray(array) for name, array in answer.arrays.items()}
    head = {
        "kind": answer.kind,
        "text": answer.text,
        "fields": answer.fields,
        "arrays": [[name, a.dtype.str, list(a.shape)] for name, a in arrays.items()],
    }
    stream.write(json.dumps(head).encode() + b"\n")
    for array in arrays.values():
        stream.write(array.data.cast("B"))
    stream.flush()


def receive(stream: BufferedIOBase) -> Reply | None:
    """Reads an answer; None if the other side ended before it was whole."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    head = json.loads(line)
    arrays: dict[str, np.ndarray] = {}
    for name, kind, shape in head["arrays"]:
        data = bytearray(math.prod(shape) * np.dtype(kind).itemsize)
        if stream.readinto(data) != len(data):
            return None
        arrays[name] = np.frombuffer(data, kind).reshape(shape)
    return Reply(head["kind"], head["text"], head["fields"], arrays)
