"""Whose turn it is, and with how many CPU threads."""

from __future__ import annotations

import threading

import pytest
import torch

from tam_viz.models.engine import Turn


@pytest.mark.parametrize("small", [True, False])
def test_a_small_network_has_one_thread_while_it_runs(*, small: bool) -> None:
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
