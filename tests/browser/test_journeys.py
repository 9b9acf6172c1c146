"""The journeys of a visitor, in a real browser against a real server."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Position, expect

import tam_viz
from tam_viz.analysis.clip.examples import BACKWARDS, read_showcases
from tam_viz.analysis.clip.specimen import read_specimen
from tam_viz.analysis.tam.kernels import simplex_xy
from tam_viz.models.cards import find
from tam_viz.video.library import GALLERY
from tests.browser.visit import drawn, go, make_finding, number, pick, settled, unfold, upload
from tests.support.browser import serve, visitor
from tests.support.there import there

MINE = "Or your own videos"
FINDING = "The file of a finding"


def test_upload_then_predictions_block_and_channel(page: Page, address: str, videos: Path) -> None:
    page.goto(f"{address}/Watch_a_clip")
    drawn(page, 3)
    data = (videos / "approaches_1.mp4").read_bytes()
    upload(page, MINE, "my <b>own</b> clip.mp4", "video/mp4", data)
    page.get_by_text("This clip has no label.").wait_for()
    drawn(page, 3)
    assert page.locator("video").count() == 1
    page.get_by_text("tanet-motionpairs predicts").first.wait_for()
    go(page, "Importance maps")
    pick(page, "Block", "layer3.1")
    page.get_by_role("heading", name="Importance: every channel of layer3.1").wait_for()
    number(page, "Channel", 7)
    page.get_by_role("heading", name="Importance: channel 7 of layer3.1").wait_for()
    drawn(page, 4)
    assert page.locator('[data-testid="stAlert"]').count() == 0
    go(page, "Adaptive kernels")
    page.get_by_role("heading", name="Kernels: 24 of 64 channels of layer3.1").wait_for()
    page.wait_for_function("location.search.includes('layer3.1')")


def test_a_click_on_a_map_chooses_the_channel(page: Page, address: str) -> None:
    page.goto(f"{address}/Importance_maps?block=layer4.0&channel=3&order=as+stored")
    drawn(page, 4)
    page.get_by_role("heading", name="Importance: channel 3 of layer4.0").wait_for()
    maps = page.locator('[data-testid="stPlotlyChart"]').nth(1)
    for axes, row, rows in (("xy", 100, 128), ("x2y2", 5, 48), ("x4y4", 30, 48)):
        area = maps.locator(f".draglayer .{axes} .nsewdrag")  # all channels, the clip, untrained
        area.scroll_into_view_if_needed()
        given = maps.locator(".js-plotly-plot").evaluate(
            """(plot, axis) => plot.data.find(t => t.customdata && t.xaxis === axis).customdata""",
            axes.split("y")[0],
        )
        box = there(area.bounding_box())
        place: Position = {"x": box["width"] / 2, "y": box["height"] * (row + 0.5) / rows}
        area.hover(position=place)
        area.click(position=place)
        heading = f"Importance: channel {given[row]} of layer4.0"
        page.get_by_role("heading", name=heading, exact=True).wait_for()
        settled(page)


def test_a_click_on_the_line_and_on_a_frame_chooses_the_frame(page: Page, address: str) -> None:
    page.goto(f"{address}/Importance_maps?frame=2")
    drawn(page, 4)
    line = page.locator('[data-testid="stPlotlyChart"]').nth(2).locator(".nsewdrag").first
    line.scroll_into_view_if_needed()
    box = there(line.bounding_box())
    place: Position = {
        "x": box["width"] * 5.5 / 8,
        "y": box["height"] * 0.9,
    }  # away from every line
    line.hover(position=place)
    line.click(position=place)
    page.wait_for_function("/frame=6\\b/.test(location.search)")
    settled(page)
    frames = page.locator('[data-testid="stPlotlyChart"]').nth(3).locator(".nsewdrag").first
    frames.scroll_into_view_if_needed()
    box = there(frames.bounding_box())
    place = {"x": box["width"] * 2.5 / 8, "y": box["height"] / 2}
    frames.hover(position=place)
    frames.click(position=place)
    page.wait_for_function("/frame=3\\b/.test(location.search)")


def test_a_click_on_a_large_dot_of_the_triangle_chooses_its_channel(
    page: Page, address: str
) -> None:
    model = tam_viz.load("tanet-motionpairs")
    clip = tam_viz.read_clip(GALLERY / "approaches_1.mp4", model.card.input)
    x, y = simplex_xy(tam_viz.run(model, clip).tam["layer4.0"].kernel).T
    apart = np.hypot(x - x[:, None], (y - y[:, None]) * 3**0.5) + 9 * np.eye(len(x))
    channel = int(apart.min(axis=1).argmax())
    page.goto(f"{address}/Adaptive_kernels?block=layer4.0&single=true&clip=approaches+%C2%B7+1")
    drawn(page, 4)
    plot = page.locator('[data-testid="stPlotlyChart"] .js-plotly-plot').first
    plot.scroll_into_view_if_needed()
    left, top = plot.evaluate(
        """(plot, [x, y]) => {
            const {xaxis, yaxis} = plot._fullLayout;
            return [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)];
        }""",
        [float(x[channel]), float(y[channel])],
    )
    plot.hover(position={"x": left, "y": top})
    plot.click(position={"x": left, "y": top})
    page.get_by_text(f"Channel {channel}: past").wait_for()
    page.wait_for_function("location.search.includes('block=layer4.0')")
    page.wait_for_function(f"/channel={channel}\\b/.test(location.search)")


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


def test_export_and_reopen_in_a_fresh_process(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/Intervene?clip=recedes+%C2%B7+1&block=layer3.1&channel=5")
    drawn(page, 6)
    go(page, "Export")
    page.get_by_text("Nothing was changed on the page Intervene").wait_for()
    path = make_finding(page, tmp_path)
    with serve() as fresh:
        page.goto(f"{fresh}/Export")
        page.get_by_text("Nothing was changed on the page Intervene").wait_for()
        settled(page)
        upload(page, FINDING, path.name, "application/zip", path.read_bytes())
        page.get_by_text(re.compile(r"(\d+) of \1 runs computed here give the same")).wait_for()
        settled(page)
        assert "recedes_1.mp4" in page.get_by_label("Clip").first.input_value()
        go(page, "Importance maps")
        page.get_by_role("heading", name="Importance: channel 5 of layer3.1").wait_for()
        drawn(page, 4)


def test_the_name_of_an_upload_and_a_format_of_cameras(
    page: Page, address: str, tmp_path: Path
) -> None:
    """A browser plays no MPEG-TS, so it is given a preview; the name is drawn as it is."""
    path = tmp_path / "clip.ts"
    with av.open(str(path), "w", format="mpegts") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.height, stream.width, stream.pix_fmt = 96, 128, "yuv420p"
        for level in range(20, 220, 8):
            grey = np.full((96, 128, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode())
    page.goto(f"{address}/Watch_a_clip")
    settled(page)
    name = "*a* _b_ $c$ $d$ :smile: [e](f) <b>g</b>.MTS"
    upload(page, MINE, name, "", path.read_bytes())
    expect(page.locator("h3").first).to_have_text(name, timeout=60_000)
    page.get_by_text("Browsers do not play this file, so this is a small preview").wait_for()
    page.wait_for_function("document.querySelector('video')?.videoWidth === 128")
    assert page.locator("video").evaluate("video => video.error") is None


def test_a_hostile_finding_gets_a_sentence(page: Page, address: str) -> None:
    page.goto(f"{address}/Export")
    page.get_by_text("Nothing was changed on the page Intervene").wait_for()
    settled(page)
    upload(page, FINDING, "evil.zip", "application/zip", b"PK\x03\x04" + b"\x00" * 500)
    page.get_by_text("'evil.zip' is not a finding that can be opened").wait_for()
    settled(page)
    assert page.locator('[data-testid="stException"]').count() == 0


def test_a_picture_and_its_numbers_are_saved(page: Page, address: str) -> None:
    page.goto(f"{address}/Importance_maps")
    page.locator("svg text", has_text="untrained").first.wait_for()  # references have been drawn
    drawn(page, 4)
    box = unfold(page, 0)
    for kind, begins in (("PNG", b"\x89PNG"), ("SVG", b"<svg"), ("CSV", b""), ("HTML", b"<!do")):
        with page.expect_download() as saved:
            box.get_by_role("button", name=kind, exact=True).click()
        data = Path(saved.value.path()).read_bytes()
        assert len(data) > 100
        assert data.startswith(begins), kind


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("text.mp4", b"this is only text", "is not a video, whatever its name says"),
        ("empty.mp4", b"", "is empty"),
        ("../../etc/passwd.mp4", b"\x00\x00\x00\x18ftypisom" + b"\x00" * 200, "cannot be decoded"),
    ],
)
def test_a_hostile_upload_gets_a_sentence_and_the_app_lives_on(
    page: Page, address: str, name: str, content: bytes, said: str
) -> None:
    page.goto(address)
    drawn(page, 2)
    upload(page, MINE, name, "video/mp4", content)
    page.get_by_text(said).wait_for()
    drawn(page, 2)
    assert page.locator('[data-testid="stException"]').count() == 0
