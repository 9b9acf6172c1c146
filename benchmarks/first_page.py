"""Seconds from a server that answers to a first page that is filled, in a real browser.

    python benchmarks/first_page.py [--turns 7]

The first visit loads torch, the networks and a clip; the second shares them. The table gives
both and their ratio.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, sync_playwright  # the project comes first

from benchmarks import sides
from tests.support.browser import ARGUMENTS, CHROMIUM, serve

FIGURES = 2


def visit(browser: Browser, address: str) -> float:
    """Seconds until both figures of the first page are drawn."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    started = time.perf_counter()
    page.goto(address)
    drawn = "document.querySelectorAll('[data-testid=\"stPlotlyChart\"]:has(.main-svg)').length"
    page.wait_for_function(f"{drawn} == {FIGURES}", timeout=60_000)
    seconds = time.perf_counter() - started
    context.close()
    return seconds


def main() -> None:
    """Prints the table and writes `results/first_page.json`."""
    first: list[float] = []
    second: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        turns = sides.turns_asked()
        for turn in range(turns):
            sides.progress(f"server {turn + 1} of {turns}")
            with serve() as address:
                first.append(visit(browser, address))
                second.append(visit(browser, address))
        browser.close()
    taken = {"first": first, "second": second}
    medians = statistics.median(first), statistics.median(second)
    row = (turns, *medians, max(first), sides.ratio(taken, "first", "second"))
    columns = ("servers", "first visit (s)", "second visit (s)", "slowest first (s)", "ratio")
    sides.write("first_page", (columns, [row]))


if __name__ == "__main__":
    main()
