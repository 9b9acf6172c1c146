"""The threads of a network: as many as find a core, one for a small network, whatever it does."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tam_viz.capture.influence import influence
from tam_viz.models import checkpoint, engine, threads
from tam_viz.models.engine import LoadedModel
from tam_viz.models.folding import Pair
from tam_viz.models.threads import Turn, free_threads
from tam_viz.types import Clip
from tests.support.steps import last


def test_as_many_threads_as_there_are_free_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(threads, "_own_running", lambda: 1)
    for running, expected in ((1, 4), (2, 3), (4, 1), (40, 1), (0, 4)):
        monkeypatch.setattr(threads, "_running", lambda running=running: running)
        assert free_threads(4) == expected
    monkeypatch.setattr(threads, "_running", lambda: 1)
    assert free_threads(2) == 2


def test_where_the_system_does_not_say_all_threads_are_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(threads, "_LOAD", tmp_path / "none")
    monkeypatch.setattr(threads, "_OWN", tmp_path / "none")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert free_threads(2) == 2


def test_a_small_network_has_one_thread_while_it_is_prepared(
    tiny_model: Callable[..., LoadedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def found(*_: object) -> list[Pair]:
        seen.append(torch.get_num_threads())
        return []

    loaded = tiny_model()
    net = checkpoint.build(loaded.card).eval()
    monkeypatch.setattr(engine, "_PAIRS", {})
    monkeypatch.setattr(engine, "find_pairs", found)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        engine.prepare(net, loaded.card)
    finally:
        torch.set_num_threads(before)
    assert seen == [1]


@pytest.mark.parametrize("small", [True, False])
def test_a_small_network_has_one_thread_while_it_runs(
    *, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "free_threads", lambda most: most)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    turn = Turn(small=small)
    try:
        with turn:
            with turn:  # a donor is run while the network runs
                assert torch.get_num_threads() == (1 if small else 2)
            assert torch.get_num_threads() == (1 if small else 2)
        assert torch.get_num_threads() == 2
        with pytest.raises(ZeroDivisionError), turn:
            raise ZeroDivisionError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_another_thread_waits_for_its_turn() -> None:
    turn, order = Turn(small=True), []

    def other() -> None:
        with turn:
            order.append("other")

    with turn:
        waiting = threading.Thread(target=other)
        waiting.start()
        waiting.join(0.05)
        order.append("first")
    waiting.join()
    assert order == ["first", "other"]


def test_backward_passes_of_the_influence_take_a_turn_too(
    tiny_model: Callable[..., LoadedModel],
    tiny_clip: Callable[..., Clip],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []
    backward = torch.autograd.grad

    def noted(*args: Any, **options: Any) -> Any:
        seen.append(torch.get_num_threads())
        return backward(*args, **options)

    loaded = replace(tiny_model(), lock=Turn(small=True))
    monkeypatch.setattr(torch.autograd, "grad", noted)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        last(influence(loaded, tiny_clip(), 1))
    finally:
        torch.set_num_threads(before)
    assert set(seen) == {1}
