"""Where scans are kept: folders, other stores, and what they refuse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from upath import UPath

from tam_viz.models.cards import read_all
from tam_viz.scan import explore
from tam_viz.scan.compact import compact
from tam_viz.scan.dataset import motionpairs
from tam_viz.scan.filters import Filter, save, saved
from tam_viz.scan.folder import begin
from tam_viz.scan.local import scan_set
from tam_viz.scan.network import network_of
from tam_viz.scan.opened import open_scan
from tam_viz.scan.progress import status
from tam_viz.scan.scan import scan
from tam_viz.scan.store import address, is_local, names_in
from tam_viz.types import Card, UserError
from tests.support.scans import files, whole


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[str]:
    """An address in memory that no other test has."""
    name = f"memory://{tmp_path.name}"
    yield name
    there = UPath(name)
    if there.exists():
        there.fs.rm(there.path, recursive=True)


def test_addresses(tmp_path: Path) -> None:
    assert address("runs/a") == Path("runs/a").absolute()
    assert address(f"file://{tmp_path}/a b") == tmp_path / "a b"
    assert is_local(address(f"file://{tmp_path}"))
    assert not is_local(address("memory://x/run"))
    with pytest.raises(UserError, match="nonsense"):
        address("nonsense://bucket/run")
    assert names_in(address("memory://x/none")) == []


def test_a_scan_in_another_store_is_the_same(
    networks: dict[str, Card], tmp_path: Path, memory: str
) -> None:
    folder = whole(tmp_path / "run", networks, traces=True)
    dataset = motionpairs("test", 2, 70)
    run = address(f"{memory}/run")
    asked = [network_of(card, dataset, traces=True) for card in networks.values()]
    manifest = begin(run, dataset, asked)
    for number in range(manifest.shards):
        list(scan_set(run, number, "cpu"))
    there = {
        PurePosixPath(path.as_posix()).relative_to(run.as_posix()).as_posix(): path.read_bytes()
        for kind in ("clips", "traces")
        for path in (run / kind).rglob("*.parquet")
    }
    assert there == files(folder)
    scanned, local = open_scan(f"{memory}/run"), open_scan(folder)
    assert scanned.clips.equals(local.clips)
    for _ in range(2):  # of the shards, and of the table that is made of them
        again = open_scan(run)
        assert again.clips.equals(local.clips)
        assert explore.clips(again, Filter(text="007"))[1] == 1
        compact(run)
    assert [(s.clips, s.failed) for s in status(run)] == [(70, 0)] * 3
    assert len(again.seconds) == 3 * 70
    one, other = (s.trace("test/2/000065", "tiny-tam") for s in (again, local))
    assert (one[one.names[0]].importance == other[other.names[0]].importance).all()
    save(again, Filter("kept", text="1"))
    assert saved(open_scan(run)) == (Filter("kept", text="1"),)
    begin(run, dataset, asked)  # goes on with what is there
    assert {path.name for path in (run / "clips").rglob("*.parquet")} == {
        Path(name).name for name in files(folder) if name.startswith("clips")
    }


def test_a_name_that_reads_like_a_pattern(networks: dict[str, Card], tmp_path: Path) -> None:
    folder = whole(tmp_path / "run [a-b]*'?", {"tiny-tsm": networks["tiny-tsm"]})
    assert len(open_scan(folder).clips) == 70
    compact(folder)
    assert (open_scan(folder).clips["tiny-tsm.predicted"].notna()).all()


_LIMITED = """
import resource, sys, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
from tests.scan.test_store import scan_here
try:
    scan_here(sys.argv[1])
except Exception as error:
    print(type(error).__name__, error)
"""


def scan_here(folder: str) -> None:
    """A scan of 130 clips by the tiny networks, in this process."""
    dataset = motionpairs("test", 2, 130)
    cards = [card for name, card in sorted(read_all()[0].items()) if name.startswith("tiny")]
    asked = [network_of(card, dataset, traces=True) for card in cards]
    manifest = begin(Path(folder), dataset, asked)
    for number in range(manifest.shards):
        list(scan_set(Path(folder), number, "cpu"))


def test_a_disk_that_takes_no_more_ends_with_a_sentence_and_nothing_is_lost(
    networks: dict[str, Card], tmp_path: Path
) -> None:
    folder = whole(tmp_path / "run", {"tiny-tsm": networks["tiny-tsm"]}, 130)
    before = files(folder)
    largest = max(map(len, before.values()))
    command = [sys.executable, "-c", _LIMITED, str(folder), str(largest + 1000)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert told.startswith("UserError")  # the first file of traces is larger
    assert "What was done is kept" in told
    after = files(folder)
    assert before.items() <= after.items()
    assert not list(folder.rglob("*.partial"))
    scan_here(str(folder))
    assert files(folder) == files(whole(tmp_path / "other", networks, 130, traces=True))


def test_a_folder_that_can_no_longer_be_written_to(
    networks: dict[str, Card], tmp_path: Path
) -> None:
    folder = whole(tmp_path / "run", {"tiny-tsm": networks["tiny-tsm"]})
    before = files(folder)
    (folder / "traces").write_text("no folder any more")
    dataset = motionpairs("test", 2, 70)
    asked = [network_of(networks["tiny-tam"], dataset, traces=True)]
    with pytest.raises(UserError, match=r"traces.*' cannot be written to .* is kept"):
        list(scan(dataset, asked, folder, workers=1, device="cpu"))
    kept = {path.read_bytes() for path in (folder / "clips").rglob("*.parquet")}
    assert set(before.values()) <= kept
    (folder / "traces").unlink()
    for number in range(2):
        list(scan_set(folder, number, "cpu"))
    assert len(files(folder)) == 2 + 2 + 2
