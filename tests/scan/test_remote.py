"""Datasets in a store: the same clips, the same shards, and what a store refuses."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from upath import UPath

from tam_viz.scan import copies as copies_module
from tam_viz.scan import remote
from tam_viz.scan.copies import Copies, remove_copies, remove_left_behind
from tam_viz.scan.dataset import Dataset
from tam_viz.scan.folder import begin
from tam_viz.scan.formats import open_dataset
from tam_viz.scan.local import scan_set
from tam_viz.scan.locations import datasets
from tam_viz.scan.manifest import read_manifest
from tam_viz.scan.network import network_of
from tam_viz.scan.opened import open_scan
from tam_viz.scan.store import address
from tam_viz.types import Card, InputSpec, UserError
from tests.support.scans import files

NAMES = ("a b.mp4", 'it\'s, "so".mp4', "ключ 50%.mp4", "plain.mp4")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[UPath]:
    """A folder in memory that no other test has."""
    there = UPath(address(f"memory://{tmp_path.name}"))
    yield there
    if there.exists():
        there.fs.rm(there.path, recursive=True)
    remove_copies()


@pytest.fixture
def data(tmp_path: Path, videos: Path) -> Path:
    """Class folders of videos, one of frames and one that is no video."""
    folder = tmp_path / "data"
    for number, name in enumerate(NAMES):
        (folder / f"class {number % 2}").mkdir(parents=True, exist_ok=True)
        source = sorted(videos.glob("*.mp4"))[number % 2]
        shutil.copy(source, folder / f"class {number % 2}" / name)
    (folder / "class 0" / "broken.mp4").write_text("no video")
    (folder / "class 1" / "frames").mkdir()
    for number in (1, 2, 10, 9):
        image = Image.new("RGB", (40, 30), (number * 20, 0, 0))
        image.save(folder / "class 1" / "frames" / f"img {number}.png")
    return folder


def upload(folder: Path, there: UPath) -> UPath:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            target = there / file.relative_to(folder).as_posix()
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    return there


def rows(dataset: Dataset) -> list[tuple[str, str]]:
    return [(item.path, item.label) for item in dataset.items]


def scanned(run: Path, dataset: Dataset, card: Card) -> Path:
    begin(run, dataset, [network_of(card, dataset)])
    list(scan_set(run, 0, "cpu"))
    return run


def test_a_dataset_in_a_store_gives_the_same_shards(
    networks: dict[str, Card], tmp_path: Path, data: Path, store: UPath
) -> None:
    there = upload(data, store / "data")
    here, away = open_dataset(data), open_dataset(str(there))
    assert rows(away) == rows(here)
    assert len(here.items) == 6
    assert away.key == here.key
    card = networks["tiny-tam"]
    first = scanned(tmp_path / "here", here, card)
    second = scanned(tmp_path / "away", away, card)
    assert files(second) == files(first)
    errors = open_scan(second).clips.set_index("path")["error"]
    assert "not a video" in errors["class 0/broken.mp4"]
    assert (errors.drop("class 0/broken.mp4") == "").all()
    assert str(read_manifest(second).root.folder) == str(there)
    source = read_manifest(second).root.source(away.items[0])
    clip = source.read(InputSpec(frames=2, resize=32, size=32))
    assert clip.source == source.name == away.items[0].path
    assert source.movie() is not None


def test_lists_and_tables_in_a_store(data: Path, store: UPath) -> None:
    root = upload(data, store / "clips")
    lists = store / "lists"
    lists.mkdir()
    (lists / "v.txt").write_text(f"class 0/a b.mp4 3\n{root}/class 1/frames 7\n")
    expected = [("class 0/a b.mp4", "3"), ("class 1/frames", "7")]
    assert rows(open_dataset(str(lists / "v.txt"), root=str(root))) == expected
    (lists / "f.txt").write_text("class 1/frames 4 7\n")
    assert rows(open_dataset(str(lists / "f.txt"), root=str(root))) == [("class 1/frames", "7")]
    (lists / "t.csv").write_bytes("Datei;Label\n".replace("Datei", "File").encode("utf-16"))
    with pytest.raises(UserError, match="holds no clips"):
        open_dataset(str(lists / "t.csv"), root=str(root))
    (lists / "t.csv").write_text('file;label;who\n"class 1/it\'s, ""so"".mp4";a;me\n')
    assert rows(open_dataset(str(lists / "t.csv"), root=str(root))) == [
        ('class 1/it\'s, "so".mp4', "a")
    ]
    (lists / "s.json").write_text(json.dumps([{"id": "frames", "template": "x"}] * 1))
    json_root = str(root / "class 1")
    assert rows(open_dataset(str(lists / "s.json"), root=json_root)) == [("frames", "x")]
    (lists / "n.txt").write_text("\n".join("abcdefgh"))
    named = open_dataset(str(lists / "v.txt"), root=str(root), classes=str(lists / "n.txt"))
    assert named.classes == ("d", "h")
    for bad in ("../x.mp4 1", "/etc/passwd.mp4 1", "memory://other/a.mp4 1"):
        (lists / "v.txt").write_text(bad)
        with pytest.raises(UserError, match="is not below"):
            open_dataset(str(lists / "v.txt"), root=str(root))


def test_what_a_store_does_not_hold_is_said(store: UPath) -> None:
    with pytest.raises(UserError, match="There is no 'memory://"):
        open_dataset(str(store / "none"))
    store.mkdir(parents=True)
    (store / "a.txt").write_text("a.mp4 1\n")
    with pytest.raises(UserError, match=r"no folder 'memory://.*' of clips"):
        open_dataset(str(store / "a.txt"), root=str(store / "none"))
    with pytest.raises(UserError, match="nonsense"):
        open_dataset("nonsense://bucket/x")


def test_a_store_that_falls_silent_ends_the_scan_and_a_lost_clip_is_a_row(
    networks: dict[str, Card],
    tmp_path: Path,
    data: Path,
    store: UPath,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    there = upload(data, store / "data")
    dataset = open_dataset(str(there))
    (there / "class 1" / "plain.mp4").unlink()
    run = tmp_path / "run"
    begin(run, dataset, [network_of(networks["tiny-tsm"], dataset)])
    fetch = Copies._fetch
    asked: list[str] = []

    def silent(self: Copies, place: UPath, target: Path) -> int:
        asked.append(place.name)
        if len(asked) > 6:
            raise ConnectionError("no answer")
        return fetch(self, place, target)

    monkeypatch.setattr(Copies, "_fetch", silent)
    monkeypatch.setattr(copies_module, "ROOM_BYTES", 0)
    monkeypatch.setattr(Copies, "_make_room", lambda self: self._copies.clear())
    with pytest.raises(remote.UnreachableError, match=r"cannot be reached .*no answer"):
        list(scan_set(run, 0, "cpu"))
    assert files(run) == {}
    monkeypatch.undo()
    list(scan_set(run, 0, "cpu"))
    errors = open_scan(run).clips.set_index("path")["error"]
    assert "There is no file" in errors["class 1/plain.mp4"]
    assert (errors != "").sum() == 2


def test_copies_take_bounded_room(store: UPath) -> None:
    store.mkdir(parents=True)
    kept = Copies(room=250)
    for number in range(5):
        (store / f"{number} ..%2f.mp4").write_bytes(bytes([number]) * 100)
        with kept.of(store / f"{number} ..%2f.mp4") as path:
            assert path.read_bytes() == bytes([number]) * 100
            assert path.parent == kept.folder
            with kept.of(store / f"{number} ..%2f.mp4") as again:
                assert again == path
        assert len(list(kept.folder.glob("*.mp4"))) <= 2
    (store / "large.mp4").write_bytes(bytes(251))
    with pytest.raises(UserError, match=r"'large\.mp4' is larger"), kept.of(store / "large.mp4"):
        pass
    assert len(list(kept.folder.glob("*.mp4"))) <= 2


def test_copies_that_a_killed_process_left_are_removed() -> None:
    kept = Copies()
    folder = kept.folder
    os.utime(folder, (0, 0))
    remove_left_behind()
    assert folder.exists()  # its process is alive
    kept._lock.release()  # as if it was killed
    os.utime(folder, (0, 0))
    remove_left_behind()
    assert not folder.exists()


def test_datasets_that_the_owner_names(monkeypatch: pytest.MonkeyPatch) -> None:
    named = ["/data/val", "s3://bucket/videos", "/other/data/val", "zip://::file:///x.zip", "/y"]
    monkeypatch.setenv("TAM_VIZ_DATASETS", os.pathsep.join(named))
    known = {name: data for name, data in datasets().items() if "MotionPairs" not in name}
    assert list(known.values()) == named
    assert known["bucket/videos"] == "s3://bucket/videos"
    assert known["/data/val"] == "/data/val"  # two end alike
