"""Which shards are still to be made of a set of clips."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from itertools import groupby

import pyarrow.parquet as pq

from tam_viz.scan.dataset import Item, Root
from tam_viz.scan.fingerprints import content_of, stamp
from tam_viz.scan.folder import ITEMS, Manifest, Network
from tam_viz.scan.shard import GROUP, Listed, Shard, group_of
from tam_viz.scan.store import Address, write_whole

INDEX = "index"


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
        missing = [shard for shard in planned if not shard.is_there(run)]
        if missing:
            yield missing


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
    fresh: dict[str, list[object]] = {}
    for item in items:
        size, changed = stamp(root, item)
        kept = known.get(item.path, [])
        same = kept[:2] == [size, changed] and bool(kept[2])
        fresh[item.path] = [size, changed, kept[2] if same else content_of(root, item)]
    if fresh != known:
        write_whole(path, json.dumps(fresh).encode())
    return [str(fresh[item.path][2]) for item in items]
