"""Files damaged at random."""

from __future__ import annotations

import numpy as np

_ABSURD = (0, 1, 0x7F, 0x80, 0xFF)


def mutant(data: bytes, rng: np.random.Generator) -> bytes:
    """A file with one or two kinds of damage in it."""
    for _ in range(int(rng.integers(1, 3))):
        data = KINDS[int(rng.integers(len(KINDS)))](data, rng)
    return data or b"\0"


def _flipped(data: bytes, rng: np.random.Generator) -> bytes:
    broken = bytearray(data)
    for place in rng.integers(0, len(data), int(rng.choice([1, 10, 200]))):
        broken[place] ^= 1 << int(rng.integers(8))
    return bytes(broken)


def _header(data: bytes, rng: np.random.Generator) -> bytes:
    """Numbers near the beginning or the end, where headers and indices lie, made absurd."""
    broken = bytearray(data)
    near = min(len(data), 2048)
    for _ in range(int(rng.integers(1, 6))):
        start = int(rng.integers(near))
        if rng.integers(2):
            start = max(0, len(data) - near + start - 8)
        for place in range(start, min(len(data), start + int(rng.choice([1, 2, 4, 8])))):
            broken[place] = int(rng.choice(_ABSURD))
    return bytes(broken)


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(1, len(data) + 1))]


def _without_beginning(data: bytes, rng: np.random.Generator) -> bytes:
    return data[int(rng.integers(len(data))) :]


def _piece(data: bytes, rng: np.random.Generator) -> tuple[int, int]:
    start = int(rng.integers(len(data)))
    return start, min(len(data), start + int(rng.integers(1, max(2, len(data) // 4))))


def _hole(data: bytes, rng: np.random.Generator) -> bytes:
    start, end = _piece(data, rng)
    return data[:start] + data[end:]


def _zeroed(data: bytes, rng: np.random.Generator) -> bytes:
    start, end = _piece(data, rng)
    return data[:start] + bytes(end - start) + data[end:]


def _noise(data: bytes, rng: np.random.Generator) -> bytes:
    start, end = _piece(data, rng)
    return data[:start] + rng.bytes(end - start) + data[end:]


def _doubled(data: bytes, rng: np.random.Generator) -> bytes:
    start, end = _piece(data, rng)
    return data[:end] + data[start:]


def _moved(data: bytes, rng: np.random.Generator) -> bytes:
    start, end = _piece(data, rng)
    rest = data[:start] + data[end:]
    to = int(rng.integers(len(rest) + 1))
    return rest[:to] + data[start:end] + rest[to:]


KINDS = (
    _flipped, _header, _cut, _without_beginning, _hole, _zeroed, _noise, _doubled, _moved
)  # fmt: skip
