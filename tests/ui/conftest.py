"""A session that is a plain dict, for what reads and writes it outside of a page."""

from __future__ import annotations

import pytest

from tam_viz.ui.edits import edits
from tam_viz.ui.state import opened_findings

State = dict[str, object]


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> State:
    found: State = {}
    for module in (opened_findings, edits):
        monkeypatch.setattr(module.st, "session_state", found)
    return found
