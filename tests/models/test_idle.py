"""Freed memory goes back to the system when networks rest."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from tam_viz.models import idle
from tam_viz.models.idle import Idle
from tam_viz.models.threads import Turn


@pytest.fixture
def trimmed(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Is released each time that memory is trimmed."""
    done = threading.Semaphore(0)
    monkeypatch.setattr(idle, "trim", done.release)
    return done


def test_many_passes_are_followed_by_one_trim(trimmed: threading.Semaphore) -> None:
    resting = Idle(wait=0.2)
    for _ in range(20):
        resting.rest()
        time.sleep(0.005)
    assert trimmed.acquire(timeout=30)
    assert not trimmed.acquire(timeout=0.5)
    resting.rest()  # and again after the next pass
    assert trimmed.acquire(timeout=30)


@pytest.mark.parametrize("small", [True, False])
def test_only_large_networks_leave_so_much(*, small: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[int] = []
    monkeypatch.setattr(idle.IDLE, "rest", lambda: rested.append(1))
    turn = Turn(small=small)
    with turn, turn:
        assert not rested
    assert len(rested) == (0 if small else 1)


def test_a_process_need_not_wait_for_it() -> None:
    code = "from tam_viz.models.idle import Idle; Idle(wait=600).rest()"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc is asked")
def test_freed_memory_leaves_the_process() -> None:
    code = """
import os
from tam_viz.models.idle import trim
def mine():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
blocks = [bytearray(64_000) for _ in range(2000)]
del blocks[:-1]  # the last one lies on top of the heap
before = mine()
trim()
print(before - mine())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert idle._glibc() is None or int(done.stdout) > 50_000_000
