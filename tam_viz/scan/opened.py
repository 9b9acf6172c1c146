"""Reading a scan: one table of all clips, and V and Θ of any of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tam_viz.scan.folder import ITEMS, Manifest, Network, read_manifest
from tam_viz.scan.rows import block_of
from tam_viz.scan.shard import CLIPS, write_whole
from tam_viz.types import TAMTrace, UserError

TABLE = "clips.parquet"
ANSWER = (
    *("predicted", "true", "probability", "true_probability", "log_odds"),
    *("margin", "disagreement"),
)
"""Columns of the table of all clips that each network has."""


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan on disk; it is read as it is asked for, and never written to.

    Attributes:
        folder: Where it is.
        manifest: What it is of.
    """

    folder: Path
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

    def query(self, sql: str, values: Sequence[object] = ()) -> pd.DataFrame:
        """What DuckDB answers; `clips` is the table of all clips, `dataset` the dataset's own.

        Args:
            sql: The question, `?` where a value stands.
            values: The values.

        Raises:
            UserError: The question is not understood.
        """
        try:
            return self._tables.cursor().execute(sql, list(values)).df()
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
        files = list((self.folder / "traces" / network).glob(f"{number:06d}-*.parquet"))
        if not files:
            raise UserError(
                f"The scan holds no traces of '{network}' for this clip; scan with --traces."
            )
        table = pq.read_table(files[0], filters=[("path", "=", path)])
        blocks = json.loads(table.schema.metadata[b"tam_viz"])["blocks"]
        row = table.to_pylist()[0]
        if any(row.get(name) is None for name in blocks) or not blocks:
            raise UserError(f"'{path}' could not be scanned, so it has no V and Θ.")
        return TAMTrace(tuple(block_of(name, row[name], tuple(blocks[name])) for name in blocks))

    def _set_of(self, path: str) -> int:
        found = self.query(
            f"SELECT row_number FROM (SELECT path, file_row_number AS row_number FROM "
            f"read_parquet({_quoted(str(self.folder / ITEMS))}, file_row_number=true)) "
            f"WHERE path = {_quoted(path)}"
        )
        if found.empty:
            raise UserError(f"The scan has no clip '{path}'.")
        return int(found["row_number"].iloc[0]) // CLIPS

    def _listed(self) -> str:
        return ", ".join(self.networks) or "none"

    @cached_property
    def _tables(self) -> duckdb.DuckDBPyConnection:
        """A database in memory whose tables are the files."""
        connection = duckdb.connect()
        for statement in self._views():
            connection.execute(statement)
        return connection

    def _views(self) -> list[str]:
        """The statements that make the tables of `query`."""
        dataset = f"CREATE VIEW dataset AS SELECT * FROM {_parquet(self.folder / ITEMS)}"
        table = self.folder / TABLE
        if _stamp_of(table) == contents(self.folder, self.manifest):
            return [dataset, f"CREATE VIEW clips AS SELECT * FROM {_parquet(table)}"]
        there = [
            key for key in self.networks if any((self.folder / "clips" / key).glob("*.parquet"))
        ]
        files = [_parquet(self.folder / "clips" / key / "*.parquet") for key in there]
        answers = [
            f"CREATE VIEW answers_{n} AS SELECT * FROM {some}" for n, some in enumerate(files)
        ]
        return [dataset, *answers, f"CREATE VIEW clips AS {_joined(there)}"]


def compact(run: Path) -> None:
    """Writes the table of all clips as one file, which opens at once however many shards there are.

    It is used for as long as the shards are those that it was made of.

    Raises:
        UserError: The folder holds no scan, or cannot be written to.
    """
    scan = open_scan(run)
    stamp = contents(run, scan.manifest)
    if _stamp_of(run / TABLE) == stamp:
        return
    table = pa.Table.from_pandas(scan.clips, preserve_index=False)
    write_whole(run / TABLE, table.replace_schema_metadata({"shards": stamp}))


def contents(run: Path, manifest: Manifest) -> str:
    """Hash of the names of all shards, and so of what is in them."""
    digest = hashlib.sha256()
    for network in manifest.networks:
        folder = run / "clips" / network.key
        names = sorted(path.name for path in folder.glob("*.parquet"))
        digest.update(json.dumps([network.key, names]).encode())
    return digest.hexdigest()


def _stamp_of(table: Path) -> str:
    if not table.exists():
        return ""
    stamp: bytes = (pq.read_schema(table).metadata or {}).get(b"shards", b"")
    return stamp.decode()


def _joined(networks: Sequence[str]) -> str:
    """The statement that puts what networks answered beside the dataset's own table."""
    numbers = range(len(networks))
    errors = ", ".join([*(f"nullif(a{n}.error, '')" for n in numbers), "''"])
    columns = ["dataset.*", f"coalesce({errors}) AS error"]
    for column in ("frames", "length_s", "decoder"):
        columns.append(f"coalesce({', '.join([*(f'a{n}.{column}' for n in numbers), 'NULL'])})")
        columns[-1] += f" AS {column}"
    columns += [
        f'a{n}."{column}" AS {name_of(f"{key}.{column}")}'
        for n, key in enumerate(networks)
        for column in ANSWER
    ]
    joins = [f"LEFT JOIN answers_{n} a{n} ON a{n}.path = dataset.path" for n in numbers]
    return f"SELECT {', '.join(columns)} FROM dataset {' '.join(joins)}"


def open_scan(run: str | Path) -> Scan:
    """Opens the scan in a folder.

    Raises:
        UserError: The folder holds none.
    """
    folder = Path(run).absolute()
    return Scan(folder, read_manifest(folder))


def _parquet(path: Path) -> str:
    return f"read_parquet({_quoted(str(path))})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def name_of(text: str) -> str:
    """The name of a column as SQL has it."""
    return '"' + text.replace('"', '""') + '"'
