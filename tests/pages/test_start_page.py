"""Start here: the picture of TAM, things to see, and what each page answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tam_viz.analysis.clip.examples import Showcase, read_showcases
from tam_viz.types import UserError
from tam_viz.ui.pages import PAGES, titled
from tam_viz.ui.tam import start
from tam_viz.video.library import GALLERY
from tests.support.pages import charts, open_app


def test_three_things_to_see_each_a_link() -> None:
    app = open_app()
    shown = [markdown.value for markdown in app.markdown]
    for showcase in read_showcases(GALLERY):
        assert f"**{showcase.title}**" in shown
        assert showcase.says in shown
    links = [link.proto.label for link in app.main.get("page_link")]
    assert links.count("Look at it") == 3
    for page in PAGES[1:]:
        assert f"**{page.title}**: {page.question}" in links


@pytest.mark.parametrize("showcase", read_showcases(GALLERY), ids=lambda s: s.page)
def test_what_is_linked_opens(showcase: Showcase) -> None:
    app = open_app(titled(showcase.page).file, **start.query_of(showcase))
    assert not app.exception
    assert not app.error
    assert app.sidebar.selectbox(key="clip").value == showcase.clip
    if showcase.second:
        assert app.sidebar.selectbox(key="second").value == showcase.second
        assert app.sidebar.selectbox(key="block").value == showcase.block


def test_without_the_list_the_page_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_folder: Path) -> None:
        raise UserError("no list")

    monkeypatch.setattr(start, "read_showcases", broken)
    app = open_app()
    assert not app.exception
    assert [info.value for info in app.info] == ["no list"]
    assert charts(app) == 2
