"""The page of failures as files: one HTML page, and tables."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from tam_viz.panels.bench import failures as panels
from tam_viz.panels.files.export import csv, file_name
from tam_viz.panels.files.report import FrameStrip, html_report
from tam_viz.panels.panel import Panel
from tam_viz.reports.failures import accuracy_panel, changes_panel, confusion_panel, name_of
from tam_viz.scan import explore
from tam_viz.scan.census import describe_network_of
from tam_viz.scan.filters import Filter
from tam_viz.scan.items import Item
from tam_viz.scan.opened import Scan
from tam_viz.scan.store import writable, write_whole
from tam_viz.scan.summary import scores
from tam_viz.types import UserError

_STRIP_PX = 64
REPORT = "report.html"


def write_report(
    scan: Scan,
    folder: Path,
    *,
    networks: Sequence[str] = (),
    by: Sequence[str] = ("label",),
    filtered: Filter | None = None,
    pictures: int = 12,
) -> list[Path]:
    """Writes what the page of failures shows of a scan.

    Args:
        scan: The scan.
        folder: Where to.
        networks: Their names in the scan; by default all that have answers.
        by: Columns by which accuracy is shown.
        filtered: Which clips to look at; by default all.
        pictures: Clips whose frames are shown for each network, those that it is sure and wrong of.

    Returns:
        The files: the page first, then the tables.

    Raises:
        UserError: The scan has no such network or column, or the folder cannot be written to.
    """
    shown = tuple(networks) or scan.answered
    known = filtered or Filter()
    _require(scan, shown, by)
    every = list(_panels(scan, shown, by, known))
    strips = [strip for key in shown for strip in _strips(scan, key, known, pictures)]
    title = f"Failures: {scan.manifest.dataset}"
    page = html_report(title, _notices(scan, shown, known), every, strips=strips)
    tables = {
        f"{number:02d}-{file_name(panel, 'csv')}": csv(panel)
        for number, panel in enumerate(every, start=1)
    }
    tables["clips.csv"] = _clips(scan, known).to_csv(index=False).encode()
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, data in {REPORT: page.encode(), **tables}.items():
        write_whole(folder / name, data)
    return [folder / name for name in (REPORT, *tables)]


def _require(scan: Scan, networks: Sequence[str], by: Sequence[str]) -> None:
    if not scan.answered:
        raise UserError(f"Nothing of '{scan.folder}' is scanned yet; wait for the first clips.")
    for network in networks:
        if network not in scan.answered:
            raise UserError(
                f"The scan has no answers of '{network}'; it has those of "
                f"{', '.join(scan.answered)}."
            )
    known = ["label", *explore.columns(scan)]
    for column in by:
        if column not in known:
            raise UserError(f"The scan has no column '{column}'; it has {', '.join(known)}.")


def _panels(
    scan: Scan, networks: Sequence[str], by: Sequence[str], filtered: Filter
) -> Iterator[Panel]:
    whole = explore.networks(scan, networks, filtered.whatever_is_answered())
    if whole.empty:
        return
    whole.index = pd.Index([name_of(scan, key) for key in whole.index], name="network")
    yield panels.networks(whole)
    for key in networks:
        for column in by:
            if (panel := accuracy_panel(scan, key, "", filtered, column)) is not None:
                yield replace(panel, title=f"{name_of(scan, key)}: accuracy by {column}")
        if (panel := confusion_panel(scan, key, filtered)) is not None:
            yield panel
    for first, second in combinations(networks, 2):
        same_network = scan.networks[first].id == scan.networks[second].id
        if same_network or first == networks[0]:
            panel = changes_panel(scan, first, second, filtered, by[0])
            if panel is not None:
                names = name_of(scan, first), name_of(scan, second)
                yield replace(panel, title=f"From {names[0]} to {names[1]}")


def _notices(scan: Scan, networks: Sequence[str], filtered: Filter) -> list[str]:
    manifest = scan.manifest
    where = f" Only clips of the filter {filtered.in_address()}." if filtered != Filter() else ""
    return [
        f"{manifest.dataset}: {manifest.clips:,} clips, scanned from {manifest.begun} with "
        + ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
        + f".{where}",
        *(describe_network_of(manifest.labels, scan.networks[key]) for key in networks),
        *scores(scan).warnings,
    ]


def _strips(scan: Scan, network: str, filtered: Filter, count: int) -> Iterator[FrameStrip]:
    """The clips that a network is sure and wrong of, with the frames that it saw."""
    page, _ = explore.clips(scan, filtered, order=f"-{network}.disagreement", count=count)
    spec = scan.networks[network].spec
    for row in page.to_dict("records"):
        predicted = row[f"{network}.predicted"]
        if not isinstance(predicted, str) or predicted == row[f"{network}.true"]:
            continue
        item = Item(str(row["path"]), str(row["label"]))
        try:
            frames = scan.manifest.root.source(item).read(spec).frames
        except UserError:  # the dataset is not on this machine
            continue
        step = max(1, frames.shape[1] // _STRIP_PX)
        whole = io.BytesIO()
        Image.fromarray(np.concatenate(list(frames[:, ::step, ::step]), axis=1)).save(whole, "PNG")
        says = (
            f"{name_of(scan, network)} says '{predicted}' "
            f"({row[f'{network}.probability']:.2f}); true class: '{row['label'] or 'unknown'}'."
        )
        yield FrameStrip(whole.getvalue(), item.path, says)


def _clips(scan: Scan, filtered: Filter) -> pd.DataFrame:
    page, _ = explore.clips(scan, filtered, count=scan.manifest.clips)
    return page
