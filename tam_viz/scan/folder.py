"""The folder of a scan: what was asked for, the clips, and which shards there are to make."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from tam_viz.scan.classes import match
from tam_viz.scan.dataset import Dataset, Root
from tam_viz.scan.shard import CLIPS, FORMAT, GROUP
from tam_viz.scan.store import Address, writable, write_table, write_whole
from tam_viz.types import Card, InputSpec, Sampling, UserError

MANIFEST, ITEMS = "manifest.json", "dataset"
Protocol = Literal["single", "published"]
_LIBRARIES = ("tam-viz", "torch", "torchvision", "numpy", "av", "pyarrow")


@dataclass(frozen=True)
class Network:
    """A network of a scan, under one protocol.

    Attributes:
        key: Its name in the scan: the id of the checkpoint, and the protocol where it is not that
            of a single view.
        id: Of the checkpoint.
        sha256: Of its weights.
        spec: What it is given.
        classes: Class names in the order of the logits.
        numbers: For each label of the dataset the number of its class; -1 where it has none.
        tam: Whether it has TAM blocks.
        traces: Whether V and Θ of every clip are kept.
        folder: Of the checkpoint, where its id does not lead to it; else empty.
        notice: What a person should know of how labels and classes were matched, or of its
            protocol; empty if nothing.
    """

    key: str
    id: str
    sha256: str
    spec: InputSpec
    classes: tuple[str, ...]
    numbers: dict[str, int]
    tam: bool
    traces: bool
    folder: str = ""
    notice: str = ""


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
    def shards(self) -> int:
        """Number of sets of clips."""
        return -(-self.clips // CLIPS)


@dataclass(frozen=True)
class _Format:
    """What every version of a manifest says."""

    format: int


_JSON, _FORMAT = TypeAdapter(Manifest), TypeAdapter(_Format)


def network_of(
    card: Card,
    dataset: Dataset,
    protocol: Protocol = "single",
    *,
    views: int | None = None,
    sampling: Sampling | None = None,
    traces: bool = False,
    given: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Network:
    """A network under a protocol, its classes matched with the labels of a dataset.

    Args:
        card: Of the network.
        dataset: The dataset.
        protocol: One view, or the views of its published test where it has one.
        views: Another number of positions in time.
        sampling: Another way of choosing frames.
        traces: Whether to keep V and Θ of every clip.
        given: For some labels the name of the class.
        folder: Of the checkpoint, where its id does not lead to it.

    Raises:
        UserError: `given` names what is not there, or the clips are drawn and have one view only.
    """
    spec = (card.published or card.input) if protocol == "published" else card.input
    named = "" if spec == card.input else f"@{protocol}"
    if sampling is not None and sampling != spec.sampling:
        spec, named = replace(spec, sampling=sampling), f"{named}@{sampling}"
    if views is not None and views != spec.views:
        spec, named = replace(spec, views=views), f"{named}@{views}-views"
    if dataset.root.drawn and (spec.all_views, spec.sampling) != (1, card.input.sampling):
        raise UserError(
            f"The clips of '{dataset.name}' are drawn for one view and have no other; write them "
            f"as files (`tam-viz clips --out FOLDER`) to compare protocols."
        )
    unpublished = (
        "It has no published test protocol, so it is given one view."
        if protocol == "published" and card.published is None and views is None
        else ""
    )
    matching = match(dataset, card.classes, given)
    numbers = dict(matching.numbers)
    tam = card.temporal.startswith("tam")
    return Network(
        key=card.id + named,
        id=card.id,
        sha256=card.sha256,
        spec=spec,
        classes=card.classes,
        numbers=numbers,
        tam=tam,
        traces=traces and tam,
        folder="" if folder is None else str(folder.absolute()),
        notice=" ".join(filter(None, [unpublished, matching.notice])),
    )


def begin(run: Address, dataset: Dataset, networks: Sequence[Network]) -> Manifest:
    """Begins a scan in a folder, or adds networks to the one that is there.

    The dataset may have moved: what counts is its list of clips. Answers of a network whose
    weights or protocol have changed are removed.

    Raises:
        UserError: The folder holds a scan of another dataset, or something else, or cannot be
            written to.
    """
    with writable(run):
        run.mkdir(parents=True, exist_ok=True)
        if (run / MANIFEST).exists():
            manifest = replace(read_manifest(run), root=dataset.root)
            if manifest.dataset_key != dataset.key:
                raise UserError(
                    f"'{run}' holds a scan of '{manifest.dataset}' ({manifest.clips:,} clips), "
                    f"which is another list of clips than '{dataset.name}' "
                    f"({len(dataset.items):,}); choose another folder."
                )
        else:
            manifest = _new(dataset)
            _remove(run / ITEMS)
        if not (run / MANIFEST).exists() or manifest.columns != dataset.columns:
            _write_items(run / ITEMS, dataset)
            manifest = replace(manifest, columns=dataset.columns)
        manifest = replace(manifest, networks=_added(run, manifest.networks, networks))
        write_whole(run / MANIFEST, _JSON.dump_json(manifest, indent=1))
    return manifest


def _added(run: Address, there: Sequence[Network], asked: Sequence[Network]) -> tuple[Network, ...]:
    """The networks of a scan when some are asked for; traces that are kept stay."""
    networks = {network.key: network for network in there}
    for network in asked:
        if sum(other.key == network.key for other in asked) > 1:
            raise UserError(
                f"Two networks are asked for as '{network.key}'; give each an id of its own."
            )
        before = networks.get(network.key)
        if before is not None and before.traces and network.tam:
            network = replace(network, traces=True)  # noqa: PLW2901
        if before is not None and before != network:
            for kind in ("clips", "traces", "seconds"):
                _remove(run / kind / network.key)
        networks[network.key] = network
    return tuple(networks.values())


def _remove(folder: Address) -> None:
    if not folder.exists():
        return
    if isinstance(folder, Path):
        shutil.rmtree(folder)
    else:
        folder.fs.rm(folder.path, recursive=True)


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


def _new(dataset: Dataset) -> Manifest:
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


def _write_items(folder: Address, dataset: Dataset) -> None:
    """The dataset's own table: path, label and its further columns.

    A row group is a set of clips, a file a group of sets: finding a set costs the same in every
    dataset.
    """
    rows = GROUP * CLIPS
    for first in range(0, len(dataset.items), rows):
        items = dataset.items[first : first + rows]
        columns = {
            "path": [item.path for item in items],
            "label": [item.label for item in items],
            **{name: [item.more.get(name, "") for item in items] for name in dataset.columns},
        }
        write_table(folder / f"{first // rows:05d}.parquet", pa.table(columns), rows=CLIPS)
