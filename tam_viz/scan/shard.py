"""The unit of a scan: 64 clips through one network, in one file.

A shard is named by a hash of everything that decides what is in it, so a file that is there need
not be made again, on whichever machine it was made.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from tam_viz.scan.store import Address, names_in, write_table
from tam_viz.types import InputSpec

FORMAT = 2
"""Version of what a shard holds and of where it lies; part of its name."""
CLIPS = 64
"""Clips in a shard, and rows in a row group of its traces."""
GROUP = 256
"""Sets of clips whose files share a folder: no folder grows with the dataset."""


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

    def path(self, run: Address) -> Address:
        """The file of its answers."""
        return run / "clips" / self.network / group_of(self.number) / self.name

    def trace_path(self, run: Address) -> Address:
        """The file of its traces."""
        return run / "traces" / self.network / group_of(self.number) / self.name

    def seconds_path(self, run: Address) -> Address:
        """The file of what its clips took; no two runs of it write the same."""
        return run / "seconds" / self.network / group_of(self.number) / self.name

    def is_there(self, run: Address) -> bool:
        """True if nothing is left to be done; the file of the answers is written last."""
        return self.path(run).exists()


def group_of(number: int) -> str:
    """The folder of a set of clips."""
    return f"{number // GROUP:05d}"


def write_shard(path: Address, table: pa.Table, *, compression: str = "zstd") -> None:
    """Writes a shard whole or not at all; older files of it, made from other bytes, are removed.

    Raises:
        UserError: It cannot be written; nothing that was there is lost.
    """
    write_table(path, table, rows=CLIPS, compression=compression)
    remove_older(path)


def remove_older(path: Address) -> None:
    """Removes other files of the same set: a kill may have come before they were removed."""
    for name in names_in(path.parent):
        if name.startswith(path.name[:7]) and name != path.name:
            (path.parent / name).unlink(missing_ok=True)


def with_metadata(table: pa.Table, values: Mapping[str, object]) -> pa.Table:
    """A table that says what is in it, as JSON under `tam_viz`."""
    return table.replace_schema_metadata({"tam_viz": json.dumps(values, sort_keys=True)})
