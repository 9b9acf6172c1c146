"""Scans made in this process, and their files."""

from __future__ import annotations

from pathlib import Path

from tam_viz.scan.dataset import motionpairs
from tam_viz.scan.folder import begin
from tam_viz.scan.local import scan_set
from tam_viz.scan.network import network_of
from tam_viz.types import Card

Networks = dict[str, Card]


def whole(folder: Path, cards: Networks, count: int = 70, *, traces: bool = False) -> Path:
    """A scan of the first MotionPairs test clips, made in this process."""
    dataset = motionpairs("test", 2, count)
    asked = [network_of(card, dataset, traces=traces) for card in cards.values()]
    manifest = begin(folder, dataset, asked)
    for number in range(manifest.shards):
        list(scan_set(folder, number, "cpu"))
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """What a scan keeps of its clips, by the path inside its folder."""
    kept = ("clips", "traces")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for kind in kept
        for path in sorted((folder / kind).rglob("*"))
        if path.is_file()
    }
