"""A session that is a plain dict, for what reads and writes it outside of a page."""

from __future__ import annotations

import pytest

from tam_viz.ui import edits, findings

State = dict[str, object]


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> State:
    found: State = {}
    for module in (findings, edits):
        monkeypatch.setattr(module.st, "session_state", found)
    return found
