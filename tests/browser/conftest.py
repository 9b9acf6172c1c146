"""A server of the app and a real Chromium that visits it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import CHROMIUM, chromium, serve, visitor


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """One server for all journeys."""
    with serve() as base:
        yield base


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, or a skip with the reason; where TAM_VIZ_REQUIRE_BROWSER is set, a failure."""
    if CHROMIUM is None:
        reason = "no Chromium was found; install Debian's chromium to run the browser tests"
        if os.environ.get("TAM_VIZ_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor of their own, on a laptop's screen."""
    with visitor(browser) as opened:
        yield opened
