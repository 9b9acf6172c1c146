"""The journeys of a visitor, in a real browser against a real server."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tam_viz.analysis.clip.examples import read_showcases
from tam_viz.video.library import GALLERY
from tests.browser.visit import drawn, go, pick, settled
from tests.support.browser import visitor


def test_intervene_and_see_the_change(page: Page, address: str) -> None:
    page.goto(f"{address}/Intervene?v=as+it+is&theta=as+it+is")
    page.get_by_text("Nothing is changed yet").wait_for()
    drawn(page, 6)
    score = page.locator('[data-testid="stMetric"]', has_text="Log-ratio").first
    before = score.locator('[data-testid="stMetricValue"]').inner_text()
    pick(page, "Edit Θ", "Θ = [0, 1, 0]")
    page.get_by_text("Θ = [0, 1, 0] in all blocks, ").first.wait_for()
    expect(score.locator('[data-testid="stMetricValue"]')).not_to_have_text(before)
    page.wait_for_function("location.search.includes('theta=')")
    drawn(page, 6)


def test_a_failure_is_held_against_the_wrong_answer_and_another_is_chosen(
    browser: Browser, page: Page, address: str
) -> None:
    page.goto(address)
    drawn(page, 2)
    page.get_by_role("link", name="Look at it").nth(2).click()
    heading = page.get_by_role("heading", name="Ablation sweep")
    heading.wait_for()
    drawn(page, 6)
    failure = next(one for one in read_showcases(GALLERY) if one.page == "Intervene")
    truth, predicted = re.findall(r"True class: (.*?); predicted: (.*?) \(", failure.says)[0]
    assert heading.inner_text().endswith(f"'{truth}' : '{predicted}'")
    pick(page, "Contrast class", "hides")
    expect(heading).to_contain_text(": 'hides'")
    page.wait_for_function("location.search.includes('against=hides')")
    with visitor(browser) as other:
        other.goto(page.url)
        drawn(other, 6)
        expect(other.get_by_role("heading", name="Ablation sweep")).to_contain_text(": 'hides'")


def test_pin_a_second_clip(page: Page, address: str) -> None:
    page.goto(f"{address}/Adaptive_kernels?clip=moves+left+%C2%B7+1")
    drawn(page, 4)
    page.get_by_text("Pink dots are moves_left_1.mp4, played backwards").wait_for()
    pick(page, "Compare with", "recedes · 1")
    page.get_by_text("Pink dots are recedes_1.mp4").wait_for()
    page.get_by_text("difference", exact=True).click()
    page.get_by_role("heading", name="all blocks, difference").wait_for()
    drawn(page, 4)
    go(page, "Intervene")
    page.get_by_text("With V and Θ of 'recedes_1.mp4' in all blocks").wait_for()


def test_the_lesson_is_followed_with_the_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/How_TAM_works?clip=moves+left+%C2%B7+1")
    page.get_by_role("heading", name="What comes in").wait_for()
    settled(page)
    page.keyboard.press("1")
    page.get_by_text("Reveal the answer").wait_for()
    settled(page)
    page.keyboard.press("a")
    page.get_by_text("Hide the answer").wait_for()
    page.get_by_text("We ran it: the maps of all").wait_for()
    titles = []
    for _ in range(7):
        before = page.locator('[data-testid="stMain"] h2').first.inner_text()
        page.keyboard.press("n")
        expect(page.locator('[data-testid="stMain"] h2').first).not_to_have_text(before)
        settled(page)
        titles.append(before)
    assert len(set(titles)) == 7
    last = page.locator('[data-testid="stMain"] h2').first.inner_text()
    page.keyboard.press("b")
    expect(page.locator('[data-testid="stMain"] h2').first).not_to_have_text(last)
