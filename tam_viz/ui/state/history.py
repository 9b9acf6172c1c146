"""The steps of the browser's own history."""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx


def revisited() -> bool:
    """Whether the browser went back or forward to the address."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
