"""A session of Streamlit in a test: a plain dict."""

from __future__ import annotations

from typing import Any

State = dict[str, Any]
