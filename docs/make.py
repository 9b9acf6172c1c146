"""Makes what the README and docs/ show: tables, and pictures of the pages.

    python docs/make.py gallery showcases scans references measure tables pictures sheet

`scans` makes the scans that come along anew, as new weights ask for. `measure` runs all benchmarks
(half an hour on two idle cores), `measure:engine,sweep` some of them, each at most five minutes;
`tables` writes what was measured last. Pictures come from the app itself in headless Chromium.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image, ImageDraw, ImageFont  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402  # the project comes first

from benchmarks import documents, sides  # noqa: E402
from tam_viz.analysis.bench.results import read  # noqa: E402
from tam_viz.analysis.clip.examples import write_showcases  # noqa: E402
from tam_viz.analysis.clip.specimen import write_specimen  # noqa: E402
from tam_viz.analysis.tam.adaptivity import read_adaptation  # noqa: E402
from tam_viz.experiments.bench.results_tables import (  # noqa: E402
    budget_table,
    main_table,
    seed_table,
)
from tam_viz.experiments.markdown import markdown  # noqa: E402
from tam_viz.experiments.studies import kept  # noqa: E402
from tam_viz.experiments.studies.adaptation_tables import probe_table, shifted  # noqa: E402
from tam_viz.experiments.studies.examples import find_showcases  # noqa: E402
from tam_viz.experiments.studies.specimen import choose_specimen  # noqa: E402
from tam_viz.experiments.studies.untrained import untrained  # noqa: E402
from tam_viz.models import cards  # noqa: E402
from tam_viz.models.engine import load  # noqa: E402
from tam_viz.motionpairs.dataset import TEST_SEED, batch  # noqa: E402
from tam_viz.motionpairs.gallery import write_gallery  # noqa: E402
from tam_viz.motionpairs.motions import CLASSES  # noqa: E402
from tam_viz.motionpairs.scene import Split  # noqa: E402
from tam_viz.scan.dataset import motionpairs  # noqa: E402
from tam_viz.scan.formats import open_dataset  # noqa: E402
from tam_viz.scan.locations import SHIPPED  # noqa: E402
from tam_viz.scan.network import network_of  # noqa: E402
from tam_viz.scan.progress import PROGRESS  # noqa: E402
from tam_viz.scan.scan import LOCK, scan  # noqa: E402
from tam_viz.ui.pages import markdown_table  # noqa: E402
from tam_viz.video.library import GALLERY, read_folder  # noqa: E402
from tests.support.browser import ARGUMENTS, CHROMIUM, serve  # noqa: E402

SHOTS: dict[str, tuple[str, str, Literal["light", "dark"]]] = {
    "start": ("?clip=comes+out+%C2%B7+1", "TAM, drawn from this clip", "light"),
    "importance_maps": ("Importance_maps?clip=hides+%C2%B7+1", "Importance: all blocks", "light"),
    "adaptive_kernels": (
        "Adaptive_kernels?clip=approaches+%C2%B7+1",
        "Kernels: between past, present and future",
        "dark",
    ),
    "lesson": ("How_TAM_works?step=5+Kernel", "The global branch", "light"),
    "intervene": ("Intervene", "Ablation sweep", "light"),
    "attribution": ("Attribution?clip=recedes+%C2%B7+1", "Grad-CAM", "dark"),
    "operators": ("Compare_models", "The temporal operator", "light"),
    "bench": ("Compare_models?scope=the+test+clips", "Accuracy", "light"),
    "budgets": ("Compare_models?scope=the+test+clips", "Accuracy against budget", "light"),
}
"""File name, address, heading at the top of the picture, theme."""


TANET = cards.OWN / "tanet-motionpairs"
COMMON = cards.OWN / "variants" / "tanet-motionpairs-common-rate"


def adaptation() -> str:
    """The measurements of `tam-viz probe`, beside those of the network trained with one rate."""
    ours, common = (read_adaptation(folder) for folder in (TANET, COMMON))
    if ours is None or common is None:
        raise TypeError("the networks of docs/bench.md were not probed")
    of_each = ["within pairs", "given the mirrored class", "shift set: top-1"]
    columns = ["all blocks", "top-1", *of_each, "one rate for all: top-1", *of_each]
    rows = []
    for name, outcome in ours.outcomes.items():
        other = common.outcomes[name]
        row = [name]
        for study, edited in ((ours, outcome), (common, other)):
            row += [f"{edited.top1:.3f}", f"{edited.within_pair:.3f}"]
            row += [f"{edited.mirrored:.3f}", shifted(study, name)]
        rows.append(row)
    return markdown(columns, rows) + "\n\n" + probe_table(ours)


def sheet() -> None:
    """All classes with eight frames of two test clips and of one of the shift set."""
    side, gap, margin, frames = 64, 2, 190, 8
    width = margin + 3 * (frames * (side + gap) + 12)
    page = Image.new("RGB", (width, 30 + len(CLASSES) * (side + gap)), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=15)
    sets: tuple[tuple[Split, int, str], ...] = (
        ("test", 0, "test"),
        ("test", 16, "test"),
        ("shift", 0, "shift"),
    )
    for column, (split, skipped, heading) in enumerate(sets):
        left = margin + column * (frames * (side + gap) + 12)
        draw.text((left, 6), heading, "black", font)
        clips, _ = batch(TEST_SEED, skipped, len(CLASSES), split=split)
        for row, clip in enumerate(clips):
            top = 30 + row * (side + gap)
            if column == 0:
                draw.text((6, top + 22), CLASSES[row], "black", font)
            for t, frame in enumerate(clip):
                page.paste(Image.fromarray(frame), (left + t * (side + gap), top))
    page.quantize(256).save(ROOT / "docs" / "motionpairs.png", optimize=True)


def showcases() -> None:
    """Measures the gallery and writes what the first page offers to look at."""
    tanet, clips = load("tanet-motionpairs"), read_folder(GALLERY)
    write_showcases(GALLERY, find_showcases(tanet, load("tsn-motionpairs"), clips))
    write_specimen(cards.find(tanet.card.id), choose_specimen(tanet, clips))


def gallery() -> None:
    """Draws the clips of the gallery."""
    for path in GALLERY.glob("*.mp4"):
        path.unlink()
    write_gallery(GALLERY)


SCANNED = tuple(f"{name}-motionpairs" for name in ("tanet", "tsm", "tconv", "tsn"))
SCANNED_CLIPS = 320


def scans() -> None:
    """Makes the scans that come along: MotionPairs test clips, and the gallery in three ways."""
    drawn, files = motionpairs("test", TEST_SEED, SCANNED_CLIPS), open_dataset("gallery")
    networks = [cards.read_card(cards.find(name)) for name in SCANNED]
    ways: tuple[dict[str, Any], ...] = ({}, {"views": 3}, {"sampling": "dense"})
    for name, dataset, asked in (
        ("motionpairs-test", drawn, [network_of(card, drawn) for card in networks]),
        (
            "protocols-on-gallery",
            files,
            [network_of(card, files, **way) for card in networks[:2] for way in ways],
        ),
    ):
        folder = SHIPPED / name
        shutil.rmtree(folder, ignore_errors=True)
        for _ in scan(dataset, asked, folder, workers=2, device="cpu"):
            pass
        for extra in ("seconds", "index"):
            shutil.rmtree(folder / extra)
        for file in (LOCK, PROGRESS):
            (folder / file).unlink(missing_ok=True)


def references() -> None:
    """Fits the untrained networks that the first pages show, so that nobody waits for them."""
    for path in kept.SHIPPED.glob("*.safetensors"):
        path.unlink()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TAM_VIZ_CACHE"] = folder
        for name in cards.starters(cards.read_all()[0]):
            untrained(load(name, "cpu"))
        shutil.copytree(Path(folder) / "references", kept.SHIPPED, dirs_exist_ok=True)


def measure(names: Sequence[str] = ()) -> None:
    """Runs benchmarks anew, all by default; each writes its file of results."""
    chosen = [*(names or documents.PAGES)]
    if unknown := [name for name in chosen if name not in documents.PAGES]:
        sys.exit(f"There is no benchmark {unknown[0]}; there are {', '.join(documents.PAGES)}.")
    for number, name in enumerate(chosen, start=1):
        sides.progress(f"{name}, {number} of {len(chosen)}")
        command = [sys.executable, "-m", *documents.program(name)]
        subprocess.run(command, check=True, cwd=ROOT)


def tables() -> None:
    """Writes the tables between their marks in the README and in docs/."""
    bench = read(cards.OWN / cards.RESULTS)
    for page, mark, table in (
        ("README.md", "page list", markdown_table()),
        ("docs/bench.md", "results", main_table(bench)),
        ("docs/bench.md", "seeds", seed_table(bench)),
        ("docs/bench.md", "budgets", budget_table(bench)),
        ("docs/bench.md", "adaptation", adaptation()),
    ):
        path = ROOT / page
        text = path.read_text(encoding="utf-8")
        pattern = rf"(<!-- {mark}: .*? -->\n).*?(<!-- end of {mark} -->)"
        path.write_text(re.sub(pattern, _between(table), text, flags=re.DOTALL), encoding="utf-8")
    for name in documents.measured():
        documents.write(name)


def _between(table: str) -> Callable[[re.Match[str]], str]:
    return lambda marks: f"{marks[1]}{table}\n{marks[2]}"


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
    for asked in sys.argv[1:]:
        job, _, parts = asked.partition(":")
        if job == "measure":
            measure(parts.split(",") if parts else ())
            continue
        {
            "gallery": gallery,
            "showcases": showcases,
            "scans": scans,
            "references": references,
            "tables": tables,
            "pictures": pictures,
            "sheet": sheet,
        }[job]()
