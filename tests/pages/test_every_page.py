"""Every page runs, shows its figures with words beside them, and survives what it is given."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from tam_viz.analysis.clip.specimen import read_specimen
from tam_viz.models import cards as stored
from tam_viz.models.cards import find
from tam_viz.ui import pages
from tam_viz.ui.state import specimen, uploads
from tests.support.pages import (
    NO_NETWORK,
    PAGES,
    ROOT,
    charts,
    forget_folders,
    open_app,
    open_bare,
    table,
)
from tests.support.there import there


def test_the_table_names_every_page() -> None:
    files = {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}
    assert files | {"app.py"} == set(PAGES)
    for page in pages.PAGES[1:]:  # the address that Streamlit makes of the file is the title's
        assert page.file.split("_", 1)[1] == f"{page.path}.py"


def test_files_of_pages_are_numbered_in_the_order_of_the_menu() -> None:
    numbers = [int(Path(page.file).name.split("_", 1)[0]) for page in pages.PAGES[1:]]
    assert numbers == list(range(1, len(pages.PAGES)))


def test_the_readme_lists_the_pages() -> None:
    assert pages.markdown_table() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_pages_are_short() -> None:
    for page in PAGES:
        assert len((ROOT / page).read_text().splitlines()) <= 80, page


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_filled(page: str) -> None:
    app = open_app(page)
    assert not app.exception
    assert not app.error
    assert charts(app) == PAGES[page]
    others = {"pages/1_Watch_a_clip.py": 2, "pages/10_Failures.py": 2}  # beside those of figures
    more = others.get(page, 0)
    assert len(app.get("expander")) == PAGES[page] + more  # each figure has its numbers
    assert app.sidebar.selectbox(key="clip").value == "moves_left_1.mp4"


def test_a_visit_begins_with_what_was_chosen_by_measuring() -> None:
    stored = there(read_specimen(find("tanet-motionpairs")))
    for page in ("app.py", "pages/2_Importance_maps.py"):
        app = open_bare(page)
        assert not app.exception
        assert app.sidebar.selectbox(key="clip").value == stored.clip
        assert app.sidebar.selectbox(key="block").value == stored.block
        assert app.sidebar.number_input(key="channel").value == stored.channel
        assert app.sidebar.selectbox(key="second").value == "backwards"
    app = open_app(clip="hides · 1")  # an address that names a clip leaves the channel to it
    assert app.sidebar.number_input(key="channel").value is None


def test_other_weights_begin_with_no_measurement_of_these(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = there(read_specimen(find("tanet-motionpairs")))
    other = dataclasses.replace(stored, sha256="0" * 64)
    monkeypatch.setattr(specimen, "read_specimen", lambda _folder: other)
    app = open_bare()
    assert app.sidebar.selectbox(key="clip").value == "moves_left_1.mp4"
    assert app.sidebar.number_input(key="channel").value is None


def test_another_clip_and_another_page() -> None:
    app = open_app("pages/1_Watch_a_clip.py")
    app.sidebar.selectbox(key="clip").select("hides_2.mp4").run()
    assert any("hides" in markdown.value for markdown in app.markdown)
    app.switch_page("pages/2_Importance_maps.py").run()
    assert app.sidebar.selectbox(key="clip").value == "hides_2.mp4"
    assert not app.exception


def test_numbers_are_drawn_when_they_are_opened() -> None:
    app = open_app("pages/2_Importance_maps.py")
    assert [one.key for one in app.dataframe] == ["ranked"]
    assert len(table(app, "overview")) == 8
    assert not app.exception


def test_block_channel_and_order_are_picked() -> None:
    app = open_app("pages/2_Importance_maps.py")
    app.selectbox(key="block").select("layer2.1").run()
    app.number_input(key="channel").set_value(5).run()
    app.selectbox(key="order").select("stored").run()
    assert not app.exception
    assert [heading.value for heading in app.subheader][1:] == [
        "Importance: every channel of layer2.1",
        "Importance: channel 5 of layer2.1",
        "What channel 5 of layer2.1 sees, after V",
    ]


def test_a_channel_that_a_smaller_block_lacks_is_no_error() -> None:
    app = open_app("pages/2_Importance_maps.py")
    app.selectbox(key="block").select("layer4.1").run()
    app.number_input(key="channel").set_value(120).run()
    app.selectbox(key="block").select("layer1.0").run()
    assert not app.exception
    assert charts(app) == 4


def test_one_block_in_the_triangle() -> None:
    app = open_app("pages/3_Adaptive_kernels.py")
    app.toggle(key="single").set_value(True).run()
    assert not app.exception
    assert any(heading.value.endswith("layer4.0") for heading in app.subheader)


def test_the_model_stays_where_no_other_network_is_chosen() -> None:
    app = open_app("pages/1_Watch_a_clip.py")
    app.multiselect(key="networks").set_value([]).run()
    assert not app.exception
    assert charts(app) == 3  # the chosen one stays
    app.multiselect(key="networks").set_value(["tsn-motionpairs"]).run()
    assert charts(app) == 3


def test_an_address_that_names_what_is_not_there_is_told_and_opens() -> None:
    app = open_app("pages/2_Importance_maps.py", model="tsn-motionpairs", block="layer9", frame="x")
    assert not app.exception
    assert [warning.value for warning in app.warning] == [
        "This link refers to something that is not available (the model and the block and the "
        "frame). Shown instead: model tanet-motionpairs, block layer4.0, frame 4."
    ]
    assert app.query_params["block"] == "layer4.0"
    app.run()
    assert not app.warning


def test_an_address_that_says_enough_is_left_as_it_is() -> None:
    app = open_app("pages/2_Importance_maps.py", block="layer2.0")
    assert set(app.query_params) == {"block"}
    app.number_input(key="frame").set_value(2).run()
    assert app.query_params["frame"] == "2"
    assert app.query_params["channel"] == "auto"
    assert not app.warning


def test_an_address_chooses_the_clip() -> None:
    app = open_app(clip="comes out · 1")
    assert app.sidebar.selectbox(key="clip").value == "comes_out_1.mp4"


@pytest.mark.parametrize("query", [{"clip": "../../etc/passwd"}, {"model": "nothing"}])
def test_an_address_that_means_nothing_is_no_error(query: dict[str, str]) -> None:
    app = open_app(**query)
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == "moves_left_1.mp4"
    assert charts(app) == 2


@pytest.mark.parametrize("page", PAGES)
def test_a_bad_upload_gets_a_sentence_and_the_gallery_is_back(page: str) -> None:
    app = open_app(page)
    app.sidebar.file_uploader(key="upload").upload("holiday.mp4", b"not a video").run()
    assert not app.exception
    assert [error.value.split(":")[0] for error in app.error] == [
        "'holiday.mp4' is not a video, whatever its name says"
    ]
    assert app.sidebar.selectbox(key="clip").value == "moves_left_1.mp4"
    assert charts(app) == PAGES[page]
    app.run()
    assert not app.error


def test_an_upload_is_kept_from_page_to_page_under_its_own_name(videos: Path) -> None:
    app = open_app()
    data = (videos / "recedes_1.mp4").read_bytes()
    app.sidebar.file_uploader(key="upload").upload("../holiday.mp4", data).run()
    key = there(app.sidebar.selectbox(key="clip").value)
    assert key.startswith("upload-")
    for page in list(PAGES)[1:]:
        app.switch_page(page).run()
        assert not app.exception
        assert not app.error
        assert app.sidebar.selectbox(key="clip").value == key
    stored = app.session_state["uploads"][key].path
    assert stored.name == key  # the name that came with the file is only shown
    assert stored.read_bytes() == data


def test_the_same_bytes_under_another_name_are_the_chosen_clip_again(videos: Path) -> None:
    app = open_app("pages/1_Watch_a_clip.py")
    data = (videos / "recedes_1.mp4").read_bytes()
    uploader = app.sidebar.file_uploader(key="upload")
    uploader.upload("first.mp4", data).run()
    key = app.sidebar.selectbox(key="clip").value
    app.sidebar.selectbox(key="clip").select("hides_1.mp4").run()
    app.sidebar.file_uploader(key="upload").upload("second.mp4", data).run()
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == key
    assert list(app.session_state["uploads"]) == [key]
    assert any("second.mp4" in markdown.value for markdown in app.markdown)


def test_the_network_says_what_it_was_trained_on() -> None:
    for page in ("app.py", "pages/9_Models.py"):
        app = open_app(page)
        assert "Trained on MotionPairs." in [caption.value for caption in app.sidebar.caption]
    assert set(app.dataframe[0].value["trained on"]) == {"MotionPairs"}
    app = open_app("pages/1_Watch_a_clip.py")
    assert set(app.table[0].value.loc["trained on"]) == {"MotionPairs"}


def test_a_checkpoint_that_cannot_be_read_is_told_and_the_others_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "card.json").write_text("{}")
    monkeypatch.setenv("TAM_VIZ_CHECKPOINTS", str(tmp_path))
    forget_folders()
    app = open_app()
    forget_folders()
    assert not app.exception
    assert any("is not the card of a checkpoint" in warning.value for warning in app.warning)
    assert charts(app) == 2


def test_two_visitors_who_upload_the_same_video_read_their_own_names(videos: Path) -> None:
    data = (videos / "recedes_1.mp4").read_bytes()
    for name in ("alice.mp4", "bob.gif"):
        app = open_app("pages/1_Watch_a_clip.py")
        app.sidebar.file_uploader(key="upload").upload(name, data).run()
        assert not app.exception
        assert any(name in markdown.value for markdown in app.markdown)


def test_the_gallery_is_back_even_beside_a_good_upload(videos: Path) -> None:
    app = open_app()
    data = (videos / "recedes_1.mp4").read_bytes()
    app.sidebar.file_uploader(key="upload").upload("good.mp4", data).run()
    app.sidebar.file_uploader(key="upload").upload("bad.mp4", b"text").run()
    assert app.sidebar.selectbox(key="clip").value == "moves_left_1.mp4"
    assert len(app.session_state["uploads"]) == 1


@pytest.mark.parametrize("page", [page for page in PAGES if page not in NO_NETWORK])
def test_a_network_without_weights_is_told(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tanet-empty").mkdir()
    shutil.copy(ROOT / "checkpoints/tanet-motionpairs/card.json", tmp_path / "tanet-empty")
    monkeypatch.setenv("TAM_VIZ_CHECKPOINTS", str(tmp_path))
    forget_folders()
    app = open_app(page, model="tanet-empty")
    forget_folders()
    assert not app.exception
    assert any("no model.safetensors" in error.value for error in app.error)


def test_uploads_make_room_for_new_ones(monkeypatch: pytest.MonkeyPatch, videos: Path) -> None:
    monkeypatch.setattr(uploads, "LIMIT_BYTES", 1)
    app = open_app()
    for name in ("recedes_1.mp4", "hides_1.mp4"):
        data = (videos / name).read_bytes()
        app.sidebar.file_uploader(key="upload").upload(name, data).run()
    kept = app.session_state["uploads"]
    assert [source.path.exists() for source in kept.values()] == [False, True]


def test_a_bug_is_not_dressed_up_as_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tam_viz.panels.clip.clip.frames", broken)
    app = open_app("pages/1_Watch_a_clip.py")
    assert len(app.exception) == 1


def test_a_cost_is_chosen() -> None:
    app = open_app("pages/7_Compare_models.py", scope="the test clips")
    titles = []
    for name in ("mmacs", "ms"):
        app.radio(key="cost").set_value(name).run()
        assert not app.exception
        titles.append(json.loads(app.get("plotly_chart")[4].proto.spec)["layout"]["xaxis"]["title"])
    assert [title["text"] for title in titles] == [
        "million multiply-adds per clip",
        "milliseconds per clip",
    ]


def test_a_bench_that_was_not_measured_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "RESULTS", "nothing.json")
    app = open_app("pages/7_Compare_models.py", scope="the test clips")
    assert not app.exception
    assert ["No results yet" in info.value for info in app.info] == [True]


def test_damaged_results_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("{", encoding="utf-8")
    monkeypatch.setattr(stored, "RESULTS", str(path))
    app = open_app("pages/7_Compare_models.py", scope="the test clips")
    assert not app.exception
    assert ["is not what `tam-viz evaluate all` writes" in e.value for e in app.error] == [True]
    assert not charts(app)


def test_a_view_of_the_published_test_is_chosen(published: str) -> None:
    app = open_app("pages/1_Watch_a_clip.py")
    app.sidebar.selectbox(key="model").set_value(published).run()
    assert not app.exception
    app.multiselect(key="networks").set_value([published, "tsn-motionpairs"]).run()
    assert app.sidebar.radio(key="protocol").value == "one"
    assert "view" not in app.session_state
    single = app.table[0].value[published]
    app.sidebar.radio(key="protocol").set_value("published").run()
    assert not app.exception
    assert not app.error
    assert app.sidebar.number_input(key="view").value == 4
    assert any("of 6 views say" in markdown.value for markdown in app.markdown)
    card = app.table[0].value[published]
    assert single["views"] == "1: 1 clip × centre crop"
    assert card["views"] == "6: 2 clips × 3 crops"
    assert card["views averaged"] == "their logits"


@pytest.mark.parametrize("page", ["pages/2_Importance_maps.py", "pages/3_Adaptive_kernels.py"])
def test_maps_of_another_view_are_other_maps(page: str, published: str) -> None:
    app = open_app(page)
    app.sidebar.selectbox(key="model").set_value(published).run()
    app.sidebar.radio(key="protocol").set_value("published").run()
    shown = []
    for view in (1, 6):
        app.sidebar.number_input(key="view").set_value(view).run()
        assert not app.exception
        assert charts(app) == PAGES[page]
        shown.append(app.get("plotly_chart")[1].proto.spec)
    assert shown[0] != shown[1]


def test_a_view_stands_in_the_address(published: str) -> None:
    query = {"protocol": "the published test (6 views)", "view": "2"}
    app = open_app(model=published, **query)
    assert not app.exception
    assert app.sidebar.number_input(key="view").value == 2
