"""How far a scan is, for those who watch, and the way to stop it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tam_viz.scan.dataset import motionpairs
from tam_viz.scan.folder import begin
from tam_viz.scan.local import News
from tam_viz.scan.network import network_of
from tam_viz.scan.progress import Pace, describe_pace, note, pace, status
from tam_viz.scan.scan import at_work, scan, stop
from tam_viz.types import Card, UserError
from tests.scan.made_up import made_up


def test_the_pace_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pace(tmp_path) is None
    note(tmp_path, 12.34, 600.0, 1000, 9000)
    found = pace(tmp_path)
    assert found is not None
    assert describe_pace(found) == (
        "1,000 of 9,000 clips went through a network, 12.3 a second; about 10 minutes left."
    )
    for left, words in ((10.0, "less than a minute"), (60.0, "about a minute"), (9e3, "2.5 hours")):
        assert words in describe_pace(Pace(0.0, 1.0, left, 1, 2))
    later = time.time() + 100
    monkeypatch.setattr(time, "time", lambda: later)
    assert pace(tmp_path) is None  # it has ended, or hangs


def test_a_scan_ends_when_it_is_asked_to(
    networks: dict[str, Card], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = motionpairs("test", 2, 200)
    run = tmp_path / "run"
    told = (News(number, 64, done=True) for number in range(4))
    monkeypatch.setattr("tam_viz.scan.local.run_locally", lambda *_: told)
    steps = scan(dataset, [network_of(networks["tiny-tsm"], dataset)], run, device="cpu")
    assert next(steps).all_clips == 200
    assert next(steps).left_s is not None
    stop(run)
    with pytest.raises(UserError, match="was stopped"):
        next(steps)
    assert not at_work(run)
    assert not (run / "stop").exists()
    assert len(list(told)) == 0  # the engine was closed


def test_rows_with_an_error_are_counted_with_packs_and_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tam_viz.scan import packs, plan, shard  # noqa: PLC0415

    for room in (shard, packs, plan):
        monkeypatch.setattr(room, "GROUP", 2)
    monkeypatch.setattr("tam_viz.scan.folder.GROUP", 2)
    labels = ["a", "b"] * 100  # four sets in two groups
    given: list[str | None] = [None if i in (3, 150) else labels[i] for i in range(200)]
    scan_ = made_up(tmp_path / "run", labels, {"n": given}, ("a", "b"))
    before = scan_.clips
    assert [(s.clips, s.of, s.failed) for s in status(scan_.folder)] == [(200, 200, 2)]
    packs.pack_whole(scan_.folder, scan_.manifest, [0, 3])
    network = scan_.networks["n"]
    kept = packs.kept(scan_.folder, network)
    assert (len(kept.packs), len(kept.shards), kept.failed) == (2, 0, 2)
    again = type(scan_)(scan_.folder, scan_.manifest)
    assert again.clips.equals(before)
    (first,) = (tmp_path / "run" / "clips").rglob("000000-*")
    first.rename(first.with_name("000000-other.parquet"))
    kept = packs.kept(scan_.folder, network)
    assert (len(kept.packs), len(kept.shards)) == (1, 2)  # the pack of the group is not believed


def test_a_dataset_may_move(networks: dict[str, Card], tmp_path: Path, videos: Path) -> None:
    from tam_viz.scan.formats import open_dataset  # noqa: PLC0415

    data = tmp_path / "data"
    data.mkdir()
    (data / "a.mp4").write_bytes(next(videos.glob("*.mp4")).read_bytes())
    asked = [network_of(networks["tiny-tsm"], open_dataset(data))]
    assert begin(tmp_path / "run", open_dataset(data), asked).root.folder == data
    data.rename(tmp_path / "moved")
    moved = open_dataset(tmp_path / "moved")
    assert begin(tmp_path / "run", moved, asked).root.folder == tmp_path / "moved"
