"""The page of failures as files."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from tam_viz.reports.failures import name_of
from tam_viz.reports.scan_report import write_report
from tam_viz.scan.filters import Filter
from tam_viz.scan.locations import SHIPPED
from tam_viz.scan.opened import open_scan
from tam_viz.types import UserError
from tests.scan.made_up import made_up


def test_the_report_of_the_scan_that_comes_along(tmp_path: Path) -> None:
    scan = open_scan(SHIPPED / "protocols-on-gallery")
    first, second = "tanet-motionpairs", "tanet-motionpairs@dense"
    assert name_of(scan, second) == "tanet-motionpairs: one view, dense sampling"
    files = write_report(scan, tmp_path, networks=(first, second), by=("label", "speed"))
    page = files[0].read_text(encoding="utf-8")
    names = [name_of(scan, key) for key in (first, second)]
    for heading in (
        "All networks",
        f"{names[0]}: accuracy by label",
        f"{names[1]}: accuracy by speed",
        f"Which classes {names[0]} confuses",
        f"From {names[0]} to {names[1]}",
    ):
        assert f"<h2>{heading}</h2>" in page
    assert "data:image/png;base64," in page
    assert "src='http" not in page
    assert 'src="http' not in page
    tables = {path.name: pd.read_csv(path) for path in files[1:]}
    assert len(tables) == len(files) - 1
    assert len(tables["clips.csv"]) == scan.manifest.clips
    clips = scan.clips
    right = (clips[f"{first}.predicted"] == clips[f"{first}.true"]).mean()
    assert tables["01-all-networks.csv"]["top1"][0] == pytest.approx(right)


def test_names_of_strangers_are_escaped_and_filters_kept(tmp_path: Path) -> None:
    names = ("<b>a</b>", "c")
    scan = made_up(tmp_path / "run", list(names) * 2, {"n": [names[1], *names, names[1]]}, names)
    files = write_report(scan, tmp_path / "out", filtered=Filter(true=(names[0],)))
    page = files[0].read_text(encoding="utf-8")
    assert "<b>a</b>" not in page
    assert len(pd.read_csv(io.BytesIO(files[-1].read_bytes()))) == 2
    with pytest.raises(UserError, match="no answers of 'gone'"):
        write_report(scan, tmp_path / "out", networks=("gone",))
    with pytest.raises(UserError, match="no column 'gone'"):
        write_report(scan, tmp_path / "out", by=("gone",))
