"""The folder of a scan: what was asked for, the clips, and which shards there are to make."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from tam_viz.scan.classes import match
from tam_viz.scan.dataset import Dataset, Item, Root
from tam_viz.scan.fingerprints import content_of, stamp
from tam_viz.scan.shard import CLIPS, FORMAT, Listed, Shard
from tam_viz.types import Card, InputSpec, UserError

MANIFEST, ITEMS, INDEX = "manifest.json", "dataset.parquet", "index"
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
    """

    key: str
    id: str
    sha256: str
    spec: InputSpec
    classes: tuple[str, ...]
    numbers: dict[str, int]
    tam: bool
    traces: bool


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
    networks: tuple[Network, ...] = ()

    @property
    def shards(self) -> int:
        """Number of sets of clips."""
        return -(-self.clips // CLIPS)


_JSON = TypeAdapter(Manifest)


def network_of(
    card: Card,
    dataset: Dataset,
    protocol: Protocol = "single",
    *,
    views: int | None = None,
    traces: bool = False,
    given: Mapping[str, str] | None = None,
) -> Network:
    """A network under a protocol, its classes matched with the labels of a dataset.

    Args:
        card: Of the network.
        dataset: The dataset.
        protocol: One view, or the views of its published test where it has one.
        views: Another number of positions in time.
        traces: Whether to keep V and Θ of every clip.
        given: For some labels the name of the class.

    Raises:
        UserError: `given` names what is not there.
    """
    spec = (card.published or card.input) if protocol == "published" else card.input
    named = "" if spec == card.input else f"@{protocol}"
    if views is not None and views != spec.views:
        spec, named = replace(spec, views=views), f"{named}@{views}-views"
    matching = match(dataset, card.classes, given)
    numbers = dict(matching.numbers)
    tam = card.temporal.startswith("tam")
    return Network(
        card.id + named, card.id, card.sha256, spec, card.classes, numbers, tam, traces and tam
    )


def begin(run: Path, dataset: Dataset, networks: Sequence[Network]) -> Manifest:
    """Begins a scan in a folder, or adds networks to the one that is there.

    Raises:
        UserError: The folder holds a scan of another dataset, or something else, or cannot be
            written to.
    """
    try:
        run.mkdir(parents=True, exist_ok=True)
        if (run / MANIFEST).exists():
            manifest = read_manifest(run)
            if manifest.dataset_key != dataset.key:
                raise UserError(
                    f"'{run}' holds a scan of '{manifest.dataset}' ({manifest.clips:,} clips), "
                    f"which is another list of clips than '{dataset.name}' "
                    f"({len(dataset.items):,}); choose another folder."
                )
        else:
            manifest = _new(dataset)
            _write_items(run / ITEMS, dataset)
        asked = {network.key: network for network in networks}
        kept = [asked.pop(network.key, network) for network in manifest.networks]
        manifest = replace(manifest, networks=(*kept, *asked.values()))
        _write(run / MANIFEST, _JSON.dump_json(manifest, indent=1))
    except OSError as error:
        raise UserError(
            f"'{run}' cannot be written to ({error.strerror or error}); choose another folder."
        ) from error
    return manifest


def read_manifest(run: Path) -> Manifest:
    """What the scan in a folder is.

    Raises:
        UserError: There is none, or another version of this program wrote it.
    """
    path = run / MANIFEST
    try:
        manifest = _JSON.validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise UserError(
            f"'{run}' holds no scan; `tam-viz scan DATA --out {run}` makes one."
        ) from error
    except (OSError, ValidationError) as error:
        raise UserError(f"'{path}' is not what `tam-viz scan` writes ({error}).") from error
    if manifest.format != FORMAT:
        raise UserError(
            f"'{run}' was written in format {manifest.format} and this program reads {FORMAT}; "
            f"scan into another folder."
        )
    return manifest


def _new(dataset: Dataset) -> Manifest:
    return Manifest(
        format=FORMAT,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={name: importlib.metadata.version(name) for name in _LIBRARIES},
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        dataset=dataset.name,
        dataset_key=dataset.key,
        root=dataset.root,
        clips=len(dataset.items),
        labels=dataset.classes,
    )


def _write_items(path: Path, dataset: Dataset) -> None:
    """The dataset's own table: path, label and its further columns; row groups are shards."""
    columns = {
        "path": [item.path for item in dataset.items],
        "label": [item.label for item in dataset.items],
    }
    for name in dataset.columns:
        column = name if name not in columns else f"{name}_of_table"
        columns[column] = [item.more.get(name, "") for item in dataset.items]
    partial = path.with_name(f".{path.name}.partial")
    pq.write_table(pa.table(columns), partial, row_group_size=CLIPS, compression="zstd")
    partial.replace(path)


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def shards(run: Path, manifest: Manifest, number: int) -> Iterator[list[Shard]]:
    """The shards of one set of clips that are still to be made, those of equal input together.

    Raises:
        UserError: The index of the clips cannot be written.
    """
    items = _items(run, number)
    contents = _contents(run, manifest.root, items, number)
    networks = sorted(manifest.networks, key=lambda network: repr(network.spec))
    for _, alike in groupby(networks, key=lambda network: network.spec):
        planned = [_shard(network, items, contents, number) for network in alike]
        missing = [shard for shard in planned if not shard.is_there(run)]
        if missing:
            yield missing


def _items(run: Path, number: int) -> list[Item]:
    with pq.ParquetFile(run / ITEMS) as file:
        rows = file.read_row_group(number, columns=["path", "label"]).to_pylist()
    return [Item(row["path"], row["label"]) for row in rows]


def _shard(network: Network, items: Sequence[Item], contents: Sequence[str], number: int) -> Shard:
    listed = tuple(
        Listed(item.path, item.label, network.numbers.get(item.label, -1), content)
        for item, content in zip(items, contents, strict=True)
    )
    traces = network.traces
    return Shard(number, listed, network.key, network.id, network.sha256, network.spec, traces)


def _contents(run: Path, root: Root, items: Sequence[Item], number: int) -> list[str]:
    """The hash of each clip; those of files that have not changed are remembered."""
    path = run / INDEX / f"{number:06d}.json"
    known: dict[str, list[object]] = {}
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
    fresh: dict[str, list[object]] = {}
    for item in items:
        size, changed = stamp(root, item)
        kept = known.get(item.path, [])
        same = kept[:2] == [size, changed] and bool(kept[2])
        fresh[item.path] = [size, changed, kept[2] if same else content_of(root, item)]
    if fresh != known:
        try:
            path.parent.mkdir(exist_ok=True)
            _write(path, json.dumps(fresh).encode())
        except OSError as error:
            raise UserError(
                f"'{path.parent}' cannot be written to ({error.strerror or error}). What was done "
                f"is kept; make room and run the same command again."
            ) from error
    return [str(fresh[item.path][2]) for item in items]
