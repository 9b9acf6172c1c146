"""Scans whose answers are made up, to ask questions of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tam_viz.scan.dataset import made
from tam_viz.scan.folder import begin
from tam_viz.scan.items import Item
from tam_viz.scan.network import Network
from tam_viz.scan.opened import Scan, open_scan
from tam_viz.scan.plan import shards
from tam_viz.scan.root import Root
from tam_viz.scan.rows import Seen, Video, table_of
from tam_viz.scan.shard import Listed, write_shard
from tam_viz.types import InputSpec, Prediction, Run

SPEC = InputSpec(frames=4, resize=32, size=32)


def made_up(
    folder: Path,
    labels: Sequence[str],
    answers: Mapping[str, Sequence[str | None]],
    classes: Sequence[str],
    *,
    sure: float = 0.9,
) -> Scan:
    """A scan of clips `0000`, `0001`, …; an answer of None could not be had.

    Args:
        folder: Where it goes.
        labels: Of each clip.
        answers: For each network the class that it gives each clip.
        classes: Of the networks.
        sure: Probability of the class that is given.
    """
    items = [Item(f"{i:04d}", label, {"length": str(i % 40)}) for i, label in enumerate(labels)]
    dataset = made("made up", Root(seed=1), items)
    numbers = {label: list(classes).index(label) for label in dataset.classes if label in classes}
    networks = [
        Network(name, name, name, SPEC, tuple(classes), numbers, tam=False, traces=False)
        for name in answers
    ]
    manifest = begin(folder, dataset, networks)
    for number in range(manifest.shards):
        for together in shards(folder, manifest, number):
            for shard in together:
                given = answers[shard.network]
                rows = [_row(clip, given[int(clip.path)], classes, sure) for clip in shard.clips]
                write_shard(shard.path(folder), table_of(shard, rows))
    return open_scan(folder)


def _row(clip: Listed, answer: str | None, classes: Sequence[str], sure: float) -> Seen:
    if answer is None:
        return Seen(clip, error="it is broken")
    shares = np.full(len(classes), (1 - sure) / (len(classes) - 1))
    shares[list(classes).index(answer)] = sure
    logits = np.log(shares).astype(np.float32)
    prediction = Prediction(logits, logits[None], tuple(classes))
    run = Run(clip.path, "n", (), prediction, None, 0.0)
    return Seen(clip, Video(40, 4.0, "none", ()), run, np.zeros(64, np.float32))
