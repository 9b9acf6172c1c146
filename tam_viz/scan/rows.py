"""What is kept of one clip through one network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from jaxtyping import Float

from tam_viz.analysis.bench.answers import true_log_odds
from tam_viz.scan.shard import Listed, Shard, with_metadata
from tam_viz.types import BlockTrace, Clip, Prediction, Run, TAMTrace

TOP, EMBEDDED = 10, 64


@dataclass(frozen=True)
class Video:
    """What is known of a video that was read; its pixels are not kept."""

    frames: int
    length_s: float
    decoder: str
    notices: tuple[str, ...]

    @classmethod
    def of(cls, clip: Clip) -> Video:
        """Of the video that a view was taken from."""
        return cls(clip.video_frames, clip.duration_s, clip.reader, clip.notices)


@dataclass(frozen=True, eq=False)
class Seen:
    """One clip through one network, or why it could not be.

    Attributes:
        listed: The clip in its dataset.
        video: What was read; None if it could not be.
        run: What the network made of all its views; None if it could not.
        embedding: Of the features before the classifier, the mean over views.
        error: Why there is no run; empty if there is one.
        reading_s: Seconds that reading and decoding its views took.
    """

    listed: Listed
    video: Video | None = None
    run: Run | None = None
    embedding: Float[np.ndarray, " e"] | None = None
    error: str = ""
    reading_s: float = 0.0


def table_of(shard: Shard, rows: Sequence[Seen]) -> pa.Table:
    """The table `clips` of a shard; clips without an answer have nulls and the reason."""
    columns: dict[str, list[object]] = {field.name: [] for field in SCHEMA}
    for row in rows:
        values = _clip(row) | _answer(row) | _decisions(row)
        for name, kept in columns.items():
            kept.append(values.get(name))
    table = pa.table(
        {f.name: pa.array(columns[f.name], type=f.type) for f in SCHEMA}, schema=SCHEMA
    )
    trace = next((row.run.trace for row in rows if row.run and row.run.trace), None)
    return with_metadata(table, {"network": shard.network, "blocks": _shapes(trace)})


def traces_of(shard: Shard, rows: Sequence[Seen]) -> pa.Table:
    """The table `traces` of a shard: a path and, for every block, V and Θ in one binary cell.

    A cell holds float16: V in its rows of T numbers, then Θ in its rows of K.
    """
    trace = next((row.run.trace for row in rows if row.run and row.run.trace), None)
    arrays: dict[str, pa.Array] = {"path": pa.array([row.listed.path for row in rows])}
    for name, (channels, frames, taps) in _shapes(trace).items():
        cells = [_cell(row.run.trace[name]) if row.run and row.run.trace else None for row in rows]
        arrays[name] = pa.array(cells, type=pa.binary(2 * channels * (frames + taps)))
    return with_metadata(pa.table(arrays), {"network": shard.network, "blocks": _shapes(trace)})


def seconds_of(rows: Sequence[Seen]) -> pa.Table:
    """What the clips of a shard took: reading all views, and the network on all of them.

    It is apart from the answers, which are the same bytes whoever makes them.
    """
    return pa.table(
        {
            "path": pa.array([row.listed.path for row in rows]),
            "reading_s": pa.array([row.reading_s for row in rows], type=pa.float32()),
            "network_s": pa.array(
                [None if row.run is None else row.run.seconds for row in rows], type=pa.float32()
            ),
        }
    )


SCHEMA = pa.schema(
    [
        pa.field("path", pa.string()),
        pa.field("content", pa.string()),
        pa.field("label", pa.string()),
        pa.field("true", pa.string()),
        pa.field("error", pa.string()),
        pa.field("frames", pa.int32()),
        pa.field("length_s", pa.float32()),
        pa.field("decoder", pa.string()),
        pa.field("notices", pa.string()),
        pa.field("predicted", pa.string()),
        pa.field("probability", pa.float32()),
        pa.field("top", pa.list_(pa.int32())),
        pa.field("top_probability", pa.list_(pa.float32())),
        pa.field("true_probability", pa.float32()),
        pa.field("log_odds", pa.float32()),
        pa.field("margin", pa.float32()),
        pa.field("disagreement", pa.float32()),
        pa.field("embedding", pa.list_(pa.float32(), EMBEDDED)),
        pa.field("v_mean", pa.list_(pa.float32())),
        pa.field("v_spread", pa.list_(pa.float32())),
        pa.field("theta_mean", pa.list_(pa.float32())),
        pa.field("theta_entropy", pa.list_(pa.float32())),
        pa.field("theta_largest", pa.list_(pa.float32())),
    ]
)
"""Columns of the table `clips`.

Those of V and Θ hold numbers of all blocks, one block after the other: of V by frame the mean
over channels and the standard deviation, of Θ by tap the mean and the share of channels whose
largest tap it is, and by block the mean entropy over its largest value, ln K.
"""


def _clip(row: Seen) -> dict[str, object]:
    listed, video = row.listed, row.video
    values: dict[str, object] = {
        "path": listed.path,
        "content": listed.content,
        "label": listed.label,
        "error": row.error,
    }
    if video is not None:
        values |= {
            "frames": video.frames,
            "length_s": video.length_s,
            "decoder": video.decoder,
            "notices": " ".join(video.notices),
        }
    return values


def _answer(row: Seen) -> dict[str, object]:
    if row.run is None:
        return {}
    prediction, true = row.run.prediction, row.listed.true
    shares = prediction.probabilities
    best = np.argsort(-shares, kind="stable")[:TOP]
    values: dict[str, object] = {
        "predicted": prediction.classes[best[0]],
        "probability": float(shares[best[0]]),
        "top": best.tolist(),
        "top_probability": shares[best].tolist(),
        "margin": float(shares[best[0]] - shares[best[1]]) if len(best) > 1 else 1.0,
        "embedding": row.embedding,
    }
    if true >= 0:
        values |= _against(prediction, int(best[0]), true)
    return values


def _against(prediction: Prediction, best: int, true: int) -> dict[str, object]:
    """The answer beside the true class; disagreement is how sure and wrong, in [0, 1]."""
    shares = prediction.probabilities
    odds = true_log_odds(prediction.logits[None], np.array([true]))[0]
    return {
        "true": prediction.classes[true],
        "true_probability": float(shares[true]),
        "log_odds": float(odds),
        "disagreement": float(shares[best] - shares[true]),
    }


def _decisions(row: Seen) -> dict[str, object]:
    """A short summary of V and Θ."""
    if row.run is None or row.run.trace is None:
        return {}
    blocks = row.run.trace.blocks
    return {
        "v_mean": _joined([block.importance.mean(0) for block in blocks]),
        "v_spread": _joined([block.importance.std(0) for block in blocks]),
        "theta_mean": _joined([block.kernel.mean(0) for block in blocks]),
        "theta_entropy": [_entropy(block.kernel) for block in blocks],
        "theta_largest": _joined([_largest(block.kernel) for block in blocks]),
    }


def _joined(parts: Sequence[np.ndarray]) -> list[float]:
    return [float(value) for value in np.concatenate(parts)]


def _entropy(kernel: Float[np.ndarray, "c k"]) -> float:
    shares = np.clip(kernel.astype(np.float64), 1e-12, 1)
    return float(-(shares * np.log(shares)).sum(1).mean() / np.log(kernel.shape[1]))


def _largest(kernel: Float[np.ndarray, "c k"]) -> Float[np.ndarray, " k"]:
    counts: np.ndarray = np.bincount(kernel.argmax(1), minlength=kernel.shape[1]) / len(kernel)
    return counts


def _shapes(trace: TAMTrace | None) -> dict[str, tuple[int, int, int]]:
    """Channels, frames and taps of each block."""
    if trace is None:
        return {}
    return {b.name: (*b.importance.shape, b.kernel.shape[1]) for b in trace.blocks}


def _cell(block: BlockTrace) -> bytes:
    return b"".join(
        values.astype(np.float16).tobytes() for values in (block.importance, block.kernel)
    )


def block_of(name: str, cell: bytes, shape: tuple[int, int, int]) -> BlockTrace:
    """V and Θ of one cell of the table `traces`."""
    channels, frames, taps = shape
    values = np.frombuffer(cell, dtype=np.float16).astype(np.float32)
    return BlockTrace(
        name,
        values[: channels * frames].reshape(channels, frames),
        values[channels * frames :].reshape(channels, taps),
    )
