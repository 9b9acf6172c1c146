"""Making shards: each clip is read once and goes through every network that wants the same."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.clip.views import together
from tam_viz.capture.many import run_many
from tam_viz.models.engine import LoadedModel
from tam_viz.scan.ahead import ahead
from tam_viz.scan.items import Item
from tam_viz.scan.remote import UnreachableError
from tam_viz.scan.root import Root
from tam_viz.scan.rows import EMBEDDED, Seen, Video, seconds_of, table_of, traces_of
from tam_viz.scan.shard import Listed, Shard, write_shard
from tam_viz.scan.store import Address
from tam_viz.types import Clip, InputSpec, Run, UserError

_BATCH = 8
"""Views in a forward pass."""
_AHEAD = 2
"""Clips that are read while another one goes through the networks."""


@dataclass(frozen=True, eq=False)
class Read:
    """The views of a clip, or why there are none."""

    listed: Listed
    views: tuple[Clip, ...] = ()
    error: str = ""
    seconds: float = 0.0


def make_shards(
    shards: Sequence[Shard], run: Address, root: Root, load: Callable[[Shard], LoadedModel]
) -> Iterator[int]:
    """Makes the shards of one set of clips, and yields how many clips are done.

    Args:
        shards: Of the same clips for several networks that are given the same.
        run: Folder of the scan.
        root: Where the clips are.
        load: The network of a shard.

    Raises:
        UserError: A file cannot be written, or a network cannot be loaded.
    """
    networks = {shard.network: _checked(load(shard), shard) for shard in shards}
    rows: dict[str, list[Seen]] = {shard.network: [] for shard in shards}
    clips = {shard.network: {clip.path: clip for clip in shard.clips} for shard in shards}
    read = functools.partial(_read, spec=shards[0].spec, root=root)
    done = 0
    for reads in _chunks(ahead(read, shards[0].clips, _AHEAD)):
        for name, loaded in networks.items():
            listed = [clips[name][read.listed.path] for read in reads]
            rows[name] += seen(loaded, shards[0].spec, listed, reads)
        done += len(reads)
        yield done
    for shard in shards:
        if shard.traces:
            traces = traces_of(shard, rows[shard.network])
            write_shard(shard.trace_path(run), traces, compression="none")
        write_shard(shard.seconds_path(run), seconds_of(rows[shard.network]))
        write_shard(shard.path(run), table_of(shard, rows[shard.network]))


def _checked(loaded: LoadedModel, shard: Shard) -> LoadedModel:
    """The network, if it is the one that the shard is named by."""
    if loaded.card.sha256 != shard.weights:
        raise UserError(
            f"The weights of '{shard.checkpoint}' are not those that the scan was begun with; give "
            f"this machine the same checkpoint, or start the scan again to take the new weights."
        )
    return loaded


def _read(listed: Listed, spec: InputSpec, root: Root) -> Read:
    source = root.source(Item(listed.path, listed.label))
    started = time.perf_counter()
    views: tuple[Clip, ...] = ()
    failed = ""
    try:
        views = source.views(spec)
    except UserError as error:
        if isinstance(error, UnreachableError) and listed.content:  # it was there a moment ago
            raise
        failed = str(error)
    return Read(listed, views, failed, time.perf_counter() - started)


def _chunks(reads: Iterator[Read]) -> Iterator[list[Read]]:
    """Clips whose views fill a forward pass together."""
    chunk: list[Read] = []
    for read in reads:
        chunk.append(read)
        if sum(len(decoded.views) for decoded in chunk) >= _BATCH or len(chunk) >= _BATCH:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def seen(
    loaded: LoadedModel, spec: InputSpec, listed: Sequence[Listed], reads: Sequence[Read]
) -> list[Seen]:
    """Clips through one network; what goes wrong with a clip is said in its row."""
    views = [view for read in reads for view in read.views]
    passed = iter(_passed(loaded, views))
    rows = []
    for clip, read in zip(listed, reads, strict=True):
        mine = [next(passed) for _ in read.views]
        failed = next((done for done in mine if isinstance(done, str)), read.error)
        if failed:
            video = Video.of(read.views[0]) if read.views else None
            rows.append(Seen(clip, video, error=failed, reading_s=read.seconds))
            continue
        runs = [done.run for done in mine if not isinstance(done, str)]
        features = np.mean([done.features for done in mine if not isinstance(done, str)], axis=0)
        embedding = (features @ _projection(len(features))).astype(np.float32)
        whole = together(runs, spec.average)
        video = Video.of(read.views[0])
        rows.append(Seen(clip, video, whole, embedding, reading_s=read.seconds))
    return rows


@dataclass(frozen=True, eq=False)
class _View:
    """What a network made of one view."""

    run: Run
    features: Float[np.ndarray, " d"]


def _passed(loaded: LoadedModel, views: Sequence[Clip]) -> list[_View | str]:
    """Each view through the network, in batches, or a sentence on why it could not."""
    passed: list[_View | str] = []
    for first in range(0, len(views), _BATCH):
        some = views[first : first + _BATCH]
        try:
            batch = run_many(loaded, some)
        except UserError as error:
            passed += (
                [str(error)]
                if len(some) == 1
                else [run for view in some for run in _passed(loaded, [view])]
            )
        else:
            passed += map(_View, batch.runs, batch.features)
    return passed


@functools.cache
def _projection(features: int) -> Float[np.ndarray, "d e"]:
    """A random projection, the same everywhere, that about keeps distances (Johnson, 1984)."""
    rng = np.random.default_rng(features)
    matrix: np.ndarray = rng.standard_normal((features, EMBEDDED)) / EMBEDDED**0.5
    return matrix
