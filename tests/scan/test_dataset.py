"""Data sets in the forms that people have them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tam_viz.motionpairs.motions import CLASSES
from tam_viz.scan.classes import match, permuted, read_map
from tam_viz.scan.dataset import Dataset, motionpairs
from tam_viz.scan.formats import open_dataset
from tam_viz.types import UserError


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def frames(folder: Path) -> None:
    folder.mkdir(parents=True)
    for number in (1, 2):
        Image.new("RGB", (8, 8)).save(folder / f"img_{number:05d}.jpg")


def pairs(dataset: Dataset) -> list[tuple[str, str]]:
    return [(item.path, item.label) for item in dataset.items]


def test_class_folders(tmp_path: Path) -> None:
    touch(tmp_path, "run/b.mp4", "run/a.MTS", "jump/c.avi", "jump/._c.avi", "jump/notes.txt")
    frames(tmp_path / "jump" / "d")
    dataset = open_dataset(tmp_path)
    assert pairs(dataset) == [
        ("jump/c.avi", "jump"),
        ("jump/d", "jump"),
        ("run/a.MTS", "run"),
        ("run/b.mp4", "run"),
    ]
    assert dataset.classes == ("jump", "run")
    assert not dataset.numbered


def test_a_folder_without_classes_and_one_with_a_list(tmp_path: Path) -> None:
    touch(tmp_path, "b.mp4", "a.mp4")
    assert pairs(open_dataset(tmp_path)) == [("a.mp4", ""), ("b.mp4", "")]
    (tmp_path / "labels.csv").write_text("\ufeffFile;Label;Speed\nb.mp4;run;2.5\n")
    dataset = open_dataset(tmp_path)
    assert pairs(dataset) == [("b.mp4", "run")]
    assert dataset.items[0].more == {"speed": "2.5"}
    assert dataset.columns == ("speed",)


def test_lists_of_videos_and_of_frames(tmp_path: Path) -> None:
    root = touch(tmp_path / "clips", "x/a b.mp4", "x/c.mp4")
    (tmp_path / "val.txt").write_text("x/a b.mp4 11\nx\\c.mp4 2\n\n")
    dataset = open_dataset(tmp_path / "val.txt", root=root)
    assert pairs(dataset) == [("x/a b.mp4", "11"), ("x/c.mp4", "2")]
    assert dataset.numbered
    assert dataset.classes == ("2", "11")
    (tmp_path / "commas.txt").write_text("x/a b.mp4,11\nx/c, d.mp4 , 2\nx/e,3\nx/f, g 4\n")
    assert pairs(open_dataset(tmp_path / "commas.txt", root=root)) == [
        ("x/a b.mp4", "11"),
        ("x/c, d.mp4", "2"),
        ("x/e", "3"),
        ("x/f, g", "4"),
    ]
    frames(root / "v_1")
    frames(root / "v 7")
    (tmp_path / "frames.txt").write_text("v_1 2 5\nv 7 3\n")  # the second without a count
    assert pairs(open_dataset(tmp_path / "frames.txt", root=root)) == [("v 7", "3"), ("v_1", "5")]


def test_names_for_numbers(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4")
    (tmp_path / "list.txt").write_text("a.mp4 1\nb.mp4 0\n")
    (tmp_path / "names.txt").write_text("zero\none\n")
    dataset = open_dataset(tmp_path / "list.txt", classes=tmp_path / "names.txt")
    assert pairs(dataset) == [("a.mp4", "one"), ("b.mp4", "zero")]
    (tmp_path / "list.txt").write_text("a.mp4 2\n")
    with pytest.raises(UserError, match=r"class number 2 .* 2 names were given"):
        open_dataset(tmp_path / "list.txt", classes=tmp_path / "names.txt")


def test_a_table_and_something_something(tmp_path: Path) -> None:
    touch(tmp_path, "one.mp4", "17.webm")
    frames(tmp_path / "18")
    (tmp_path / "t.csv").write_text('video,Action,who\n"one.mp4","a, b",me\n')
    dataset = open_dataset(tmp_path / "t.csv")
    assert pairs(dataset) == [("one.mp4", "a, b")]
    assert dataset.items[0].more == {"who": "me"}
    rows = [
        {"id": "17", "label": "pushing a cup", "template": "Pushing [something] left"},
        {"id": "18", "label": "pulling", "template": "Pulling [something]"},
    ]
    (tmp_path / "s.json").write_text(json.dumps(rows))
    assert pairs(open_dataset(tmp_path / "s.json")) == [
        ("17.webm", "Pushing something left"),
        ("18", "Pulling something"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.txt", "clip.mp4\n", "Line 1 of 'a.txt' is not understood"),
        ("a.txt", "a.mp4 1\n../../etc/passwd 1\n", "line 2 of 'a.txt'"),
        ("a.txt", "a.mp4 1\na.mp4 2\n", "lists 'a.mp4' more than once"),
        ("a.csv", "file\na.mp4\n", "needs the columns"),
        ("a.json", '{"x": 1}', "expected a list of objects"),
        ("a.txt", "", "holds no clips"),
        ("a.xml", "<x/>", "not a dataset that is known here"),
    ],
)
def test_what_is_not_understood_is_refused(name: str, text: str, says: str, tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=says):
        open_dataset(tmp_path / name)


def test_names_that_are_hard_to_read(tmp_path: Path) -> None:
    names = [
        "a,b.mp4",
        'it\'s "so".mp4',
        "ключ 50%.mp4",
        "日本\u2028x.mp4",
        " lead.mp4",
        "e\u0301.mp4",
    ]
    touch(tmp_path / "data", *(f"c l,a/{name}" for name in names))
    assert pairs(open_dataset(tmp_path / "data")) == sorted((f"c l,a/{n}", "c l,a") for n in names)
    (tmp_path / "t.tsv").write_text("label\tfile\n1\tc l,a/日本\u2028x.mp4\n", encoding="utf-16")
    assert pairs(open_dataset(tmp_path / "t.tsv", root=tmp_path / "data")) == [
        ("c l,a/日本\u2028x.mp4", "1")
    ]
    (tmp_path / "data" / os.fsdecode(b"caf\xe9.mp4")).write_bytes(b"x")
    with pytest.raises(UserError, match=r"'caf.\.mp4' is not UTF-8; rename it"):
        open_dataset(tmp_path / "data")


def test_links_and_folders_that_hold_no_clips(tmp_path: Path) -> None:
    touch(tmp_path / "data", "run/a.mp4", "run/deep/b.mp4", "empty/readme.md")
    (tmp_path / "data" / "jump").symlink_to(tmp_path / "data" / "run")
    (tmp_path / "data" / "run" / "gone.mp4").symlink_to(tmp_path / "none.mp4")
    (tmp_path / "data" / "loop").symlink_to(tmp_path / "data" / "loop")
    dataset = open_dataset(tmp_path / "data")
    assert pairs(dataset) == [
        *(("jump/a.mp4", "jump"), ("jump/gone.mp4", "jump")),
        *(("run/a.mp4", "run"), ("run/gone.mp4", "run")),
    ]
    (notice,) = dataset.notices
    assert notice.startswith("2 folders inside class folders hold no images")
    assert "'jump/deep'" in notice
    (tmp_path / "nothing").mkdir()
    with pytest.raises(UserError, match="'nothing' holds no clips"):
        open_dataset(tmp_path / "nothing")


def test_labels_that_are_no_numbers_of_classes(tmp_path: Path) -> None:
    huge = "9" * 5000
    dataset = listed(tmp_path, "1", "01", huge)
    assert not dataset.numbered  # the last one is a name
    assert match(dataset, ("a", "b")).numbers == {"1": -1, "01": -1, huge: -1}
    by_hand = listed(tmp_path, "1.0", "-1", "", "0.0")  # as spreadsheets and test lists have it
    assert [label for _, label in pairs(by_hand)] == ["1", "", "", "0"]
    assert by_hand.classes == ("0", "1")
    assert match(by_hand, ("a", "b")).numbers == {"0": 0, "1": 1}
    (tmp_path / "n.txt").write_text("a\nb\n")
    named = open_dataset(tmp_path / "t.csv", classes=tmp_path / "n.txt")
    assert [label for _, label in pairs(named)] == ["b", "", "", "a"]
    (tmp_path / "l.txt").write_text("0.mp4 -1\n1.mp4 1\n")
    assert pairs(open_dataset(tmp_path / "l.txt")) == [("0.mp4", ""), ("1.mp4", "1")]
    numbered = listed(tmp_path, "1", "01", "7")
    assert numbered.classes == ("01", "1", "7")
    assert match(numbered, ("a", "b")).numbers == {"1": 1, "01": 1, "7": -1}


def test_a_long_json_is_read_object_by_object(tmp_path: Path) -> None:
    rows = [{"id": str(i), "template": f"Pushing [thing {i % 5}] {'x' * 50}"} for i in range(3000)]
    (tmp_path / "s.json").write_text(json.dumps(rows, indent=2), encoding="utf-16")
    dataset = open_dataset(tmp_path / "s.json")
    assert len(dataset.items) == 3000
    assert dataset.items[0].path == "0.webm"
    for text, why in (
        ("[1, 2]", "it holds 1"),
        ('[{"id": null, "label": "a"}]', "it holds"),
        ('[{"id": "1", "template": null}]', "it holds"),
        ('[{"id": "1", "te', "ends before its list"),
    ):
        (tmp_path / "s.json").write_text(text)
        with pytest.raises(UserError, match=why):
            open_dataset(tmp_path / "s.json")


def test_motionpairs_by_seed_and_split() -> None:
    dataset = open_dataset("motionpairs:shift:5:20")
    assert len(dataset.items) == 20
    assert dataset.items[17].label == CLASSES[1]
    assert dataset.key != motionpairs("shift", 6, 20).key
    with pytest.raises(UserError, match="There is no 'motionpairs:x:5:20'"):
        open_dataset("motionpairs:x:5:20")


def listed(tmp_path: Path, *labels: str) -> Dataset:
    touch(tmp_path, *(f"{i}.mp4" for i in range(len(labels))))
    rows = [f"{i}.mp4,{label}" for i, label in enumerate(labels)]
    (tmp_path / "t.csv").write_text("\n".join(["file,label", *rows]))
    return open_dataset(tmp_path / "t.csv")


def test_labels_are_found_among_the_classes(tmp_path: Path) -> None:
    classes = ("Arm Wrestling", "eating chips", "to-do", "to do")
    matching = match(listed(tmp_path, "arm_wrestling", "Eating-Chips", "to-do", "TO_DO"), classes)
    assert matching.numbers == {"arm_wrestling": 0, "Eating-Chips": 1, "to-do": 2, "TO_DO": -1}
    assert matching.unknown == ("TO_DO",)
    given = match(listed(tmp_path, "x", "eating chips"), classes, {"x": "to do"})
    assert given.numbers == {"x": 3, "eating chips": 1}
    with pytest.raises(UserError, match="the label 'y'"):
        match(listed(tmp_path, "x"), classes, {"y": "to do"})
    with pytest.raises(UserError, match="the class 'z'"):
        match(listed(tmp_path, "x"), classes, {"x": "z"})
    (tmp_path / "map.csv").write_text("label,class\nx,to do\n")
    assert read_map(tmp_path / "map.csv") == {"x": "to do"}
    (tmp_path / "map.csv").write_text("label,class\nx,to do\nx,a\n")
    with pytest.raises(UserError, match=r"Line 3 of 'map\.csv'"):
        read_map(tmp_path / "map.csv")


def test_numbers_from_one_are_recognised(tmp_path: Path) -> None:
    classes = ("a", "b", "c")
    assert match(listed(tmp_path, "0", "2", "3"), classes).numbers == {"0": 0, "2": 2, "3": -1}
    shifted = match(listed(tmp_path, "1", "3"), classes)
    assert shifted.numbers == {"1": 0, "3": 2}
    assert "run from 1" in shifted.notice


def counted(true: np.ndarray, said: np.ndarray) -> np.ndarray:
    counts = np.zeros((10, 10), dtype=np.int64)
    for row, column in zip(true, said, strict=True):
        counts[row, column] += 1
    return counts


def test_a_permuted_numbering_is_noticed() -> None:
    rng = np.random.default_rng(0)
    true = np.arange(400) % 10
    said = np.where(rng.random(400) < 0.8, true, rng.integers(0, 10, 400))
    assert permuted(counted(true, said)) == ""
    other = (np.arange(10) + 3) % 10
    warning = permuted(counted(true, other[said]))
    share = f"{(true == said).mean():.0%}"
    assert f"another numbering of the classes would make {share} right" in warning
    assert permuted(counted(true, rng.integers(0, 10, 400))) == ""  # wrong, and no numbering helps
    assert permuted(counted(true[:10], other[true[:10]])) == ""  # too few to know
