"""The table of all clips in one file, which opens at once however many shards there are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tam_viz.scan.folder import ITEMS
from tam_viz.scan.manifest import Manifest, read_manifest
from tam_viz.scan.packs import groups, kept_of_group
from tam_viz.scan.queries import answers, connected, joined, listed, no_answers
from tam_viz.scan.store import Address, made_beside, names_in

TABLE = "clips.parquet"


def compact(run: Address) -> None:
    """Writes the table of all clips, a group of sets at a time.

    It is used for as long as the shards are those that it was made of.

    Raises:
        UserError: The folder holds no scan, or cannot be written to.
    """
    manifest = read_manifest(run)
    stamp = contents(run, manifest)
    if stamp_in(run / TABLE) == stamp:
        return
    with made_beside(run / TABLE) as partial, connected(run) as connection:
        parts = _parts(run, manifest, connection)
        first = next(parts)
        with pq.ParquetWriter(partial, first.schema, compression="zstd") as file:
            file.write_table(first)
            for part in parts:
                file.write_table(part)
            file.add_key_value_metadata({"shards": stamp})


def _parts(
    run: Address, manifest: Manifest, connection: duckdb.DuckDBPyConnection
) -> Iterator[pa.Table]:
    """The rows of each group of sets, those of every group with the same columns."""
    there = [network for network in manifest.networks if any(groups(run, network))]
    for name in names_in(run / ITEMS, ".parquet"):
        group = name.removesuffix(".parquet")
        for network in there:
            if not answers(connection, network.key, kept_of_group(run, network, group)):
                no_answers(connection, network.key)
        statement = joined(listed([run / ITEMS / name]), [network.key for network in there])
        yield connection.sql(f"{statement} ORDER BY d.path").to_arrow_table()


def contents(run: Address, manifest: Manifest) -> str:
    """Hash of the names of all shards, and so of what is in them, and of the dataset's columns."""
    digest = hashlib.sha256(json.dumps(manifest.columns).encode())
    for network in manifest.networks:
        for group, names in groups(run, network):
            digest.update(json.dumps([network.key, group, names]).encode())
    return digest.hexdigest()


def stamp_in(table: Address) -> str:
    """What the table says that it was made of; empty where there is no whole one."""
    try:
        with table.open("rb") as file:
            stamp: bytes = (pq.read_metadata(file).metadata or {}).get(b"shards", b"")
    except (FileNotFoundError, pa.ArrowInvalid):  # none yet, or a damaged one
        return ""
    return stamp.decode()
