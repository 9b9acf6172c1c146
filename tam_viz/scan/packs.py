"""The answers of many shards in one file, so that a scan opens at once however large it is.

A pack holds those of a whole group of sets of one network. It is used for as long as the group has
just the shards that it was made of, and can be made again from them at any time.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from tam_viz.scan.manifest import Manifest
from tam_viz.scan.network import Network
from tam_viz.scan.shard import GROUP, group_of
from tam_viz.scan.store import Address, names_in, read_table, write_table

PACKS = "packs"
ANSWER = (
    *("predicted", "true", "probability", "true_probability", "log_odds"),
    *("margin", "disagreement"),
)
"""Columns of the table of all clips that each network has."""
COLUMNS = ("path", "error", "frames", "length_s", "decoder", *ANSWER)
"""Columns of a shard that a pack keeps."""
_STAMP, _FAILED = b"shards", b"failed"


@dataclass(frozen=True)
class Kept:
    """Where the answers of a network are.

    Attributes:
        packs: Files of whole groups.
        shards: Files of single sets that are in no pack.
        failed: Rows with an error.
    """

    packs: tuple[Address, ...]
    shards: tuple[Address, ...]
    failed: int


def kept(run: Address, network: Network) -> Kept:
    """The files that hold the answers of a network, each of them once."""
    parts = [_kept(run, network, group, names) for group, names in groups(run, network)]
    return Kept(
        tuple(pack for part in parts for pack in part.packs),
        tuple(shard for part in parts for shard in part.shards),
        sum(part.failed for part in parts),
    )


def kept_of_group(run: Address, network: Network, group: str) -> Kept:
    """The files that hold the answers of a network for a group of sets."""
    return _kept(run, network, group, names_in(run / "clips" / network.key / group, ".parquet"))


def _kept(run: Address, network: Network, group: str, names: Sequence[str]) -> Kept:
    pack = run / PACKS / network.key / f"{group}.parquet"
    about = _about(pack, stamp_of(names)) if len(names) == GROUP else None
    if about is not None:
        return Kept((pack,), (), about)
    files = tuple(run / "clips" / network.key / group / name for name in names)
    return Kept((), files, sum(_errors_in(file) for file in files))


def groups(run: Address, network: Network) -> Iterator[tuple[str, list[str]]]:
    """The groups of a network and the names of their shards."""
    folder = run / "clips" / network.key
    for group in names_in(folder):
        yield group, names_in(folder / group, ".parquet")


def pack(run: Address, network: Network, group: str) -> None:
    """Puts the answers of a whole group into one file; of one that is not whole, does nothing.

    Raises:
        UserError: It cannot be written.
    """
    folder, path = (
        run / "clips" / network.key / group,
        run / PACKS / network.key / f"{group}.parquet",
    )
    names = names_in(folder, ".parquet")
    if len(names) < GROUP or _about(path, stamp_of(names)) is not None:
        return
    tables = [read_table(folder / name, COLUMNS).replace_schema_metadata(None) for name in names]
    write_pack(path, names, pa.concat_tables(tables))


def write_pack(path: Address, names: Sequence[str], answers: pa.Table) -> None:
    """Writes a pack of the answers of shards with these names.

    Raises:
        UserError: It cannot be written.
    """
    failed = sum(bool(error) for error in answers["error"].to_pylist())
    about = {_STAMP: stamp_of(names).encode(), _FAILED: str(failed).encode()}
    write_table(path, answers.replace_schema_metadata(about), rows=max(1, len(answers)))


def pack_whole(run: Address, manifest: Manifest, done: Sequence[int]) -> None:
    """Packs the groups of sets that have just been finished."""
    for group in dict.fromkeys(group_of(number) for number in done):
        for network in manifest.networks:
            pack(run, network, group)


def stamp_of(names: Sequence[str]) -> str:
    """Hash of the names of shards, and so of what is in them."""
    return hashlib.sha256(json.dumps(list(names)).encode()).hexdigest()


def _about(path: Address, stamp: str) -> int | None:
    """The errors in a pack of shards with this stamp; None if there is no such pack."""
    try:
        with path.open("rb") as file:
            about = pq.read_schema(file).metadata or {}
    except (OSError, pa.ArrowInvalid):
        return None
    return int(about[_FAILED]) if about.get(_STAMP) == stamp.encode() else None


@functools.lru_cache(maxsize=1 << 16)
def _errors_in(path: Address) -> int:
    """Rows with an error in a shard; one with the same name holds the same."""
    return sum(bool(error) for error in read_table(path, ["error"])["error"].to_pylist())
