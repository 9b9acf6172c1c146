"""The folder of a scan: begins one, or adds networks to the one that is there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tam_viz.scan.dataset import Dataset
from tam_viz.scan.items import Item
from tam_viz.scan.manifest import MANIFEST, Manifest, new_manifest, read_manifest, write_manifest
from tam_viz.scan.network import Network
from tam_viz.scan.shard import CLIPS, GROUP
from tam_viz.scan.store import Address, made_beside, names_in, writable
from tam_viz.types import UserError

ITEMS = "dataset"
KINDS = (ITEMS, "index", "clips", "traces", "seconds", "packs")
"""Folders of a scan."""
_BEGUN = (ITEMS, "job.json", "log.txt", "stop")
"""What is there of a scan before its manifest is."""
_TOGETHER = 16 * CLIPS


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
            _require_empty(run)
            manifest = new_manifest(dataset)
            _remove(run / ITEMS)
        if not (run / MANIFEST).exists() or manifest.columns != dataset.columns:
            _write_items(run / ITEMS, dataset)
            manifest = replace(manifest, columns=dataset.columns)
        manifest = replace(manifest, networks=_added(run, manifest.networks, networks))
        write_manifest(run, manifest)
    return manifest


def _require_empty(run: Address) -> None:
    """Refuses a folder of other things, which a scan would be mixed with.

    Raises:
        UserError: It holds what no scan that has just begun leaves.
    """
    foreign = [name for name in names_in(run) if name not in _BEGUN]
    items = run / ITEMS
    if not items.is_dir() and items.exists():
        foreign.append(ITEMS)
    foreign += [f"{ITEMS}/{n}" for n in names_in(items) if not re.fullmatch(r"\d{5}\.parquet", n)]
    if foreign:
        raise UserError(
            f"'{run}' holds no scan but other things, such as '{foreign[0]}'; choose a folder that "
            f"is empty or not there yet."
        )


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


def _write_items(folder: Address, dataset: Dataset) -> None:
    """The dataset's own table: path, label and its further columns.

    A row group is a set of clips, a file a group of sets: finding a set costs the same in every
    dataset.
    """
    columns = ("path", "label", *dataset.columns)
    schema = pa.schema([(name, pa.string()) for name in columns])
    items = iter(dataset.items)
    for number in range(-(-len(dataset.items) // (GROUP * CLIPS))):
        with (
            made_beside(folder / f"{number:05d}.parquet") as partial,
            pq.ParquetWriter(partial, schema, compression="zstd") as file,
        ):
            left = GROUP * CLIPS
            while left and (rows := list(islice(items, min(left, _TOGETHER)))):
                table = pa.table(_columns(rows, dataset.columns), schema=schema)
                file.write_table(table, row_group_size=CLIPS)
                left -= len(rows)


def _columns(items: Sequence[Item], further: Sequence[str]) -> dict[str, list[str]]:
    return {
        "path": [item.path for item in items],
        "label": [item.label for item in items],
        **{name: [item.more.get(name, "") for item in items] for name in further},
    }
