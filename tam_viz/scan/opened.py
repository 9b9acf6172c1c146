"""Reading a scan: one table of all clips, and V and Θ of any of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from tam_viz.scan.compact import TABLE, contents, stamp_in
from tam_viz.scan.folder import ITEMS
from tam_viz.scan.manifest import Manifest, read_manifest
from tam_viz.scan.network import Network
from tam_viz.scan.packs import kept
from tam_viz.scan.queries import all_of, answers, connected, joined, listed, quoted
from tam_viz.scan.rows import block_of
from tam_viz.scan.shard import CLIPS, group_of
from tam_viz.scan.store import Address, address, names_in
from tam_viz.types import TAMTrace, UserError


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
            key: all_of(self.folder / "seconds" / key, "*/*.parquet")
            for key in self.networks
            if any(names_in(self.folder / "seconds" / key))
        }
        if not files:
            return pd.DataFrame(columns=["network", "path", "reading_s", "network_s"])
        parts = [f"SELECT {quoted(key)} AS network, * FROM {some}" for key, some in files.items()]
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
        row = self.query(
            "SELECT count(*) FILTER (path < ?) AS before, count(*) FILTER (path = ?) AS there "
            "FROM dataset",
            [path, path],
        ).iloc[0]
        if not row["there"]:
            raise UserError(f"The scan has no clip '{path}'.")
        return int(row["before"]) // CLIPS

    def _listed(self) -> str:
        return ", ".join(self.networks) or "none"

    @cached_property
    def tables(self) -> duckdb.DuckDBPyConnection:
        """A database in memory whose tables are the files."""
        connection = connected(self.folder)
        connection.execute(
            f"CREATE VIEW dataset AS SELECT * FROM {all_of(self.folder / ITEMS, '*.parquet')}"
        )
        if stamp_in(self.folder / TABLE) == contents(self.folder, self.manifest):
            table = listed([self.folder / TABLE])
            connection.execute(f"CREATE VIEW clips AS SELECT * FROM {table}")
            return connection
        there = [
            key
            for key, network in self.networks.items()
            if answers(connection, key, kept(self.folder, network))
        ]
        connection.execute(f"CREATE VIEW clips AS {joined('dataset', there)}")
        return connection


def open_scan(run: str | Address) -> Scan:
    """Opens the scan in a folder, or at an address that fsspec knows.

    Raises:
        UserError: There is none.
    """
    folder = address(run)
    return Scan(folder, read_manifest(folder))
