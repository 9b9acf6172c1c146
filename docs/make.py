"""Makes what the README shows: its tables, and pictures of the pages.

    python docs/make.py tables pictures

Tables are measured anew; pictures come from the app itself in headless Chromium.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402  # the project comes first

from tam_viz.experiments.evaluate import TEST_CLIPS, TEST_SEED, Scores, evaluate  # noqa: E402
from tam_viz.models import cards  # noqa: E402
from tam_viz.models.engine import load  # noqa: E402
from tam_viz.motionpairs.motions import MOTIONS  # noqa: E402
from tests.browser.conftest import ARGUMENTS, CHROMIUM, serve  # noqa: E402

SHOTS = {
    "start": ("?clip=comes+out+%C2%B7+1", "What the networks see", "light"),
    "importance_maps": ("Importance_maps?clip=hides+%C2%B7+1", "Importance: all blocks", "light"),
    "adaptive_kernels": (
        "Adaptive_kernels?clip=approaches+%C2%B7+1",
        "Kernels: between past, present and future",
        "dark",
    ),
}
"""File name, address, heading at the top of the picture, theme."""


def results() -> str:
    """The networks in the repository on the test clips, as a table."""
    lines = [
        f"| network | parameters | training clips | top-1 on {TEST_CLIPS} test clips "
        "| within pairs | weakest pair (its top-1) |",
        "|---|---|---|---|---|---|",
    ]
    for name in cards.available():
        loaded = load(name)
        scores = next(s for _, s in evaluate(loaded, TEST_SEED, TEST_CLIPS) if s is not None)
        parameters = sum(p.numel() for p in loaded.net.parameters())
        clips = int(loaded.card.training["clips"])
        lines.append(
            f"| `{name}` | {parameters:,} | {clips:,} | {scores.top1:.3f} "
            f"| {scores.within_pair:.3f} | {weakest(scores)} |"
        )
    return "\n".join(lines)


def weakest(scores: Scores) -> str:
    """The pair of classes with the lowest top-1."""
    pairs = {m.family: sum(scores.by_class[c] for c in m.classes) / 2 for m in MOTIONS}
    name = min(pairs, key=lambda family: pairs[family])
    return f"{name}, {pairs[name]:.2f}"


def aggregation() -> str:
    """The table of the benchmark."""
    command = [sys.executable, str(ROOT / "benchmarks" / "aggregation.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in printed.splitlines() if line.startswith("|"))


def tables() -> None:
    """Writes the tables between their marks in the README."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    for mark, table in (("results", results()), ("aggregation", aggregation())):
        pattern = rf"(<!-- {mark}: .*? -->\n).*?(<!-- end of {mark} -->)"
        text = re.sub(pattern, lambda m, t=table: f"{m[1]}{t}\n{m[2]}", text, flags=re.DOTALL)
    path.write_text(text, encoding="utf-8")


def pictures() -> None:
    """Takes the pictures of the pages."""
    with serve() as base, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, (address, heading, theme) in SHOTS.items():
            context = chromium.new_context(
                viewport={"width": 1280, "height": 800}, color_scheme=theme
            )
            page = context.new_page()
            page.goto(f"{base}/{address}")
            page.wait_for_selector('[data-testid="stPlotlyChart"] .main-svg', timeout=60_000)
            page.wait_for_selector('[data-test-script-state="notRunning"]')
            top = page.get_by_role("heading", name=heading).first
            top.evaluate("element => element.scrollIntoView({block: 'start'})")
            page.wait_for_timeout(1500)
            page.screenshot(path=ROOT / "docs" / f"{name}.png")
            context.close()
        chromium.close()


if __name__ == "__main__":
    for job in sys.argv[1:]:
        {"tables": tables, "pictures": pictures}[job]()
