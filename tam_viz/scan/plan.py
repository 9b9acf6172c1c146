"""Which shards are still to be made of a set of clips."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import pyarrow.parquet as pq

from tam_viz.scan.fingerprints import content_of, stamp
from tam_viz.scan.folder import ITEMS
from tam_viz.scan.items import Item
from tam_viz.scan.manifest import Manifest
from tam_viz.scan.network import Network
from tam_viz.scan.root import Root
from tam_viz.scan.shard import GROUP, Listed, Shard, group_of, remove_older
from tam_viz.scan.store import Address, is_local, write_whole

INDEX = "index"
_ASKING = 8
"""Clips of a store that are fetched at a time."""


def shards(run: Address, manifest: Manifest, number: int) -> Iterator[list[Shard]]:
    """The shards of one set of clips that are still to be made, those of equal input together.

    Raises:
        UserError: The index of the clips cannot be written.
    """
    items = _items(run, number)
    contents = _contents(run, manifest.root, items, number)
    networks = sorted(manifest.networks, key=lambda network: repr(network.spec))
    for _, alike in groupby(networks, key=lambda network: network.spec):
        planned = [_shard(network, items, contents, number) for network in alike]
        missing = [shard for shard in planned if not _is_made(shard, run)]
        if missing:
            yield missing


def _is_made(shard: Shard, run: Address) -> bool:
    there = shard.is_there(run)
    if there:
        remove_older(shard.path(run))
    return there


def _items(run: Address, number: int) -> list[Item]:
    path = run / ITEMS / f"{group_of(number)}.parquet"
    with path.open("rb") as file, pq.ParquetFile(file) as table:
        rows = table.read_row_group(number % GROUP, columns=["path", "label"]).to_pylist()
    return [Item(row["path"], row["label"]) for row in rows]


def _shard(network: Network, items: Sequence[Item], contents: Sequence[str], number: int) -> Shard:
    listed = tuple(
        Listed(item.path, item.label, network.numbers.get(item.label, -1), content)
        for item, content in zip(items, contents, strict=True)
    )
    traces = network.traces
    return Shard(number, listed, network.key, network.id, network.sha256, network.spec, traces)


def _contents(run: Address, root: Root, items: Sequence[Item], number: int) -> list[str]:
    """The hash of each clip; those of files that have not changed are remembered."""
    path = run / INDEX / group_of(number) / f"{number:06d}.json"
    known: dict[str, list[object]] = {}
    with contextlib.suppress(OSError, ValueError):  # none yet, or damaged: it is made anew
        known = json.loads(path.read_bytes())

    def entry(item: Item) -> list[object]:
        changed, before = stamp(root, item), known.get(item.path, [])
        same = changed is not None and before[:2] == list(changed) and bool(before[2])
        return [*(changed or (0, 0)), before[2] if same else content_of(root, item)]

    with ThreadPoolExecutor(1 if root.base is None or is_local(root.base) else _ASKING) as pool:
        fresh = dict(zip([item.path for item in items], pool.map(entry, items), strict=True))
    if fresh != known:
        write_whole(path, json.dumps(fresh).encode())
    return [str(fresh[item.path][2]) for item in items]
