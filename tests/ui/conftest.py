"""A session that is a plain dict, for what reads and writes it outside of a page."""

from __future__ import annotations

import pytest
import streamlit as st

from tests.support.state import State


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> State:
    found: State = {}
    monkeypatch.setattr(st, "session_state", found)
    return found
