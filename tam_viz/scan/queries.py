"""What DuckDB is asked over the files of a scan."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from upath import UPath

from tam_viz.scan.packs import ANSWER, COLUMNS, Kept
from tam_viz.scan.store import Address, is_local

_KINDS = {
    **dict.fromkeys(("path", "error", "decoder", "predicted", "true"), "VARCHAR"),
    "frames": "INTEGER",
}
"""Types of the columns of answers that are no fractions."""


def connected(folder: Address) -> duckdb.DuckDBPyConnection:
    """A database in memory that can read the files of a folder, wherever it is."""
    connection = duckdb.connect()
    if isinstance(folder, UPath) and not is_local(folder):
        connection.register_filesystem(folder.fs)
    return connection


def answers(connection: duckdb.DuckDBPyConnection, key: str, kept: Kept) -> bool:
    """Makes the table of the answers of a network; packs stay where they are.

    Returns:
        Whether there are any answers, and so the table.
    """
    columns = ", ".join(map(name_of, COLUMNS))
    parts = []
    if kept.packs:
        parts.append(f"SELECT {columns} FROM {listed(kept.packs)}")
    if kept.shards:
        loose = name_of(f"loose {key}")
        connection.execute(
            f"CREATE OR REPLACE TABLE {loose} AS SELECT {columns} FROM {listed(kept.shards)}"
        )
        parts.append(f"SELECT * FROM {loose}")
    if parts:
        connection.execute(f"CREATE OR REPLACE VIEW {_view(key)} AS {' UNION ALL '.join(parts)}")
    return bool(parts)


def no_answers(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Makes the table of a network that has answered nothing."""
    columns = ", ".join(f"NULL::{_KINDS.get(name, 'FLOAT')} AS {name_of(name)}" for name in COLUMNS)
    connection.execute(f"CREATE OR REPLACE VIEW {_view(key)} AS SELECT {columns} WHERE false")


def joined(dataset: str, networks: Sequence[str]) -> str:
    """The statement that puts what networks answered beside the dataset's own table.

    Args:
        dataset: The table as SQL has it.
        networks: Those with a table of answers.
    """
    views = {key: f"a{n}" for n, key in enumerate(networks)}
    errors = ", ".join([*(f"nullif({a}.error, '')" for a in views.values()), "''"])
    columns = ["d.*", f"coalesce({errors}) AS error"]
    for column, kind in (("frames", "INTEGER"), ("length_s", "FLOAT"), ("decoder", "VARCHAR")):
        some = ", ".join([*(f"{a}.{column}" for a in views.values()), f"NULL::{kind}"])
        columns.append(f"coalesce({some}) AS {column}")
    columns += [
        f'{a}."{column}" AS {name_of(f"{key}.{column}")}'
        for key, a in views.items()
        for column in ANSWER
    ]
    joins = [f"LEFT JOIN {_view(key)} {a} ON {a}.path = d.path" for key, a in views.items()]
    return f"SELECT {', '.join(columns)} FROM {dataset} d {' '.join(joins)}"


def _view(key: str) -> str:
    return name_of(f"answers {key}")


def all_of(folder: Address, pattern: str) -> str:
    """All files of a folder as a table."""
    return f"read_parquet({quoted(f'{_plain(folder)}/{pattern}')})"


def listed(files: Sequence[Address]) -> str:
    """Some files as a table."""
    return f"read_parquet([{', '.join(quoted(_plain(file)) for file in files)}])"


def _plain(path: Address) -> str:
    """A path in which no letter is a pattern for DuckDB."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def quoted(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def name_of(text: str) -> str:
    """The name of a column as SQL has it."""
    return '"' + text.replace('"', '""') + '"'
