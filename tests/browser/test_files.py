"""Files that a visitor gives to the app and takes from it, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.visit import drawn, go, make_finding, number, pick, settled, unfold, upload
from tests.support.browser import serve

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


def test_a_hostile_finding_gets_a_sentence(page: Page, address: str) -> None:
    page.goto(f"{address}/Export")
    page.get_by_text("Nothing was changed on the page Intervene").wait_for()
    settled(page)
    upload(page, FINDING, "evil.zip", "application/zip", b"PK\x03\x04" + b"\x00" * 500)
    page.get_by_text("'evil.zip' is not a finding that can be opened").wait_for()
    settled(page)
    assert page.locator('[data-testid="stException"]').count() == 0


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
