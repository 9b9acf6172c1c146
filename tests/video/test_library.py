"""Folders of clips: listed, labelled, or only videos."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tam_viz.motionpairs.source import DrawnClip
from tam_viz.types import InputSpec, Truth, UserError
from tam_viz.video.library import GALLERY, VideoFile, read_folder, write_labels
from tam_viz.video.thumbnail import thumbnail

SPEC = InputSpec(4, 32, 32)


def test_a_folder_without_a_list_is_all_its_videos(videos: Path, tmp_path: Path) -> None:
    shutil.copy(videos / "hides_1.mp4", tmp_path / "B.MP4")
    shutil.copy(videos / "hides_1.mp4", tmp_path / "a.mp4")
    (tmp_path / "notes.txt").write_text("no video")
    found = read_folder(tmp_path)
    assert [source.name for source in found] == ["B.MP4", "a.mp4"]
    assert found[0].truth is None
    assert found[0].read(SPEC).frames.shape == (4, 32, 32, 3)


def test_a_list_of_files_and_labels_is_enough(videos: Path, tmp_path: Path) -> None:
    shutil.copy(videos / "hides_1.mp4", tmp_path / "a.mp4")
    (tmp_path / "labels.csv").write_text("file,label\n../a.mp4,arm wrestling\n")
    (source,) = read_folder(tmp_path)
    assert source.path == tmp_path / "a.mp4"  # a list may not point outside its folder
    clip = source.read(SPEC)
    assert clip.label == "arm wrestling"
    assert clip.truth.event_s is None


@pytest.mark.parametrize("text", ["", "file\na.mp4\n", "file,label\n,\n", "file,label\na.mp4,\n"])
def test_a_list_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.csv").write_text(text)
    if text == "":
        assert read_folder(tmp_path) == []
        return
    with pytest.raises(UserError, match="needs the columns 'file' and 'label'"):
        read_folder(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder"):
        read_folder(tmp_path / "nothing")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    gallery = {source.name: source.truth for source in read_folder(GALLERY)}
    gallery["mine.mp4"] = Truth("a class", (0.5, 1.0))
    gallery["plain.mp4"] = Truth("a class")
    write_labels(tmp_path, gallery)
    assert {source.name: source.truth for source in read_folder(tmp_path)} == gallery


def test_two_names_of_one_file_are_two_clips_of_the_cache(videos: Path) -> None:
    path = videos / "hides_1.mp4"
    assert VideoFile("a", path).key != VideoFile("b", path).key


def test_a_thumbnail_plays_for_ever(videos: Path) -> None:
    data = thumbnail(VideoFile("hides", videos / "hides_1.mp4"))
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size, image.info["loop"]) == ("WEBP", (96, 96), 0)
        assert image.n_frames > 4
    assert len(data) < 60_000


def test_a_clip_of_the_test_set_is_what_networks_were_measured_on() -> None:
    source = DrawnClip(2, 17)
    clip = source.read(SPEC)
    assert clip == source.views(SPEC)[0]
    assert (clip.label, source.truth.label) == ("moves right", "moves right")
    assert source.movie()[1] == "video/mp4"
    assert source.movie()[0][4:8] == b"ftyp"
    with pytest.raises(UserError, match="no view 2"):
        source.read(SPEC, 1)
