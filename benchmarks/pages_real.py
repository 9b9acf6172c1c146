"""Waiting times with a TANet-50 and a video of 10 s: server and browser share the cores.

    python benchmarks/pages_real.py [--clip FILE] [--checkpoint FOLDER] [--shots FOLDER]

Without options the network has weights drawn from a seed and the video is made. Each line of the
table is one visit of a fresh server, in the order of a walk: first the networks that every page
loads are waited for, then the clock runs from a click to what is looked for. In a list the click
is the one on the entry; opening the list and typing its name come before. With `--shots` a picture
of every page is left in a folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Locator, Page

from benchmarks import films, sides, tanet50
from tests.browser.visit import FIGURE, upload
from tests.support.browser import chromium, serve, visitor

NAME = "ten seconds.mp4"
LIMIT_MS = 240_000


def settled(page: Page) -> None:
    """Waits until the script has run to its end and has not begun again for half a second."""
    page.evaluate("delete window.idleFrom")
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid="stApp"]');
            const now = performance.now();
            if (app.getAttribute('data-test-script-state') !== 'notRunning') window.idleFrom = now;
            window.idleFrom ??= now;
            return now - window.idleFrom > 500;
        }"""
    )


def entry(page: Page, label: str, text: str) -> Locator:
    """An entry of a list that is open, ready to be clicked."""
    page.locator('[data-testid="stSelectbox"]', has_text=label).first.locator("input").click()
    page.keyboard.type(text)
    option = page.get_by_role("option", name=text, exact=True).first
    option.wait_for()
    return option


def sweep(page: Page, title: str = "Ablation sweep") -> None:
    """Asks for the sweep, as a large network waits to be asked, and waits for its picture."""
    page.locator(".st-key-compute-sweep button").click()
    page.get_by_role("heading", name=title).first.wait_for(state="visible")
    page.locator(".st-key-sweep .main-svg").first.wait_for(state="visible")


def switch_to_bfloat16(page: Page) -> bool:
    """Has the sweep computed in bfloat16; whether that is offered on this machine."""
    settled(page)
    switch = page.locator(".st-key-bfloat16 label").first
    if not switch.count():
        return False
    switch.click()
    page.locator(".st-key-compute-sweep button").wait_for()
    settled(page)
    return True


def walk(
    page: Page, base: str, model: str, clip: Path, shots: Path | None
) -> list[tuple[object, ...]]:
    """Seconds of each step."""
    rows: list[tuple[object, ...]] = []

    def step(says: str, aim: float | None, act: Callable[[], object]) -> None:
        started = time.perf_counter()
        act()
        rows.append((says, "" if aim is None else aim, time.perf_counter() - started))
        print(rows[-1], flush=True)
        if shots is not None:
            page.screenshot(path=shots / f"{len(rows):02d}.png", full_page=True)

    def open_page(name: str, first: str) -> Callable[[], None]:
        def act() -> None:
            menu = page.locator('[data-testid="stSidebar"]')
            menu.get_by_role("link", name=name, exact=True).click()
            page.get_by_role("heading", name=first).first.wait_for()
            page.locator(FIGURE).first.wait_for()

        return act

    def heading(text: str) -> Callable[[], None]:
        return lambda: page.get_by_role("heading", name=text).first.wait_for(state="visible")

    page.goto(f"{base}/Watch_a_clip?model={model}")
    page.locator(FIGURE).first.wait_for()
    settled(page)
    data = clip.read_bytes()

    def give() -> None:
        upload(page, "Or your own videos", NAME, "video/mp4", data)
        page.get_by_text("This clip has no label.").wait_for()
        page.get_by_text(f"{model} predicts").first.wait_for()

    step("upload to predictions", 2.0, give)
    settled(page)
    step("V at first sight", 2.0, open_page("Importance maps", "Importance: all blocks"))
    step("its references have joined", None, lambda: settled(page))

    option = entry(page, "Block", "layer3.4")

    def block() -> None:
        option.click()
        heading("of layer3.4")()

    step("another block", 0.5, block)
    step("Θ at first sight", 2.0, open_page("Adaptive kernels", "Kernels"))
    step("its references have joined", None, lambda: settled(page))
    step("Intervene's first picture", 1.5, open_page("Intervene", "Intervene"))
    step("its other pictures have joined", None, lambda: settled(page))

    step("the sweep, asked for", 15.0, lambda: sweep(page))
    if switch_to_bfloat16(page):
        step("the sweep in bfloat16, asked for", 15.0, lambda: sweep(page, "(bfloat16)"))
    return rows


def main() -> None:
    """Prints the table and writes `results/pages_real.json`."""
    options = argparse.ArgumentParser()
    for name in ("--clip", "--checkpoint", "--shots"):
        options.add_argument(name, type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = asked.checkpoint or folder / "checkpoints" / "tam-50"
        if asked.checkpoint is None:
            tanet50.write(checkpoint)
        clip = asked.clip or films.make(folder, "ten seconds", films.TEN_SECONDS)
        os.environ["TAM_VIZ_CHECKPOINTS"] = str(checkpoint.parent)
        os.environ["TAM_VIZ_CACHE"] = str(folder / "cache")
        with serve() as base, chromium() as browser, visitor(browser) as page:
            page.set_default_timeout(LIMIT_MS)
            rows = walk(page, base, checkpoint.name, clip, asked.shots)
    sides.write("pages_real", (("step", "aim (s)", "took (s)"), rows))


if __name__ == "__main__":
    main()
