"""The manifest of a scan: what was asked for, of which dataset, when and with which versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from tam_viz.scan.dataset import Dataset
from tam_viz.scan.network import Network
from tam_viz.scan.root import Root
from tam_viz.scan.shard import CLIPS, FORMAT
from tam_viz.scan.store import Address, write_whole
from tam_viz.types import UserError

MANIFEST = "manifest.json"
_LIBRARIES = ("tam-viz", "torch", "torchvision", "numpy", "av", "pyarrow")


@dataclass(frozen=True)
class Manifest:
    """What a scan is of, with what, since when.

    Attributes:
        format: Version of the files.
        created: Day and time of the beginning, in UTC.
        versions: Of the libraries that decide the numbers.
        machine: On which it was begun.
        dataset: Name of the dataset.
        dataset_key: Hash of its paths and labels.
        root: Where its clips are.
        clips: How many there are.
        labels: The labels that occur.
        columns: Names of the further columns of the dataset's table.
        networks: In the order in which they were asked for.
    """

    format: int
    created: str
    versions: dict[str, str]
    machine: str
    dataset: str
    dataset_key: str
    root: Root
    clips: int
    labels: tuple[str, ...]
    columns: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    @property
    def begun(self) -> str:
        """Day and time of the beginning as people write it."""
        return f"{self.created[:16].replace('T', ' ')} UTC"

    @property
    def shards(self) -> int:
        """Number of sets of clips."""
        return -(-self.clips // CLIPS)


@dataclass(frozen=True)
class _Format:
    """What every version of a manifest says."""

    format: int


_JSON, _FORMAT = TypeAdapter(Manifest), TypeAdapter(_Format)


def new_manifest(dataset: Dataset) -> Manifest:
    """Of a scan of a dataset that begins now, with no networks yet."""
    return Manifest(
        format=FORMAT,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        dataset=dataset.name,
        dataset_key=dataset.key,
        root=dataset.root,
        clips=len(dataset.items),
        labels=dataset.classes,
        columns=dataset.columns,
    )


def write_manifest(run: Address, manifest: Manifest) -> None:
    """Writes what a scan is.

    Raises:
        UserError: The folder cannot be written to.
    """
    write_whole(run / MANIFEST, _JSON.dump_json(manifest, indent=1))


def read_manifest(run: Address) -> Manifest:
    """What the scan in a folder is.

    Raises:
        UserError: There is none, or another version of this program wrote it.
    """
    path = run / MANIFEST
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(
            f"'{run}' holds no scan; `tam-viz scan DATA --out {run}` makes one."
        ) from error
    except OSError as error:
        raise UserError(f"'{path}' cannot be read ({error.strerror or error}).") from error
    try:
        known = _FORMAT.validate_json(data)
        manifest = _JSON.validate_json(data) if known.format == FORMAT else None
    except ValidationError as error:
        raise UserError(f"'{path}' is not what `tam-viz scan` writes ({error}).") from error
    if manifest is None:
        raise UserError(
            f"'{run}' was written in format {known.format} and this program reads {FORMAT}; "
            f"scan into another folder."
        )
    return manifest


def versions() -> dict[str, str]:
    """Versions of the libraries that decide the numbers."""
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}


def changed_versions(run: Address) -> str:
    """Versions that a scan was begun with and that are others now; empty where there are none."""
    if not (run / MANIFEST).exists():
        return ""
    now = versions()
    begun = read_manifest(run).versions
    return ", ".join(f"{name} {begun[name]}" for name in begun if begun[name] != now.get(name))
