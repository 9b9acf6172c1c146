"""Every page opened by its own link, in both themes: whole, and no wider than the screen."""

from __future__ import annotations

import itertools
import re

import pytest

from tam_viz.ui import pages
from tam_viz.ui.tam.lesson import lessons
from tests.browser.visit import clashes, drawn, settled

PAGES = {page.path: page.figures for page in pages.PAGES} | {
    "Adaptive_kernels?part=all+blocks": 2,
    "Adaptive_kernels?part=what+adapting+is+worth": 3,
    "Compare_models?scope=the+test+clips": 7,
}
"""Every page, and parts that it opens with by their links, with the number of figures."""


@pytest.mark.parametrize(
    ("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 1920)], ids=str
)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opened_by_its_own_link_is_whole(browser, address, name, theme, width) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    context.set_default_timeout(60_000)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/{name}", timeout=60_000)
    page.locator('[data-testid="stMainBlockContainer"] h1').first.wait_for()
    drawn(page, PAGES[name])
    page.get_by_label("Clip").first.wait_for()  # the frame is there
    assert page.locator('[data-testid="stException"]').count() == 0
    main = page.locator('[data-testid="stMain"]')
    levels = main.evaluate(
        "element => [...element.querySelectorAll('h1, h2, h3, h4')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels)), levels
    widths = main.evaluate("element => [element.scrollWidth, element.clientWidth]")
    assert widths[0] <= widths[1]  # no scrolling sideways
    assert clashes(page) == []
    background = page.locator('[data-testid="stApp"]').evaluate(
        "element => getComputedStyle(element).backgroundColor"
    )
    level = sum(int(part) for part in re.findall(r"\d+", background)[:3]) / 3
    assert (level > 128) == (theme == "light")
    assert not problems
    context.close()


DRAWN = (
    "play=backwards&places=mirrored&blank=4&levels=backwards&theta=0.2,0.5,0.3"
    "&v=1,0.5,0.5,1,1,0.2,0.2,0.2&profile=0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8"
)
"""Something that the reader changed in every step: its picture is then as high as it gets."""


@pytest.mark.parametrize("step", lessons(), ids=lambda step: step.id)
def test_control_and_picture_of_a_step_are_on_one_screen(browser, address, step) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    number = lessons().index(step) + 1
    page.goto(f"{address}/How_TAM_works?step={number}+{step.name.replace(' ', '+')}&{DRAWN}")
    page.get_by_role("heading", name=step.title).wait_for()
    settled(page)
    main = page.locator('[data-testid="stMain"]')
    figure = main.locator('[data-testid="stPlotlyChart"]').first
    figure.locator(".main-svg").first.wait_for()
    drawn_on = main.locator("div.control").first  # or else a picker, the first below the steps
    control = drawn_on if drawn_on.count() else main.get_by_test_id("stButtonGroup").nth(1)
    top, bottom = control.bounding_box()["y"], figure.bounding_box()
    bottom = bottom["y"] + bottom["height"]
    assert bottom - top <= 800
    if step.id != "7_result":  # which has two controls above its picture
        assert bottom <= 800
    context.close()


def test_a_step_leaves_nothing_of_the_one_before(page, address) -> None:
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
