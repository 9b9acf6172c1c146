"""Addresses: a copied link, links of the first page, steps back, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tam_viz.analysis.clip.examples import BACKWARDS, read_showcases
from tam_viz.analysis.clip.specimen import read_specimen
from tam_viz.models.cards import find
from tam_viz.video.library import GALLERY
from tests.browser.visit import drawn, go, number, pick, settled
from tests.support.browser import serve
from tests.support.there import there


def test_a_copied_link_opens_the_same_view_in_a_fresh_process(page: Page, address: str) -> None:
    """The page is the first that the process ever runs, and its frame is there all the same."""
    page.goto(address)
    drawn(page, 2)
    pick(page, "Clip", "recedes · 1")
    go(page, "Importance maps")
    pick(page, "Block", "layer2.0")
    number(page, "Channel", 9)
    number(page, "Frame", 2)
    pick(page, "Order of channels", "as stored")
    page.get_by_role("heading", name="Importance: channel 9 of layer2.0").wait_for()
    page.wait_for_function("location.search.includes('order')")
    view = page.url.removeprefix(address)
    with serve() as fresh:
        page.goto(f"{fresh}{view}")
        page.get_by_role("heading", name="Importance: channel 9 of layer2.0").wait_for()
        drawn(page, 4)
        assert page.get_by_label("Clip").first.input_value() == "recedes · 1"
        assert page.get_by_label(re.compile(r"^Frame \(")).first.input_value() == "2"
        assert page.get_by_label("Order of channels").first.input_value() == "as stored"
        assert page.get_by_role("link", name="Start here").count() == 1


def test_a_link_of_the_first_page_selects_whatever_was_picked_before(
    page: Page, address: str
) -> None:
    page.goto(address)
    drawn(page, 2)
    pick(page, "Clip", "recedes · 1")
    pick(page, "Block", "layer4.1")
    number(page, "Channel", 120)
    page.wait_for_function("location.search.includes('channel=120')")
    page.get_by_role("link", name="Look at it").nth(1).click()
    page.get_by_role("heading", name="Adaptive kernels", exact=True).wait_for()
    shown = next(one for one in read_showcases(GALLERY) if one.page == "Adaptive_kernels")
    second = f"{shown.clip}, played backwards" if shown.second == BACKWARDS else shown.second
    page.get_by_text(f"Pink dots are {second}").wait_for()
    page.get_by_role("heading", name=re.compile(rf"channels of {shown.block}$")).wait_for()
    go(page, "Importance maps")
    page.get_by_role("heading", name=f"Importance: channel 120 of {shown.block}").wait_for()
    page.go_back()
    page.get_by_role("heading", name=re.compile(rf"channels of {shown.block}$")).wait_for()


def test_each_step_back_undoes_one_choice_and_the_last_leaves(page: Page, address: str) -> None:
    first = there(read_specimen(find("tanet-motionpairs"))).block
    page.goto("about:blank")
    page.goto(f"{address}/Importance_maps")
    drawn(page, 4)
    pick(page, "Block", "layer2.0")
    page.get_by_role("heading", name="Importance: every channel of layer2.0").wait_for()
    number(page, "Channel", 9)
    page.get_by_role("heading", name="Importance: channel 9 of layer2.0").wait_for()
    page.wait_for_function("location.search.includes('channel=9')")
    go(page, "Adaptive kernels")
    page.get_by_role("heading", name="Kernels: 24 of 32 channels of layer2.0").wait_for()
    page.go_back()
    page.get_by_role("heading", name="Importance: channel 9 of layer2.0").wait_for()
    page.go_back()
    page.get_by_role("heading", name="Importance: channel 9 of layer2.0").wait_for(state="detached")
    page.get_by_role("heading", name="Importance: every channel of layer2.0").wait_for()
    page.go_back()
    page.get_by_role(
        "heading", name=re.compile(rf"^Importance: .*channels? of {first}$")
    ).wait_for()
    page.go_forward()
    page.get_by_role("heading", name="Importance: every channel of layer2.0").wait_for()
    settled(page)
    page.go_back()
    page.get_by_role(
        "heading", name=re.compile(rf"^Importance: .*channels? of {first}$")
    ).wait_for()
    settled(page)
    page.go_back()
    assert page.url == "about:blank"
