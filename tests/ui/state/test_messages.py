"""Messages stay while a page draws itself anew, and no longer."""

from __future__ import annotations

import pytest
import streamlit as st

from tam_viz.ui.state import messages


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    kept: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", kept)
    monkeypatch.setattr(st, "rerun", lambda: None)
    return kept


def shown(text: str | None) -> str | None:
    found = messages.once("notice", text)
    messages.seen()
    return found


def test_a_message_stays_while_the_page_draws_itself_anew(state: dict[str, object]) -> None:
    assert shown("one") == "one"
    messages.draw_anew()
    assert shown(None) == "one"
    messages.draw_anew()
    assert shown(None) == "one"
    assert shown(None) is None  # what the visitor asked for
    messages.draw_anew()
    assert shown(None) is None
    assert shown("two") == "two"
    messages.draw_anew()
    assert shown("three") == "three"
    assert state
