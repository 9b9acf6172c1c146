"""How far a scan is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from tam_viz.scan.folder import Manifest, Network, read_manifest


@dataclass(frozen=True)
class Status:
    """What of a scan is done.

    Attributes:
        network: Its name in the scan.
        clips: Clips that have their row.
        of: Clips of the dataset.
        failed: Rows with an error.
    """

    network: str
    clips: int
    of: int
    failed: int


def status(run: Path) -> list[Status]:
    """How far each network of a scan is.

    Raises:
        UserError: The folder holds no scan.
    """
    manifest = read_manifest(run)
    return [_status(run, manifest, network) for network in manifest.networks]


def done_sets(run: Path, manifest: Manifest) -> set[int]:
    """Numbers of the sets that have a file for every network, whatever is in it."""
    numbers = [
        {int(path.name[:6]) for path in (run / "clips" / network.key).glob("*.parquet")}
        for network in manifest.networks
    ]
    return set.intersection(*numbers) if numbers else set()


def _status(run: Path, manifest: Manifest, network: Network) -> Status:
    clips = failed = 0
    for path in (run / "clips" / network.key).glob("*.parquet"):
        errors = pq.read_table(path, columns=["error"])["error"]
        clips += len(errors)
        failed += sum(bool(error) for error in errors.to_pylist())
    return Status(network.key, clips, manifest.clips, failed)
