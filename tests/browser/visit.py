"""What a visitor does in a browser: waits, picks, counts."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.support.runs import rerun, settled

__all__ = [
    "clashes",
    "drawn",
    "go",
    "make_finding",
    "number",
    "pick",
    "rerun",
    "settled",
    "unfold",
    "upload",
]

FIGURE = '[data-testid="stPlotlyChart"] .main-svg'


def drawn(page: Page, count: int) -> None:
    """Waits until so many figures are drawn, no more and no less."""
    settled(page)
    page.wait_for_function(
        """count => {
            const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')];
            return charts.length === count && charts.every(c => c.querySelector('.main-svg'));
        }""",
        arg=count,
    )


def pick(page: Page, label: str, text: str) -> None:
    """Chooses from a list of the sidebar or of the page what is not chosen yet."""
    box = page.locator('[data-testid="stSelectbox"]', has_text=label).first
    box.locator("input").click()
    page.keyboard.type(text)
    with rerun(page):
        page.get_by_role("option", name=text, exact=True).first.click()


def number(page: Page, label: str, value: int) -> None:
    """Writes another number of the sidebar."""
    field = page.locator('[data-testid="stNumberInput"]', has_text=label).locator("input").first
    with rerun(page):
        field.fill(str(value))
        field.press("Enter")


def go(page: Page, name: str) -> None:
    """Follows a link of the menu to another page."""
    link = page.locator('[data-testid="stSidebar"]').get_by_role("link", name=name, exact=True)
    with rerun(page):
        link.click()
    page.get_by_role("heading", name=TITLES.get(name, name), exact=True).wait_for()


def upload(page: Page, label: str, name: str, kind: str, data: bytes) -> None:
    """Gives a file to an uploader."""
    box = page.locator('[data-testid="stFileUploader"]', has_text=label)
    with rerun(page):
        box.locator('input[type="file"]').set_input_files(
            {"name": name, "mimeType": kind, "buffer": data}
        )


def unfold(page: Page, number: int) -> Locator:
    """Opens the numbers and files of a figure, counted from 0."""
    box = page.locator('[data-testid="stExpander"]', has_text="Data and downloads").nth(number)
    with rerun(page):
        box.locator("summary").click()
    return box


def make_finding(page: Page, folder: Path) -> Path:
    """Makes a finding on the page Export, without drawn pictures, and saves it."""
    with rerun(page):
        page.get_by_text("Pictures as PNG and SVG too").click()
    with rerun(page):
        page.get_by_role("button", name="Create finding").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save finding-").click()
    path = folder / str(saved.value.suggested_filename)
    saved.value.save_as(path)
    return path


def clashes(page: Page) -> list[str]:
    """Words of figures that are cut off by the figure's edge, or lie on other words."""
    words: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].flatMap(chart => {
            const edge = chart.getBoundingClientRect();
            const words = [...chart.querySelectorAll('svg text')]
                .filter(word => word.textContent.trim())
                .map(word => [word.textContent, word.getBoundingClientRect()])
                .filter(([, box]) => box.width > 0);
            const cut = words
                .filter(([, box]) => box.left < edge.left - 1 || box.right > edge.right + 1
                    || box.top < edge.top - 1 || box.bottom > edge.bottom + 1)
                .map(([text]) => `${text} is cut off`);
            const both = words.flatMap(([text, a], i) => words.slice(i + 1)
                .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 3
                    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
                .map(([other]) => `${text} lies on ${other}`));
            return [...cut, ...both];
        })"""
    )
    return words


TITLES = {"Start here": "tam_viz", "Attribution": "Attribution on frames"}
"""Titles of pages that differ from their names in the menu."""
