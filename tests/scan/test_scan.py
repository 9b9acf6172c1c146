"""A scan: the same table however often it was killed, and a row for every clip."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from tam_viz.capture.run import run
from tam_viz.models.engine import load
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.scan import work
from tam_viz.scan.dataset import motionpairs
from tam_viz.scan.folder import begin
from tam_viz.scan.formats import open_dataset
from tam_viz.scan.local import scan_set
from tam_viz.scan.manifest import MANIFEST, read_manifest
from tam_viz.scan.network import network_of
from tam_viz.scan.opened import open_scan
from tam_viz.scan.progress import status
from tam_viz.scan.scan import at_work, scan
from tam_viz.types import UserError
from tests.support.scans import Networks, files, whole
from tests.support.steps import leave


def test_a_row_is_what_run_gives(networks: Networks, tmp_path: Path) -> None:
    scanned = open_scan(whole(tmp_path / "run", networks, traces=True))
    table = scanned.clips
    assert list(table["path"]) == sorted(table["path"])
    assert len(table) == 70
    assert (table["error"] == "").all()
    for index in (0, 33, 69):
        path = f"test/2/{index:06d}"
        row = table[table["path"] == path].iloc[0]
        for name in networks:
            loaded = load(name, "cpu")
            clip = DrawnClip(2, index).read(loaded.card.input)
            alone = run(loaded, clip).prediction
            best, probability = alone.top(1)[0]
            assert row[f"{name}.predicted"] == best
            assert row[f"{name}.true"] == row["label"] == clip.label
            assert row[f"{name}.probability"] == pytest.approx(probability, abs=1e-5)
            true = float(alone.probabilities[alone.classes.index(clip.label or "")])
            assert row[f"{name}.log_odds"] == pytest.approx(np.log(true / (1 - true)), abs=1e-4)
            wrong = 0.0 if best == clip.label else probability - true
            assert row[f"{name}.disagreement"] == pytest.approx(wrong, abs=1e-5)


def test_v_and_theta_come_back(networks: Networks, tmp_path: Path) -> None:
    scanned = open_scan(whole(tmp_path / "run", networks, traces=True))
    loaded = load("tiny-tam", "cpu")
    trace = run(loaded, DrawnClip(2, 65).read(loaded.card.input)).trace
    assert trace is not None
    kept = scanned.trace("test/2/000065", "tiny-tam")
    assert kept.names == trace.names
    for block in trace.blocks:
        np.testing.assert_allclose(kept[block.name].importance, block.importance, atol=1e-3)
        np.testing.assert_allclose(kept[block.name].kernel, block.kernel, atol=1e-3)
    with pytest.raises(UserError, match="no traces of 'tiny-tsm'"):
        scanned.trace("test/2/000065", "tiny-tsm")
    with pytest.raises(UserError, match="no clip 'x'"):
        scanned.trace("x", "tiny-tam")
    with pytest.raises(UserError, match="no network 'x'"):
        scanned.trace("test/2/000065", "x")
    summary = scanned.query(
        f"SELECT * FROM '{tmp_path}/run/clips/tiny-tam/*/*.parquet' WHERE path = 'test/2/000065'"
    ).iloc[0]
    means = np.concatenate([block.importance.mean(0) for block in trace.blocks])
    np.testing.assert_allclose(summary["v_mean"], means, atol=1e-5)
    taps = np.concatenate([block.kernel.mean(0) for block in trace.blocks])
    np.testing.assert_allclose(summary["theta_mean"], taps, atol=1e-5)
    assert len(summary["embedding"]) == 64


def test_killed_and_continued_it_ends_with_the_same_files(
    networks: Networks, tmp_path: Path
) -> None:
    undisturbed = whole(tmp_path / "whole", networks, 130)
    other = tmp_path / "killed"
    context = multiprocessing.get_context("spawn")
    begun: set[str] = set()
    for patience in (2.0, 3.0, 4.0):
        process = context.Process(target=_scan_all, args=(other, tuple(networks), 130))
        process.start()
        deadline = time.monotonic() + 60
        while len(files(other)) <= len(begun) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(patience / 40)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        begun = set(files(other)) if other.exists() else set()
    _scan_all(other, tuple(networks), 130)
    assert files(other) == files(undisturbed)


def _scan_all(folder: Path, names: tuple[str, ...], count: int) -> None:
    dataset = motionpairs("test", 2, count)
    asked = [network_of(load(name, "cpu").card, dataset) for name in names]
    for _ in scan(dataset, asked, folder, workers=1, device="cpu"):
        pass


def test_what_is_there_is_not_made_again(
    networks: Networks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = whole(tmp_path / "run", networks)
    monkeypatch.setattr(work, "run_many", lambda *_: pytest.fail("a shard was made again"))
    whole(folder, networks)


def test_another_network_is_added_and_another_dataset_refused(
    networks: Networks, tmp_path: Path
) -> None:
    first = {"tiny-tam": networks["tiny-tam"]}
    folder = whole(tmp_path / "run", first)
    before = files(folder)
    whole(folder, {"tiny-none": networks["tiny-none"]})
    assert before.items() <= files(folder).items()
    assert [s.network for s in status(folder)] == ["tiny-tam", "tiny-none"]
    assert [(s.clips, s.of, s.failed) for s in status(folder)] == [(70, 70, 0)] * 2
    with pytest.raises(UserError, match="another list of clips"):
        whole(folder, first, 71)


def test_broken_clips_are_rows_with_the_reason(
    networks: Networks, tmp_path: Path, videos: Path
) -> None:
    data = tmp_path / "data"
    for number, file in enumerate(sorted(videos.glob("*.mp4"))[:4]):
        (data / f"class{number % 2}").mkdir(parents=True, exist_ok=True)
        shutil.copy(file, data / f"class{number % 2}" / file.name)
    (data / "class0" / "text.mp4").write_text("no video")
    dataset = open_dataset(data)
    (data / "class1" / "gone.mp4").write_bytes(b"x")
    dataset = open_dataset(data)
    (data / "class1" / "gone.mp4").unlink()
    folder = tmp_path / "run"
    begin(folder, dataset, [network_of(card, dataset) for card in networks.values()])
    list(scan_set(folder, 0, "cpu"))
    table = open_scan(folder).clips.set_index("path")
    assert "not a video" in table["error"]["class0/text.mp4"]
    assert "There is no file" in table["error"]["class1/gone.mp4"]
    good = table[table["error"] == ""]
    assert len(good) == 4
    assert (good["frames"] >= 32).all()
    assert good["tiny-tam.true"].isna().all()  # the network has no class of these names
    assert status(folder)[0].failed == 2


def test_a_clip_that_changes_is_scanned_anew(
    networks: Networks, tmp_path: Path, videos: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    first, second = sorted(videos.glob("*.mp4"))[:2]
    shutil.copy(first, data / "a.mp4")
    dataset = open_dataset(data)
    folder = tmp_path / "run"
    card = networks["tiny-tam"]
    for source in (first, second):
        shutil.copyfile(source, data / "a.mp4")
        begin(folder, dataset, [network_of(card, dataset)])
        list(scan_set(folder, 0, "cpu"))
        (name,) = [path.name for path in (folder / "clips" / "tiny-tam").glob("*/*")]
        loaded = load("tiny-tam", "cpu")
        clip = dataset.root.source(dataset.items[0]).read(loaded.card.input)
        expected = run(loaded, clip).prediction.top(1)[0][1]
        kept = open_scan(folder).clips["tiny-tam.probability"].iloc[0]
        assert kept == pytest.approx(expected, abs=1e-5), name


def test_what_cannot_be_written_is_a_sentence(
    networks: Networks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = whole(tmp_path / "run", {"tiny-tsm": networks["tiny-tsm"]})
    before = files(folder)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"No space left.*What was done is kept"):
        whole(folder, networks)
    assert files(folder) == before


def test_a_folder_of_other_things_is_refused_and_left_as_it_is(
    networks: Networks, tmp_path: Path
) -> None:
    data = motionpairs("test", 2, 16)
    asked = [network_of(networks["tiny-tsm"], data)]
    for names in (("dataset/a.mp4", "dataset/.b.partial"), ("holiday.mp4", ".c.partial")):
        folder = tmp_path / names[0][:2]
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("mine")
        with pytest.raises(
            UserError, match=rf"holds no scan but other things, such as '{names[0]}"
        ):
            next(scan(data, asked, folder, device="cpu"))
        assert all((folder / name).read_text() == "mine" for name in names)
    begun = tmp_path / "begun"  # killed while the list of clips was written
    (begun / "dataset").mkdir(parents=True)
    (begun / "dataset" / "00000.parquet").write_bytes(b"x")
    (begun / "dataset" / ".00001.parquet.partial").write_bytes(b"x")
    assert begin(begun, data, asked).clips == 16
    assert not list(begun.rglob(".*.partial"))


def test_two_scans_do_not_share_a_folder(networks: Networks, tmp_path: Path) -> None:
    dataset = motionpairs("test", 2, 16)
    asked = [network_of(networks["tiny-tsm"], dataset)]
    first = scan(dataset, asked, tmp_path / "run", device="cpu")
    next(first)
    assert at_work(tmp_path / "run")
    with pytest.raises(UserError, match="Another scan is at work"):
        next(scan(dataset, asked, tmp_path / "run", device="cpu"))
    leave(first)
    assert not at_work(tmp_path / "run")


def test_a_folder_of_something_else_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no scan"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST).write_text(json.dumps({"form": 0}))
    with pytest.raises(UserError, match="not what `tam-viz scan` writes"):
        open_scan(tmp_path)
    (tmp_path / MANIFEST).write_text(json.dumps({"format": 1}))
    with pytest.raises(UserError, match="format 1 and this program reads 2"):
        open_scan(tmp_path)
