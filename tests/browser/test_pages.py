"""Every page opened by its own link, in both themes: whole, and no wider than the screen."""

from __future__ import annotations

import re

import pytest

from tests.browser.visit import clashes, drawn

PAGES = {
    "": 2,
    "Watch_a_clip": 3,
    "Importance_maps": 4,
    "Adaptive_kernels": 3,
    "Adaptive_kernels?part=all+blocks": 2,
    "Adaptive_kernels?part=what+adapting+is+worth": 3,
    "How_TAM_works": 1,
    "Intervene": 6,
    "Attribution": 3,
    "Compare_models": 3,
    "Compare_models?scope=the+test+clips": 7,
    "Export": 0,
    "Models": 0,
}
"""Every page with the number of its figures."""


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
