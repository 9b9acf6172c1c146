"""How long a visitor waits: milliseconds from an action to the last change on the page.

    python benchmarks/pages.py

A real browser drives the app on this machine with the small networks. The clock runs in the page:
from the click or the key to the last change of a figure or a heading, after which nothing changes
for half a second. Every action is done several times on things not seen before, so that no answer
comes from the browser's or the server's memory unless a visitor's would too; the table gives the
median and the slowest. The last table has the largest figure of each page.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Page, sync_playwright  # the project comes first

from benchmarks import sides
from tam_viz.ui import pages
from tests.support.browser import ARGUMENTS, CHROMIUM, serve

CLOCK = """
window.clock = {start: 0, last: 0};
for (const kind of ['click', 'keydown'])
  document.addEventListener(kind, () => { window.clock.start = performance.now(); }, true);
new MutationObserver(changes => {
  const seen = changes.some(c => {
    const at = c.target.nodeType === 1 ? c.target : c.target.parentElement;
    return at && at.closest('[data-testid="stPlotlyChart"], [data-testid="stHeading"]');
  });
  const chart = '[data-testid="stPlotlyChart"]';
  const added = changes.some(c => [...c.addedNodes].some(
    n => n.nodeType === 1 && (n.matches(chart) || n.querySelector(chart))));
  if (seen || added) window.clock.last = performance.now();
}).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
"""
QUIET = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  const running = app.getAttribute('data-test-script-state') !== 'notRunning';
  const c = window.clock;
  return !running && c.last > c.start && performance.now() - c.last > 500;
}"""
SIZE = """() => Math.max(0, ...[...document.querySelectorAll('.js-plotly-plot')].map(
  plot => JSON.stringify({data: plot.data, layout: plot.layout}).length))"""
PAGES = [page for page in pages.PAGES if page.network]
TITLES = [page.title for page in PAGES]


def settle(page: Page) -> float:
    """Milliseconds from the last action to the last change of the page."""
    page.wait_for_function(QUIET, timeout=120_000)
    return float(page.evaluate("window.clock.last - window.clock.start"))


def choose(page: Page, label: str, option: str) -> float:
    """Picks from a list."""
    box = page.locator('[data-testid="stSelectbox"]', has_text=label).first
    box.locator("input").click()
    page.keyboard.type(option)
    page.get_by_role("option", name=option).first.click()
    return settle(page)


def type_number(page: Page, label: str, value: int) -> float:
    """Writes a number and presses Enter."""
    field = page.locator('[data-testid="stNumberInput"]', has_text=label).locator("input").first
    field.fill(str(value))
    field.press("Enter")
    return settle(page)


def visit(page: Page, name: str) -> float:
    """Follows a link of the menu."""
    page.locator('[data-testid="stSidebar"]').get_by_role("link", name=name).first.click()
    return settle(page)


ROWS: list[tuple[object, ...]] = []


def report(action: str, limit: int, times: list[float]) -> None:
    """One line of the table."""
    median = statistics.median(times)
    ROWS.append(
        (action, limit, round(median), round(max(times)), "yes" if median < limit else "no")
    )
    print(ROWS[-1], file=sys.stderr)


def measure(page: Page, base: str) -> None:
    """Prints both tables and writes `results/pages.json`."""
    page.goto(base, timeout=90_000)
    page.wait_for_selector('[data-testid="stPlotlyChart"] .main-svg', timeout=90_000)
    page.wait_for_timeout(3000)
    for name in TITLES[1:]:  # loads what the server loads once
        visit(page, name)
    sizes: dict[str, int] = {}
    for shown in PAGES:
        if not shown.block:
            continue
        name = shown.title
        visit(page, name)
        blocks = ["layer1.0", "layer2.1", "layer3.0", "layer3.1", "layer1.1"]
        report(f"{name}: block", 300, [choose(page, "Block", block) for block in blocks])
        if not shown.channel:
            continue
        channels = [type_number(page, "Channel", n) for n in (3, 11, 5, 9, 1)]
        report(f"{name}: channel", 300, channels)
    visit(page, "Importance maps")
    scales = ["of all blocks", "of all that V can do", "of this block"]
    report("colour scale", 300, [choose(page, "Colour scale", scale) for scale in scales])
    orders = ["by variance", "as stored", "by peak frame"]
    report("order of channels", 300, [choose(page, "Order of channels", o) for o in orders])
    moves: dict[str, list[float]] = {name: [] for name in TITLES}
    for _ in range(3):
        for name in TITLES:
            moves[name].append(visit(page, name))
            sizes[name] = max(sizes.get(name, 0), int(page.evaluate(SIZE)))
    for name, times in moves.items():
        report(f"to {name}", 1000, times)
    clips = {
        "Watch a clip": ["moves up · 1", "recedes · 2", "hides · 1"],
        "Importance maps": ["moves down · 2", "approaches · 1", "comes out · 2"],
        "Adaptive kernels": ["move apart · 1", "speeds up · 1", "slows down · 1"],
    }
    for name, chosen in clips.items():
        visit(page, name)
        report(f"{name}: new clip", 2000, [choose(page, "Clip", clip) for clip in chosen])
    figures = [
        (name, round(size / 1000), "yes" if size < 1_000_000 else "no")
        for name, size in sizes.items()
    ]
    sides.write(
        "pages",
        (("action", "limit (ms)", "median", "slowest", "kept"), ROWS),
        (("page", "largest figure (kB)", "under 1 MB"), figures),
    )


def main() -> None:
    """Starts a server and a browser and measures."""
    with serve() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_init_script(CLOCK)
        measure(context.new_page(), base)
        browser.close()


if __name__ == "__main__":
    main()
