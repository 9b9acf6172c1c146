"""What tests of pages share."""

from __future__ import annotations

from tests.test_pages import published

__all__ = ["published"]
