"""The journeys of a visitor, in a real browser against a real server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.conftest import serve

FIGURE = '[data-testid="stPlotlyChart"] .main-svg'
PAGES = {"": 2, "Watch_a_clip": 2, "Importance_maps": 3, "Adaptive_kernels": 4, "Compare_models": 4}


def settled(page) -> None:
    """Waits until the script has run to its end and the figures are drawn."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_selector(FIGURE)


def figures(page) -> int:
    return page.locator('[data-testid="stPlotlyChart"]').count()


def pick(page, label: str, text: str) -> None:
    box = page.locator('[data-testid="stSelectbox"]', has_text=label).first
    box.locator("input").click()
    page.keyboard.type(text)
    page.get_by_role("option", name=text).first.click()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opened_by_its_own_link_is_whole(browser, address, name, theme) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/{name}", timeout=60_000)
    settled(page)
    page.wait_for_function(
        f"document.querySelectorAll('{FIGURE}').length >= {PAGES[name]}", timeout=60_000
    )
    assert page.get_by_label("Clip").count() >= 1  # the frame is there
    assert page.locator('[data-testid="stException"]').count() == 0
    main = page.locator('[data-testid="stMain"]')
    widths = main.evaluate("element => [element.scrollWidth, element.clientWidth]")
    assert widths[0] <= widths[1]  # no scrolling sideways
    background = page.locator('[data-testid="stApp"]').evaluate(
        "element => getComputedStyle(element).backgroundColor"
    )
    level = sum(int(part) for part in re.findall(r"\d+", background)[:3]) / 3
    assert (level > 128) == (theme == "light")
    assert not problems
    context.close()


def test_pick_a_clip_a_block_and_a_channel(page, address) -> None:
    page.goto(address)
    settled(page)
    pick(page, "Clip", "comes out · 2")
    page.get_by_text("It is 'comes out'.").wait_for()
    page.get_by_role("link", name="Importance maps").first.click()
    page.get_by_role("heading", name="Importance: every channel of layer4.0").wait_for()
    pick(page, "Block", "layer3.1")
    page.get_by_role("heading", name="Importance: every channel of layer3.1").wait_for()
    channel = page.get_by_label(re.compile("^Channel"))
    channel.fill("7")
    channel.press("Enter")
    page.get_by_role("heading", name="Importance: channel 7 of layer3.1").wait_for()
    settled(page)
    assert figures(page) == 3
    page.get_by_role("link", name="Adaptive kernels").first.click()
    page.get_by_role("heading", name="Kernels: every channel of layer3.1").wait_for()
    page.wait_for_function(
        "location.search.includes('comes+out') && location.search.includes('layer3.1')"
    )


def test_a_copied_link_opens_the_same_view_in_a_fresh_process(page) -> None:
    """The page is the first that the process ever runs, and its frame is there all the same."""
    with serve() as fresh:
        page.goto(f"{fresh}/Importance_maps?clip=recedes+%C2%B7+1&block=layer2.0&channel=9")
        page.get_by_role("heading", name="Importance: channel 9 of layer2.0").wait_for()
        assert page.get_by_label("Clip").first.input_value() == "recedes · 1"
        assert page.get_by_role("link", name="Start here").count() == 1


def test_upload_a_video_and_see_it_through(page, address, videos: Path) -> None:
    page.goto(f"{address}/Watch_a_clip")
    settled(page)
    file = {
        "name": "my <b>own</b> clip.mp4",
        "mimeType": "video/mp4",
        "buffer": (videos / "approaches_1.mp4").read_bytes(),
    }
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_text("What happens in it is not known").wait_for()
    settled(page)
    assert page.locator("video").count() == 1
    assert figures(page) == 2
    page.get_by_role("link", name="Importance maps").first.click()
    page.get_by_role("heading", name="Importance: every channel of layer4.0").wait_for()
    settled(page)
    assert page.locator('[data-testid="stAlert"]').count() == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("text.mp4", b"this is only text", "is not a video, whatever its name says"),
        ("empty.mp4", b"", "is empty"),
        ("../../etc/passwd.mp4", b"\x00\x00\x00\x18ftypisom" + b"\x00" * 200, "cannot be decoded"),
    ],
)
def test_a_hostile_upload_gets_a_sentence_and_the_app_lives_on(
    page, address, name: str, content: bytes, said: str
) -> None:
    page.goto(address)
    settled(page)
    page.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": "video/mp4", "buffer": content}
    )
    page.get_by_text(said).wait_for()
    settled(page)
    assert figures(page) == 2
    assert page.locator('[data-testid="stException"]').count() == 0
