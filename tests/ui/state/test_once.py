"""What is asked for twice at the same time is done once."""

from __future__ import annotations

import threading

import pytest

from tam_viz.ui.state.once import Once


def test_who_asks_while_it_is_being_done_waits_for_it() -> None:
    works: Once[int] = Once()
    begun, go = threading.Event(), threading.Event()
    done, found = [], []

    def work() -> int:
        begun.set()
        assert go.wait(10)
        done.append(1)
        return 7

    first = threading.Thread(target=lambda: found.append(works.result("a", work)))
    first.start()
    assert begun.wait(10)
    second = threading.Thread(target=lambda: found.append(works.result("a", work)))
    second.start()
    assert works.result("b", lambda: 3) == 3  # something else need not wait
    go.set()
    first.join(10)
    second.join(10)
    assert found == [7, 7]
    assert done == [1]
    assert works.result("a", lambda: 8) == 7  # nobody has shown it yet
    works.take("a")
    assert works.result("a", lambda: 8) == 8


def test_what_failed_may_be_tried_again() -> None:
    works: Once[int] = Once()

    def fails() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            works.result("a", fails)
    assert works.result("a", lambda: 1) == 1


def test_who_waits_for_a_run_that_was_stopped_does_it_himself() -> None:
    works: Once[int] = Once()
    begun, go = threading.Event(), threading.Event()
    found = []

    class Stopped(BaseException):
        pass

    def stopped() -> int:
        begun.set()
        assert go.wait(10)
        raise Stopped

    def first() -> None:
        with pytest.raises(Stopped):
            works.result("a", stopped)

    one = threading.Thread(target=first)
    one.start()
    assert begun.wait(10)
    two = threading.Thread(target=lambda: found.append(works.result("a", lambda: 5)))
    two.start()
    go.set()
    one.join(10)
    two.join(10)
    assert found == [5]
