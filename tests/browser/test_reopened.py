"""What was changed on Intervene is there again for another visitor who opens the finding."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.visit import drawn, go, make_finding, pick, settled, upload
from tests.support.browser import visitor

CONTROLS = (
    "Edit V",
    "Edit Θ",
    "In which blocks",
    "Clip timing",
    "Contrast class",
)


def said(page: Page) -> tuple[str, list[str]]:
    """The sentence on the prediction, and what the controls show."""
    drawn(page, 6)
    sentence = page.locator('[data-testid="stMain"] p', has_text="the prediction").filter(
        has_text="TAM switched off"
    )
    boxes = [page.locator('[data-testid="stSelectbox"]', has_text=label) for label in CONTROLS]
    return sentence.first.inner_text(), [box.locator("input").input_value() for box in boxes]


def test_edit_export_and_reopen_as_another_visitor(
    browser: Browser, page: Page, address: str, tmp_path: Path
) -> None:
    page.goto(f"{address}/Intervene?clip=hides+%C2%B7+1&second=recedes+%C2%B7+1&block=layer3.0")
    drawn(page, 6)
    pick(page, "Edit V", "V = 1")
    pick(page, "In which blocks", "the selected block and all later ones")
    pick(page, "Clip timing", "played backwards")
    pick(page, "Contrast class", "approaches")
    sentence = page.get_by_text("and the clip played backwards")
    sentence.filter(has_text="'approaches' (as chosen)").first.wait_for()
    mine = said(page)
    assert mine[1][:2] == ["V = 1", "Θ of another clip"]
    go(page, "Export")
    page.get_by_text("With the change made on Intervene").wait_for()
    path = make_finding(page, tmp_path)

    with visitor(browser) as other:
        other.goto(f"{address}/Export")
        other.get_by_text("Nothing was changed on the page Intervene").wait_for()
        settled(other)
        upload(other, "The file of a finding", path.name, "application/zip", path.read_bytes())
        other.get_by_text("runs computed here give the same numbers").wait_for()
        settled(other)
        go(other, "Intervene")
        assert said(other) == mine
        go(other, "Adaptive kernels")
        go(other, "Intervene")
        assert said(other) == mine
