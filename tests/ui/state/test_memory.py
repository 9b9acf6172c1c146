"""What is kept for visitors is bounded in bytes."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from tam_viz.ui.state.memory import BoundedStore, nbytes


@dataclass(frozen=True, eq=False)
class Held:
    name: str
    rows: tuple[np.ndarray, ...]
    more: dict[str, object]


def test_what_a_value_takes() -> None:
    rows = np.zeros((10, 10), np.float32)
    assert nbytes(rows) == 400
    assert nbytes([rows, rows]) == 400
    assert nbytes(Held("abcd", (rows, rows + 1), {"x": rows.astype(np.uint8)})) == 904
    assert nbytes(nn.Linear(10, 10, bias=False)) == 400
    assert nbytes(None) == nbytes(3) == nbytes(torch) == 0


def test_a_value_that_holds_itself_is_counted_once() -> None:
    looped: list[object] = [np.zeros(3)]
    looped.append(looped)
    assert nbytes(looped) == 24


def test_the_longest_unused_leaves_first() -> None:
    kept: BoundedStore[np.ndarray] = BoundedStore(3000)
    for name in "abc":
        kept[name] = np.zeros(1000, np.uint8)
    assert kept["a"].shape == (1000,)
    kept["d"] = np.zeros(1000, np.uint8)
    assert [*kept] == ["c", "a", "d"]
    assert kept.size() == 3000
    kept["c"] = np.zeros(10, np.uint8)  # in place of the former
    assert kept.size() == 2010
    del kept["d"]
    assert kept.size() == 1010


def test_what_is_larger_than_all_that_may_be_kept_is_kept_alone() -> None:
    kept: BoundedStore[np.ndarray] = BoundedStore(3000)
    kept["a"] = np.zeros(1000, np.uint8)
    kept["b"] = np.zeros(5000, np.uint8)
    assert [*kept] == ["b"]
    kept["c"] = np.zeros(10, np.uint8)
    assert [*kept] == ["c"]


def test_so_many_and_no_more() -> None:
    kept: BoundedStore[int] = BoundedStore(3000, most=2)
    for number in range(4):
        kept[number] = number
    assert [*kept] == [2, 3]


def test_a_value_is_made_once_however_many_ask() -> None:
    kept: BoundedStore[int] = BoundedStore(3000)
    made: list[int] = []
    begun = threading.Event()

    def make() -> int:
        begun.wait(5)
        made.append(1)
        return 7

    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(kept.get_or_make("x", make))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    begun.set()
    for thread in threads:
        thread.join()
    assert (found, made) == ([7] * 4, [1])


def test_one_that_cannot_be_made_is_tried_again() -> None:
    kept: BoundedStore[float] = BoundedStore(3000)
    with pytest.raises(ZeroDivisionError):
        kept.get_or_make("x", lambda: 1 / 0)
    assert kept.get_or_make("x", lambda: 1.0) == 1.0
