"""The unit of a scan: 64 clips through one network, in one file.

A shard is named by a hash of everything that decides what is in it, so a file that is there need
not be made again, on whichever machine it was made.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tam_viz.types import InputSpec, UserError

FORMAT = 1
"""Version of what a shard holds; part of its name."""
CLIPS = 64
"""Clips in a shard, and rows in a row group of its traces."""


@dataclass(frozen=True)
class Listed:
    """A clip of a shard.

    Attributes:
        path: Its name in the dataset.
        label: The class that the dataset gives it; empty where it gives none.
        true: Number of that class in the network; -1 where it has none.
        content: Hash of its bytes; empty where they cannot be read.
    """

    path: str
    label: str
    true: int
    content: str


@dataclass(frozen=True)
class Shard:
    """Everything that decides what is in a file.

    Attributes:
        number: Of the shard, from 0, in the order of the paths.
        clips: At most `CLIPS`.
        network: Its name in the scan.
        checkpoint: Id of the network.
        weights: SHA-256 of its weights.
        spec: What it is given.
        traces: Whether V and Θ of every clip are kept.
    """

    number: int
    clips: tuple[Listed, ...]
    network: str
    checkpoint: str
    weights: str
    spec: InputSpec
    traces: bool

    @property
    def name(self) -> str:
        """Number and hash; the same on every machine."""
        data = {"format": FORMAT, **dataclasses.asdict(self)}
        digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
        return f"{self.number:06d}-{digest[:24]}.parquet"

    def path(self, run: Path) -> Path:
        """The file of its answers."""
        return run / "clips" / self.network / self.name

    def trace_path(self, run: Path) -> Path:
        """The file of its traces."""
        return run / "traces" / self.network / self.name

    def is_there(self, run: Path) -> bool:
        """True if nothing is left to be done; traces are written first."""
        return self.path(run).exists()


def write_shard(path: Path, table: pa.Table, *, compression: str = "zstd") -> None:
    """Writes a shard whole or not at all; older files of it, made from other bytes, are removed.

    Raises:
        UserError: It cannot be written; nothing that was there is lost.
    """
    write_whole(path, table, compression=compression)
    for old in path.parent.glob(f"{path.name[:7]}*.parquet"):
        if old != path:
            old.unlink(missing_ok=True)


def write_whole(path: Path, table: pa.Table, *, compression: str = "zstd") -> None:
    """Writes a table whole or not at all: under another name, synced, then renamed.

    Raises:
        UserError: It cannot be written; nothing that was there is lost.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            pq.write_table(table, file, compression=compression, row_group_size=CLIPS)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UserError(
            f"'{path.parent}' cannot be written to ({error.strerror or error}). What was done is "
            f"kept; make room, or make the folder writable, and run the same command again."
        ) from error


def with_metadata(table: pa.Table, values: Mapping[str, object]) -> pa.Table:
    """A table that says what is in it, as JSON under `tam_viz`."""
    return table.replace_schema_metadata({"tam_viz": json.dumps(values, sort_keys=True)})
