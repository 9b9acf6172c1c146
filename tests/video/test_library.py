"""Folders of clips: listed, labelled, or only videos."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tam_viz.motionpairs.source import DrawnClip
from tam_viz.types import InputSpec, Truth, UserError
from tam_viz.video.library import GALLERY, VideoFile, distinct_names, read_folder, write_labels
from tam_viz.video.thumbnail import thumbnail
from tests.support.there import there

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
    assert there(clip.truth).event_s is None


LISTS = {
    "as `tam-viz clips` writes it": b"file,label\njump/b.mp4,jump\n",
    "Excel": "file;label\r\njump/b.mp4;jump\r\n".encode("utf-8-sig"),
    "UTF-16, tabs": "File\tLabel\njump/b.mp4\tjump\n".encode("utf-16"),
    "blanks and quotes": b'"File", "Label"\n"jump/b.mp4", "jump"\n',
    "other headings, another order": b" Class Name ,Path\njump,jump/b.mp4\n",
    "empty rows": b"file,label\n\njump/b.mp4,jump\n,\n\n",
    "Windows": b"file,label\r\njump\\b.mp4,jump\r\n",
    "a path of another machine": b"file,label\nC:\\clips\\jump\\b.mp4,jump\n",
    "more columns": b"nr,file,label,note\n1,./jump/b.mp4,jump,x\n",
    "Excel's first line": b"sep=;\nfile;label\njump/b.mp4;jump\n",
}


@pytest.mark.parametrize("data", LISTS.values(), ids=LISTS)
def test_a_list_is_read_in_the_forms_that_people_have(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "jump").mkdir()
    (tmp_path / "jump" / "b.mp4").touch()
    (tmp_path / "labels.csv").write_bytes(data)
    (source,) = read_folder(tmp_path)
    assert (source.name, source.path) == ("jump/b.mp4", tmp_path / "jump" / "b.mp4")
    assert source.truth == Truth("jump")


def test_files_of_one_name_in_two_class_folders_both_stay(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,label\njump/b.mp4,jump\nrun/b.mp4,run\n")
    assert [source.name for source in read_folder(tmp_path)] == ["jump/b.mp4", "run/b.mp4"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"file\na.mp4\n", "needs the columns 'file' and 'label'"),
        (b"a.mp4,jump\n", "needs the columns 'file' and 'label'"),
        (b"file,label\na.mp4,\n", "Line 2 .* no label"),
        (b"file,label\n\n,jump\n", "Line 3 .* no file"),
        (b"file,label\na.mp4,that moves, slowly\n", "Line 2 .* 3 cells"),
        (b"file,label,file\na.mp4,jump,b.mp4\n", "column 'file' twice"),
        (b"file,label,event_start_s\na.mp4,jump,soon\n", "Line 2 .*soon"),
        ("file,label\na.mp4,größer\n".encode("cp1252"), "Line 2 .* not UTF-8"),
        (b'file,label\na.mp4,"jump\n', "cannot be read as a row"),
        (b"file,label\n..,jump\n", "names no file inside"),
    ],
)
def test_a_list_that_is_none_is_told(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "labels.csv").write_bytes(data)
    with pytest.raises(UserError, match=reason):
        read_folder(tmp_path)


def test_an_empty_list_has_no_clips(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").touch()
    assert read_folder(tmp_path) == []


def test_hidden_files_are_no_clips_and_endings_of_cameras_are(tmp_path: Path) -> None:
    for name in ("._a.mp4", ".b.mp4", "a.mp4", "C.MTS", "d.3gp", "e.txt", "mp4"):
        (tmp_path / name).touch()
    assert [source.name for source in read_folder(tmp_path)] == ["C.MTS", "a.mp4", "d.3gp"]


def test_folders_of_one_name_are_told_apart() -> None:
    folders = [Path("/x/val"), Path("/y/val"), Path("/z/train"), Path("/a/x/val")]
    assert distinct_names(folders) == ["/x/val", "y/val", "train", "a/x/val"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder"):
        read_folder(tmp_path / "nothing")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    gallery = {source.name: there(source.truth) for source in read_folder(GALLERY)}
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
        assert getattr(image, "n_frames", 1) > 4
    assert len(data) < 60_000


def test_a_clip_of_the_test_set_is_what_networks_were_measured_on() -> None:
    source = DrawnClip(2, 17)
    clip = source.read(SPEC)
    assert clip == source.views(SPEC)[0]
    assert (clip.label, there(source.truth).label) == ("moves right", "moves right")
    assert source.movie()[1] == "video/mp4"
    assert source.movie()[0][4:8] == b"ftyp"
    with pytest.raises(UserError, match="no view 2"):
        source.read(SPEC, 1)
