"""Reading a scan: one table of all clips, and V and Θ of any of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from tam_viz.scan.folder import ITEMS, Manifest, Network, read_manifest
from tam_viz.scan.packs import ANSWER, COLUMNS, groups, kept, stamp_of
from tam_viz.scan.rows import block_of
from tam_viz.scan.shard import CLIPS, group_of
from tam_viz.scan.store import Address, address, is_local, made_beside, names_in
from tam_viz.types import TAMTrace, UserError

TABLE = "clips.parquet"


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan on disk; it is read as it is asked for, and never written to.

    Attributes:
        folder: Where it is.
        manifest: What it is of.
    """

    folder: Address
    manifest: Manifest

    @property
    def networks(self) -> dict[str, Network]:
        """The networks by their names in the scan."""
        return {network.key: network for network in self.manifest.networks}

    @cached_property
    def clips(self) -> pd.DataFrame:
        """A row for each clip of the dataset, in the order of `path`.

        `path`, `label`, `error` (empty where there is none), the further columns of the dataset's
        table, `frames`, `length_s`, `decoder`, and for each network `<key>.predicted` and
        `<key>.true` (class names), `<key>.probability`, `<key>.true_probability`,
        `<key>.log_odds`, `<key>.margin` and `<key>.disagreement`, empty where the clip was not
        scanned yet or could not be.
        """
        return self.query("SELECT * FROM clips ORDER BY path")

    @cached_property
    def answered(self) -> tuple[str, ...]:
        """Names of the networks of which there are answers."""
        columns = self.query("SELECT column_name AS name FROM (DESCRIBE clips)")["name"]
        there = set(columns)
        return tuple(key for key in self.networks if f"{key}.predicted" in there)

    @cached_property
    def seconds(self) -> pd.DataFrame:
        """What clips took: `network`, `path`, `reading_s` (all views) and `network_s`.

        It is no part of `clips`, since no two scans take the same time.
        """
        files = {
            key: _files(self.folder / "seconds" / key, "*/*.parquet")
            for key in self.networks
            if any(names_in(self.folder / "seconds" / key))
        }
        if not files:
            return pd.DataFrame(columns=["network", "path", "reading_s", "network_s"])
        parts = [f"SELECT {_quoted(key)} AS network, * FROM {some}" for key, some in files.items()]
        return self.query(f"{' UNION ALL '.join(parts)} ORDER BY network, path")

    def query(self, sql: str, values: Sequence[object] = ()) -> pd.DataFrame:
        """What DuckDB answers; `clips` is the table of all clips, `dataset` the dataset's own.

        Args:
            sql: The question, `?` where a value stands.
            values: The values.

        Raises:
            UserError: The question is not understood, or a file of the scan is damaged.
        """
        try:
            return self.tables.cursor().execute(sql, list(values)).df()
        except duckdb.Error as error:
            raise UserError(f"DuckDB does not understand the question ({error}).") from error

    def trace(self, path: str, network: str) -> TAMTrace:
        """V and Θ of one clip, as float16 keeps them; of several views, those of the middle one.

        Raises:
            UserError: There is no such clip or network, or the traces were not kept.
        """
        if network not in self.networks:
            raise UserError(f"The scan has no network '{network}'; it has {self._listed()}.")
        number = self._set_of(path)
        folder = self.folder / "traces" / network / group_of(number)
        files = [name for name in names_in(folder) if name.startswith(f"{number:06d}-")]
        if not files:
            raise UserError(
                f"The scan holds no traces of '{network}' for this clip; scan with --traces."
            )
        with (folder / files[0]).open("rb") as file:
            table = pq.read_table(file, filters=[("path", "=", path)])
        blocks = json.loads(table.schema.metadata[b"tam_viz"])["blocks"]
        row = table.to_pylist()[0]
        if any(row.get(name) is None for name in blocks) or not blocks:
            raise UserError(f"'{path}' could not be scanned, so it has no V and Θ.")
        return TAMTrace(tuple(block_of(name, row[name], tuple(blocks[name])) for name in blocks))

    def _set_of(self, path: str) -> int:
        found = self.query(
            "SELECT count(*) FILTER (path < ?) AS before, count(*) FILTER (path = ?) AS there "
            "FROM dataset",
            [path, path],
        ).iloc[0]
        if not found["there"]:
            raise UserError(f"The scan has no clip '{path}'.")
        return int(found["before"]) // CLIPS

    def _listed(self) -> str:
        return ", ".join(self.networks) or "none"

    @cached_property
    def tables(self) -> duckdb.DuckDBPyConnection:
        """A database in memory whose tables are the files."""
        connection = duckdb.connect()
        if isinstance(self.folder, UPath) and not is_local(self.folder):
            connection.register_filesystem(self.folder.fs)
        connection.execute(
            f"CREATE VIEW dataset AS SELECT * FROM {_files(self.folder / ITEMS, '*.parquet')}"
        )
        if _stamp_of(self.folder / TABLE) == contents(self.folder, self.manifest):
            table = _list([self.folder / TABLE])
            connection.execute(f"CREATE VIEW clips AS SELECT * FROM {table}")
            return connection
        there = [key for key in self.networks if self._answers(connection, key)]
        connection.execute(f"CREATE VIEW clips AS {_joined(there)}")
        return connection

    def _answers(self, connection: duckdb.DuckDBPyConnection, key: str) -> bool:
        """Makes the table of the answers of a network; packs stay where they are."""
        files = kept(self.folder, self.networks[key])
        if not files.packs and not files.shards:
            return False
        columns = ", ".join(map(name_of, COLUMNS))
        parts = []
        if files.packs:
            parts.append(f"SELECT {columns} FROM {_list(files.packs)}")
        if files.shards:
            loose = name_of(f"loose {key}")
            connection.execute(
                f"CREATE TABLE {loose} AS SELECT {columns} FROM {_list(files.shards)}"
            )
            parts.append(f"SELECT * FROM {loose}")
        connection.execute(f"CREATE VIEW {_view(key)} AS {' UNION ALL '.join(parts)}")
        return True


def compact(run: Address) -> None:
    """Writes the table of all clips as one file, which opens at once however many shards there are.

    It is used for as long as the shards are those that it was made of.

    Raises:
        UserError: The folder holds no scan, or cannot be written to.
    """
    scan = open_scan(run)
    stamp = contents(run, scan.manifest)
    if _stamp_of(run / TABLE) == stamp:
        return
    with made_beside(run / TABLE) as partial:
        scan.tables.execute(
            f"COPY (SELECT * FROM clips ORDER BY path) TO {_quoted(str(partial))} "
            f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{shards: {_quoted(stamp)}}})"
        )


def contents(run: Address, manifest: Manifest) -> str:
    """Hash of the names of all shards, and so of what is in them, and of the dataset's columns."""
    names = [
        [network.key, *(name for _, some in groups(run, network) for name in some)]
        for network in manifest.networks
    ]
    return stamp_of([json.dumps(part) for part in [*names, list(manifest.columns)]])


def _stamp_of(table: Address) -> str:
    try:
        with table.open("rb") as file:
            stamp: bytes = (pq.read_schema(file).metadata or {}).get(b"shards", b"")
    except (FileNotFoundError, pa.ArrowInvalid):  # none yet, or a damaged one
        return ""
    return stamp.decode()


def _joined(networks: Sequence[str]) -> str:
    """The statement that puts what networks answered beside the dataset's own table."""
    views = {key: f"a{n}" for n, key in enumerate(networks)}
    errors = ", ".join([*(f"nullif({a}.error, '')" for a in views.values()), "''"])
    columns = ["dataset.*", f"coalesce({errors}) AS error"]
    for column, kind in (("frames", "INTEGER"), ("length_s", "FLOAT"), ("decoder", "VARCHAR")):
        some = ", ".join([*(f"{a}.{column}" for a in views.values()), f"NULL::{kind}"])
        columns.append(f"coalesce({some}) AS {column}")
    columns += [
        f'{a}."{column}" AS {name_of(f"{key}.{column}")}'
        for key, a in views.items()
        for column in ANSWER
    ]
    joins = [f"LEFT JOIN {_view(key)} {a} ON {a}.path = dataset.path" for key, a in views.items()]
    return f"SELECT {', '.join(columns)} FROM dataset {' '.join(joins)}"


def open_scan(run: str | Address) -> Scan:
    """Opens the scan in a folder, or at an address that fsspec knows.

    Raises:
        UserError: There is none.
    """
    folder = address(run)
    return Scan(folder, read_manifest(folder))


def _view(key: str) -> str:
    return name_of(f"answers {key}")


def _files(folder: Address, pattern: str) -> str:
    """All files of a folder as a table."""
    return f"read_parquet({_quoted(f'{_plain(folder)}/{pattern}')})"


def _list(files: Sequence[Address]) -> str:
    return f"read_parquet([{', '.join(_quoted(_plain(file)) for file in files)}])"


def _plain(path: Address) -> str:
    """A path in which no letter is a pattern for DuckDB."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def name_of(text: str) -> str:
    """The name of a column as SQL has it."""
    return '"' + text.replace('"', '""') + '"'
