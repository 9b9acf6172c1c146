"""Names that strangers gave stand on the pages letter for letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tam_viz.literal import in_markdown, visible
from tests.support.pages import open_app

NAMES = ("took $5 *twice*_x_.mp4", "[a](b) :smile: <b>x.mp4", "gpj\u202e\n\x1b[2J.mp4")


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_an_upload_is_not_read_as_markup(name: str, videos: Path) -> None:
    app = open_app("pages/1_Watch_a_clip.py")
    data = (videos / "moves_left_1.mp4").read_bytes()
    app.sidebar.file_uploader(key="upload").upload(name, data).run()
    assert not app.exception
    headings = [text.value for text in app.markdown if text.value.startswith("### ")]
    assert headings == [f"### {in_markdown(name)}"]
    assert visible(name) in app.sidebar.selectbox(key="clip").options[-1]


def test_an_error_shows_the_name_as_it_is() -> None:
    app = open_app("pages/1_Watch_a_clip.py")
    app.sidebar.file_uploader(key="upload").upload("*a* [b](c).mp4", b"not a video").run()
    assert app.error[0].value.startswith(r"'\*a\* [b]\(c).mp4' is not a video")
