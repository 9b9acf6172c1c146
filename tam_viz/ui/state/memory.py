"""A store in memory, bounded in bytes: the least recently used leave first."""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")


class BoundedStore(OrderedDict[Hashable, T], Generic[T]):
    """Values by key, the longest unused first; what was put in last stays, however large it is.

    Args:
        most_bytes: Of all values together.
        most: Values.
    """

    def __init__(self, most_bytes: int, most: int = 1 << 30) -> None:
        super().__init__()
        self._most_bytes, self._most = most_bytes, most
        self._sizes: dict[Hashable, int] = {}
        self._lock = threading.RLock()
        self._making: dict[Hashable, threading.Lock] = {}

    def __setitem__(self, key: Hashable, value: T) -> None:
        size = nbytes(value)
        with self._lock:
            super().__setitem__(key, value)
            self.move_to_end(key)
            self._sizes[key] = size
            while len(self) > 1 and (len(self) > self._most or self.size() > self._most_bytes):
                del self[next(iter(self))]

    def __getitem__(self, key: Hashable) -> T:
        with self._lock:
            value = super().__getitem__(key)
            self.move_to_end(key)
            return value

    def __delitem__(self, key: Hashable) -> None:
        with self._lock:
            super().__delitem__(key)
            self._sizes.pop(key, None)

    def size(self) -> int:
        """Bytes of all values."""
        return sum(self._sizes.get(key, 0) for key in self)

    def get_or_make(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made if it is not there; once, however many ask for it."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            if key in self:
                return self[key]
            value = make()
            self[key] = value
        with self._lock:
            self._making.pop(key, None)
        return value


def nbytes(value: object) -> int:
    """Bytes of the arrays that a value holds, and of its texts; an array that it holds twice, once.

    Networks count with their weights.
    """
    return sum(_arrays(value, set()))


def _arrays(value: object, seen: set[int]) -> list[int]:
    if id(value) in seen:
        return []
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return [value.nbytes]
    if isinstance(value, str | bytes | bytearray):
        return [len(value)]
    if callable(parameters := getattr(value, "parameters", None)):
        return [p.numel() * p.element_size() for p in parameters()]
    if isinstance(value, Mapping):
        inside: list[object] = [*value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inside = [*value]
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = [getattr(value, field.name) for field in dataclasses.fields(value)]
    else:
        return []
    return [size for part in inside for size in _arrays(part, seen)]
