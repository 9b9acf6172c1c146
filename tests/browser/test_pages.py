"""Every page opened by its own link, in both themes: whole, and no wider than the screen."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Error, Page

from tam_viz.ui import pages
from tam_viz.ui.tam.lesson import Lesson, lessons
from tests.browser.visit import clashes, drawn, rerun, settled
from tests.support.browser import visitor

Theme = Literal["light", "dark"]

PAGES = {page.path: page.figures for page in pages.PAGES} | {
    "Adaptive_kernels?part=all+blocks": 2,
    "Adaptive_kernels?part=what+adapting+is+worth": 3,
    "Compare_models?scope=the+test+clips": 8,
}
"""Every page, and parts that it opens with by their links, with the number of figures."""


WIDTHS: dict[int, tuple[Theme, ...]] = {1280: ("dark", "light"), 1920: ("light",)}
"""A page is opened once in each width, in the first of its themes, and looked at in the others."""


@pytest.fixture(scope="module")
def screen(browser: Browser) -> Iterator[Page]:
    """One visitor for all pages: each is opened by its link, in a session of its own."""
    with visitor(browser) as opened:
        yield opened


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opened_by_its_own_link_is_whole(screen: Page, address: str, name: str) -> None:
    problems: list[str] = []

    def hear(error: Error) -> None:
        problems.append(str(error))

    screen.on("pageerror", hear)
    for width, themes in WIDTHS.items():
        screen.set_viewport_size({"width": width, "height": 900})
        screen.emulate_media(color_scheme=themes[0])
        screen.goto(f"{address}/{name}")
        screen.locator('[data-testid="stMainBlockContainer"] h1').first.wait_for()
        for theme in themes:
            turn(screen, theme)
            drawn(screen, PAGES[name])
            screen.get_by_label("Clip").first.wait_for()  # the frame is there
            assert_whole(screen)
    assert not problems
    screen.remove_listener("pageerror", hear)


def test_on_a_phone_a_picture_keeps_its_width_and_the_page_does_not_scroll_sideways(
    screen: Page, address: str
) -> None:
    screen.set_viewport_size({"width": 390, "height": 900})
    screen.emulate_media(color_scheme="light")
    screen.goto(f"{address}/")
    drawn(screen, PAGES[""])
    main = screen.locator('[data-testid="stMain"]')
    widths = main.evaluate("element => [element.scrollWidth, element.clientWidth]")
    assert widths[0] <= widths[1]
    assert clashes(screen) == []
    picture = screen.locator('[data-testid="stElementContainer"]:has(.stPlotlyChart)').first
    assert picture.evaluate("element => element.scrollWidth > element.clientWidth")


def turn(page: Page, theme: Theme) -> None:
    """Changes the theme of the computer, which the page follows, and draws the figures for it."""
    settled(page)
    if is_dark(page) != (theme == "dark"):
        page.emulate_media(color_scheme=theme)
        with rerun(page):
            page.keyboard.press("r")
    assert is_dark(page) == (theme == "dark")


def is_dark(page: Page) -> bool:
    background = page.locator('[data-testid="stApp"]').evaluate(
        "element => getComputedStyle(element).backgroundColor"
    )
    return sum(int(part) for part in re.findall(r"\d+", background)[:3]) / 3 < 128


def assert_whole(page: Page) -> None:
    """Headings in order, no scrolling sideways, no words of figures cut off or on others."""
    assert page.locator('[data-testid="stException"]').count() == 0
    main = page.locator('[data-testid="stMain"]')
    levels = main.evaluate(
        "element => [...element.querySelectorAll('h1, h2, h3, h4')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels)), levels
    widths = main.evaluate("element => [element.scrollWidth, element.clientWidth]")
    assert widths[0] <= widths[1]
    assert clashes(page) == []


DRAWN = (
    "play=backwards&places=mirrored&blank=4&levels=backwards&theta=0.2,0.5,0.3"
    "&v=1,0.5,0.5,1,1,0.2,0.2,0.2&profile=0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8"
)
"""Something that the reader changed in every step: its picture is then as high as it gets."""


@pytest.mark.parametrize("step", lessons(), ids=lambda step: step.id)
def test_control_and_picture_of_a_step_are_on_one_screen(
    screen: Page, address: str, step: Lesson
) -> None:
    screen.set_viewport_size({"width": 1280, "height": 800})
    number = lessons().index(step) + 1
    screen.goto(f"{address}/How_TAM_works?step={number}+{step.name.replace(' ', '+')}&{DRAWN}")
    screen.get_by_role("heading", name=step.title).wait_for()
    settled(screen)
    main = screen.locator('[data-testid="stMain"]')
    figure = main.locator('[data-testid="stPlotlyChart"]').first
    figure.locator(".main-svg").first.wait_for()
    drawn_on = main.locator("div.control").first  # or else a picker, the first below the steps
    control = drawn_on if drawn_on.count() else main.get_by_test_id("stButtonGroup").nth(1)
    above, below = control.bounding_box(), figure.bounding_box()
    assert above is not None
    assert below is not None
    bottom = below["y"] + below["height"]
    assert bottom - above["y"] <= 800
    if step.id != "7_result":  # which has two controls above its picture
        assert bottom <= 800


def test_a_step_leaves_nothing_of_the_one_before(page: Page, address: str) -> None:
    """Not even while the next one is drawn: what is left would jump when it goes."""
    page.goto(f"{address}/How_TAM_works?step=2+Pooling")
    drawn(page, 3)
    page.evaluate(
        """() => {
            window.mixed = false;
            const look = () => {
                const words = [...document.querySelectorAll('h2, h3')].map(e => e.innerText);
                const has = part => words.some(text => text.includes(part));
                window.mixed ||= has('which frames count') && has('its profile');
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    page.keyboard.press("n")
    page.get_by_role("heading", name="The local branch: which frames count").wait_for()
    drawn(page, 2)
    assert not page.evaluate("() => window.mixed")
