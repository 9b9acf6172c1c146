"""`tam-viz dataset`, `scan` and `report` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tam_viz.scan.progress import note
from tam_viz.scan.scan import alone
from tests.scan.made_up import made_up
from tests.support.command import tam_viz

CLASSES = ("a", "b")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A scan of which one clip could not be read."""
    labels = ["a", "b"] * 10
    answers: list[str | None] = [*labels]
    answers[:3] = ["b", "b", None]
    made_up(tmp_path / "run", labels, {"x": answers}, CLASSES)
    return tmp_path / "run"


def test_the_status_of_a_scan(run: Path) -> None:
    words = tam_viz("scan", "--status", str(run)).stdout
    assert "94.7%" in words  # 18 of 19
    assert "19" in words
    assert "a second" not in words
    note(run, 2.0, 600.0, 5, 20)
    assert "a second" not in tam_viz("scan", "--status", str(run)).stdout  # nobody is at work
    with alone(run):
        words = tam_viz("scan", "--status", str(run)).stdout
    assert "5 of 20 clips went through a network, 2.0 a second; about 10 minutes left." in words
    refused = tam_viz("scan", "DATA", "--status", str(run))
    assert refused.returncode == 2
    assert "leave out data" in refused.stderr


def test_the_report_of_a_scan(run: Path, tmp_path: Path) -> None:
    done = tam_viz("report", run, "--out", tmp_path / "report", "--pictures", "0")
    assert "report.html" in done.stdout
    assert (tmp_path / "report" / "clips.csv").read_text().count("\n") == 21


def test_what_a_dataset_holds(tmp_path: Path, videos: Path) -> None:
    folder = tmp_path / "data" / "run fast"
    folder.mkdir(parents=True)
    (folder / "a.mp4").write_bytes(sorted(videos.glob("*.mp4"))[0].read_bytes())
    (folder / "b.mp4").write_text("no video")
    words = " ".join(tam_viz("dataset", tmp_path / "data", "--limit", "0").stdout.split())
    assert "data: 2 clips of 1 class, 2 clips each." in words
    assert "Of 2 clips opened, 1 cannot be read." in words
    assert "run fast/b.mp4: 'run fast/b.mp4' is not a video" in words
