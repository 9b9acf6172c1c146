"""What a dataset holds, in words: clips, classes, balance, lengths, what cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from tam_viz.scan.dataset import Dataset, Item
from tam_viz.scan.folder import Network
from tam_viz.types import InputSpec, Step, Steps, UserError

_GLANCE = InputSpec(frames=1, resize=32, size=32)
_READERS = 2


@dataclass(frozen=True)
class Census:
    """What opening clips showed.

    Attributes:
        opened: How many were opened.
        sentence: Lengths, in words.
        unreadable: Those that could not be read, with the reason.
    """

    opened: int
    sentence: str
    unreadable: tuple[tuple[str, str], ...]


def describe(dataset: Dataset) -> str:
    """Clips, classes and their balance."""
    counts = Counter(item.label for item in dataset.items if item.label)
    unlabelled = len(dataset.items) - counts.total()
    sentence = f"{dataset.name}: {len(dataset.items):,} clips"
    if not counts:
        return f"{sentence}, none of them labelled."
    numbered = " (numbers, no names)" if dataset.numbered else ""
    least, most = min(counts.values()), max(counts.values())
    size = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    sentence += f" of {len(counts):,} classes{numbered}, {size} clips each."
    if unlabelled:
        sentence += f" {unlabelled:,} clips have no label."
    return " ".join([sentence, *dataset.notices])


def describe_protocol(spec: InputSpec) -> str:
    """Views and sampling in plain words."""
    if spec.all_views == 1:
        views = "one view"
    elif spec.crops == 1:
        views = f"{spec.views} views"
    elif spec.views == 1:
        views = f"{spec.crops} crops"
    else:
        views = f"{spec.views} × {spec.crops} views"
    return f"{views}, {spec.sampling} sampling"


def describe_network(dataset: Dataset, network: Network) -> str:
    """What a network would be given, and which labels of a dataset it does not have."""
    return describe_network_of(dataset.classes, network)


def describe_network_of(labels: Sequence[str], network: Network) -> str:
    """What a network is given, and which of some labels it does not have."""
    spec = network.spec
    sentence = (
        f"{network.key} is given {describe_protocol(spec)}: {spec.frames} frames of "
        f"{spec.size}×{spec.size} pixels in each view."
    )
    if network.notice:
        sentence += f" {network.notice}"
    unknown = [label for label in labels if network.numbers.get(label, -1) < 0]
    if unknown:
        some = ", ".join(f"'{label}'" for label in unknown[:5])
        more = f" and {len(unknown) - 5:,} more" if len(unknown) > 5 else ""
        sentence += (
            f" {len(unknown):,} of {len(labels):,} labels are no class of it: "
            f"{some}{more}. Their clips count neither as right nor as wrong; --map says which "
            f"label is which class."
        )
    return sentence


def lengths(dataset: Dataset, limit: int) -> Steps[Census]:
    """Opens clips for their lengths.

    Args:
        dataset: The dataset.
        limit: How many to open, evenly spread; 0 for all.
    """
    count = min(limit or len(dataset.items), len(dataset.items))
    chosen = [dataset.items[i] for i in np.linspace(0, len(dataset.items) - 1, count).astype(int)]
    seconds: list[float] = []
    frames: list[int] = []
    unreadable: list[tuple[str, str]] = []
    with ThreadPoolExecutor(_READERS) as readers:
        seen = readers.map(lambda item: _length(dataset, item), chosen)
        for done, (item, length) in enumerate(zip(chosen, seen, strict=True), start=1):
            if isinstance(length, str):
                unreadable.append((item.path, length))
            else:
                frames.append(length[0])
                seconds.append(length[1])
            yield Step(done, count)
    yield Step(count, count, _census(count, frames, seconds, unreadable))


def _length(dataset: Dataset, item: Item) -> tuple[int, float] | str:
    try:
        clip = dataset.root.source(item).read(_GLANCE)
    except UserError as error:
        return str(error)
    return clip.video_frames, clip.duration_s


def _census(
    opened: int, frames: list[int], seconds: list[float], unreadable: list[tuple[str, str]]
) -> Census:
    sentence = f"Of {opened:,} clips opened, {len(unreadable):,} cannot be read."
    if seconds:
        low, middle, high = np.percentile(seconds, [0, 50, 100])
        sentence += (
            f" The others last {low:.1f} to {high:.1f} s (median {middle:.1f} s) and have "
            f"{min(frames):,} to {max(frames):,} frames."
        )
    return Census(opened, sentence, tuple(unreadable))
