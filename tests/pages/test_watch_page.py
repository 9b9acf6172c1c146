"""Watch a clip: the gallery, the user's folder, costs."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tam_viz.capture.run import run
from tam_viz.models import checkpoint
from tam_viz.models.engine import LoadedModel, load
from tam_viz.types import InputSpec
from tam_viz.ui.state import cache
from tam_viz.video.clip import is_damaged, read_clip
from tests.support.pages import charts, forget_folders, kept, open_app

PAGE = "pages/1_Watch_a_clip.py"
KEY = ("costs", "tanet-motionpairs", "tsn-motionpairs")


def opened_gallery(family: str) -> AppTest:
    app = open_app(PAGE)
    app.session_state["gallery_open"] = True
    app.session_state["family"] = family
    return app.run()


def test_the_gallery_is_made_when_it_is_opened() -> None:
    app = open_app(PAGE)
    assert not [button for button in app.button if str(button.key).startswith("pick-")]
    app = opened_gallery("behind")
    assert not app.exception
    tiles = [button for button in app.button if str(button.key).startswith("pick-")]
    assert len(tiles) == 6  # two of each class, and the twins
    pictures = [
        html.proto.body for html in app.main.get("html") if "data:image/webp" in html.proto.body
    ]
    assert len(pictures) == 6
    assert all("alt='" in picture for picture in pictures)
    app.button(key="pick-turns_back_behind_twin.mp4").click().run()
    assert app.sidebar.selectbox(key="clip").value == "turns_back_behind_twin.mp4"


def test_a_folder_of_the_users_is_in_the_gallery(
    tmp_path: Path, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(videos / "recedes_1.mp4", folder / "holiday.mp4")
    (folder / "labels.csv").write_text("file,label\nholiday.mp4,recedes\n")
    (tmp_path / "nothing.txt").write_text("")
    monkeypatch.setenv("TAM_VIZ_CLIPS", f"{folder}:{tmp_path / 'missing'}")
    forget_folders()
    app = open_app(PAGE, clip="mine/holiday.mp4")
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == "mine/holiday.mp4"
    assert any("True class: 'recedes'." in markdown.value for markdown in app.markdown)
    assert ["There is no folder" in warning.value for warning in app.warning] == [True]
    app = opened_gallery("yours")
    forget_folders()
    assert [b.key for b in app.button if str(b.key).startswith("pick-")] == [
        "pick-mine/holiday.mp4"
    ]


def test_a_clip_of_the_test_set_is_opened_by_its_address() -> None:
    app = open_app(PAGE, clip="test clip 17")
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == "test clip 17"
    assert any("### moves right" in markdown.value for markdown in app.markdown)


@pytest.mark.parametrize("name", ["test clip 99999", "test clip 1600", "test clip x"])
def test_no_such_test_clip_is_no_error(name: str) -> None:
    app = open_app(PAGE, clip=name)
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == "moves_left_1.mp4"


def test_costs_are_of_the_chosen_networks() -> None:
    app = open_app(PAGE)
    app.multiselect(key="networks").set_value(["tsn-motionpairs"]).run()
    assert [cost.id for cost in kept("costs")[-1]] == ["tanet-motionpairs", "tsn-motionpairs"]
    assert charts(app) == 3


def test_costs_are_kept_until_they_are_measured_again() -> None:
    def measured() -> object:
        return cache.computed()[KEY]

    app = open_app(PAGE)
    app.multiselect(key="networks").set_value(["tsn-motionpairs"]).run()
    first = measured()
    app.run()
    assert measured() is first
    others = {key for key in cache.computed() if key != KEY}
    app.button(key="measure-costs").click().run()
    assert not app.exception
    assert measured() is not first
    assert others < set(cache.computed())
    assert charts(app) == 3


def words(app: AppTest) -> str:
    return " ".join(markdown.value for markdown in app.markdown)


@pytest.fixture
def dense_tanet(
    tmp_path: Path, tiny_model: Callable[..., LoadedModel], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A TANet among the checkpoints that takes its frames from a dense window."""
    spec = InputSpec(frames=8, resize=64, size=48, sampling="dense")
    loaded = tiny_model(spec=spec)
    card = dataclasses.replace(loaded.card, id="dense", origin="a test", licence="none")
    checkpoint.save(tmp_path / "dense", card, loaded.net)
    monkeypatch.setenv("TAM_VIZ_CHECKPOINTS", str(tmp_path))
    forget_folders()
    yield "dense"
    forget_folders()


def test_the_chosen_network_is_always_among_the_others(dense_tanet: str) -> None:
    app = open_app(PAGE, model=dense_tanet, clip="recedes · 1", networks="tsn-motionpairs")
    assert not app.exception
    assert app.multiselect(key="networks").value == ["tsn-motionpairs"]
    loaded = load(dense_tanet, "cpu")
    clip = cache.gallery()[0]["recedes_1.mp4"].read(loaded.card.input)
    name, probability = run(loaded, clip).prediction.top(1)[0]
    assert f"{dense_tanet} predicts '{name}' ({probability:.2f}" in words(app)
    strips = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")[:2]]
    seconds = [f"{time:.1f} s" for time in clip.times_s]
    assert all(second in json.dumps(strips[0]) for second in seconds)
    assert not all(second in json.dumps(strips[1]) for second in seconds)  # others saw others
    titles = [heading.value for heading in app.subheader]
    assert f"What {dense_tanet} sees" in titles
    assert "What tsn-motionpairs sees" in titles
    assert charts(app) == 4  # a strip for each way of sampling, the predictions, the costs
    captions = " ".join(caption.value for caption in app.caption)
    assert "stride 8, in a window of 64 frames" in captions
    assert "one from each of 8 equal parts of the video" in captions


def test_networks_that_sample_alike_share_a_strip() -> None:
    app = open_app(PAGE, clip="recedes · 1")
    titles = [heading.value for heading in app.subheader]
    assert sum(title.startswith("What tanet-motionpairs") for title in titles) == 1
    assert charts(app) == 3
    app.multiselect(key="networks").set_value([]).run()
    assert "What tanet-motionpairs sees" in [heading.value for heading in app.subheader]


def test_a_clip_without_a_class_is_given_one_for_all_pages(
    tmp_path: Path, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(videos / "recedes_1.mp4", folder / "holiday.mp4")
    monkeypatch.setenv("TAM_VIZ_CLIPS", str(folder))
    forget_folders()
    app = open_app(PAGE, clip="mine/holiday.mp4", networks="tsn-motionpairs")
    assert "This clip has no label." in words(app)
    assert "correct" not in words(app)
    picker = next(box for box in app.main.selectbox if box.label == "Its true class")
    assert picker.value is None
    picker.select("recedes").run()
    assert not app.exception
    assert "### recedes" in words(app)
    assert "You gave it its label." in words(app)
    assert "True class: 'recedes'" in words(app)
    assert "correct" in words(app)
    assert app.sidebar.selectbox(key="clip").value == "mine/holiday.mp4"
    app.switch_page("pages/6_Attribution.py")
    app.run()
    assert not app.exception
    assert app.sidebar.selectbox(key="clip").value == "mine/holiday.mp4"
    assert cache.gallery()[0]["mine/holiday.mp4"].truth is None  # nor do other visitors see it
    app.switch_page(PAGE)
    app.run()
    assert "You gave it its label." in words(app)
    forget_folders()


def test_a_clip_whose_class_is_known_is_not_asked_for_it() -> None:
    app = open_app(PAGE, clip="recedes · 1")
    assert not [box for box in app.main.selectbox if box.label == "Its true class"]


def test_of_a_damaged_file_what_can_be_read_is_played(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    data = (videos / "recedes_1.mp4").read_bytes()
    (folder / "whole.mp4").write_bytes(data)
    (folder / "cut.mp4").write_bytes(data[: len(data) * 3 // 4])
    assert is_damaged(read_clip(folder / "cut.mp4", InputSpec(4, 32, 32)))
    assert not is_damaged(read_clip(folder / "whole.mp4", InputSpec(4, 32, 32)))
    monkeypatch.setenv("TAM_VIZ_CLIPS", str(folder))
    forget_folders()
    for name in ("whole", "cut"):
        app = open_app(PAGE, clip=f"mine/{name}.mp4", networks="tsn-motionpairs")
        assert not app.exception
        assert len(app.get("video")) == 1
        preview = any("small preview" in caption.value for caption in app.caption)
        assert preview == (name == "cut")
    forget_folders()
