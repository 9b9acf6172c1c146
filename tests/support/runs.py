"""When the script has run: read from what page and server say to each other.

The page says of itself that no script is running before the first one starts, and again after a
click until the server has heard of it; whoever reads it then reads what was there before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from playwright.sync_api import Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_PATIENCE_S = 120
_QUIET = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_SHOWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Runs:
    """The runs of one page.

    Attributes:
        asked: How many the page has asked for.
        over: Whether the last one has ended.
    """

    def __init__(self, page: Page) -> None:
        self.asked = 0
        self.over = False
        self._begun = False
        page.on("domcontentloaded", self._leave)
        page.on("websocket", self._listen)

    def _leave(self, _: Page) -> None:
        self.over = self._begun = False  # a new document, which has run no script yet

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, data: str | bytes) -> None:
        if isinstance(data, bytes) and BackMsg.FromString(data).HasField("rerun_script"):
            self.asked += 1
            self.over = self._begun = False

    def _received(self, data: str | bytes) -> None:
        if not isinstance(data, bytes):
            return
        message = ForwardMsg.FromString(data)
        if message.HasField("new_session"):
            self.over, self._begun = False, True
        if message.HasField("script_finished") and self._begun:
            self.over = message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN


_RUNS: WeakKeyDictionary[Page, Runs] = WeakKeyDictionary()


def watch(page: Page) -> None:
    """Counts the runs of a page from now on; it must not have been anywhere yet."""
    _RUNS[page] = Runs(page)


def settled(page: Page) -> None:
    """Waits until the script has run to its end and what it drew last is shown."""
    runs = _RUNS[page]
    _wait(page, lambda: runs.over, "ended")
    page.evaluate(_SHOWN)
    page.wait_for_selector(_QUIET)


@contextmanager
def rerun(page: Page) -> Iterator[None]:
    """What is done inside lets the script run; waits until it has."""
    runs = _RUNS[page]
    before = runs.asked
    yield
    _wait(page, lambda: runs.asked > before, "was asked for")
    settled(page)


def _wait(page: Page, until: Callable[[], bool], says: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not until():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no run of the script {says} within {_PATIENCE_S} s: {page.url}")
        page.wait_for_timeout(10)  # lets messages in
