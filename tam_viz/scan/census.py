"""What a dataset holds, in words: clips, classes, balance, lengths, what cannot be read."""

from __future__ import annotations

import functools
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tam_viz.scan.ahead import ahead
from tam_viz.scan.dataset import Dataset
from tam_viz.scan.items import Item
from tam_viz.scan.network import Network
from tam_viz.types import InputSpec, Step, Steps, UserError

_SMALL = InputSpec(frames=1, resize=32, size=32)
_READERS, _NAMED = 2, 1000


@dataclass(frozen=True)
class Census:
    """What opening clips showed.

    Attributes:
        opened: How many were opened.
        sentence: Lengths, in words.
        failed: How many could not be read.
        unreadable: The first of those, with the reason.
    """

    opened: int
    sentence: str
    failed: int
    unreadable: tuple[tuple[str, str], ...]


def describe(dataset: Dataset) -> str:
    """Clips, classes and their balance."""
    counts = dataset.items.counts
    unlabelled = len(dataset.items) - counts.total()
    sentence = f"{dataset.name}: {_number(len(dataset.items), 'clip')}"
    if not counts:
        return " ".join([f"{sentence}, none of them labelled.", *dataset.notices])
    numbered = " (numbers, no names)" if dataset.numbered else ""
    least, most = min(counts.values()), max(counts.values())
    size = _number(most, "clip") if least == most else f"{least:,} to {most:,} clips"
    kinds = "1 class" if len(counts) == 1 else f"{len(counts):,} classes"
    sentence += f" of {kinds}{numbered}, {size} each."
    if unlabelled:
        sentence += (
            f" {_number(unlabelled, 'clip')} {'has' if unlabelled == 1 else 'have'} no label."
        )
    return " ".join([sentence, *dataset.notices])


def _number(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


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
    clips = len(dataset.items)
    count = min(limit or clips, clips)
    numbers = iter(np.linspace(0, clips - 1, count).astype(int).tolist())
    seconds, frames = array("f"), array("q")
    unreadable: list[tuple[str, str]] = []
    failed = 0
    glance = functools.partial(_glance, dataset)
    for done, look in enumerate(ahead(glance, _numbered(dataset, numbers), _READERS), start=1):
        if isinstance(look.length, str):
            failed += 1
            if failed <= _NAMED:
                unreadable.append((look.path, look.length))
        else:
            frames.append(look.length[0])
            seconds.append(look.length[1])
        yield Step(done, count)
    sentence = _sentence(count, failed, frames, seconds)
    yield Step(count, count, Census(count, sentence, failed, tuple(unreadable)))


def _numbered(dataset: Dataset, numbers: Iterator[int]) -> Iterator[Item]:
    """The clips with some numbers, which ascend."""
    wanted = next(numbers, None)
    for number, item in enumerate(dataset.items):
        if number == wanted:
            yield item
            wanted = next(numbers, None)


@dataclass(frozen=True)
class _Glance:
    """Frames and seconds of a clip, or why it cannot be read."""

    path: str
    length: tuple[int, float] | str


def _glance(dataset: Dataset, item: Item) -> _Glance:
    try:
        clip = dataset.root.source(item).read(_SMALL)
    except UserError as error:
        return _Glance(item.path, str(error))
    return _Glance(item.path, (clip.video_frames, clip.duration_s))


def _sentence(opened: int, failed: int, frames: array[int], seconds: array[float]) -> str:
    sentence = f"Of {opened:,} clips opened, {failed:,} cannot be read."
    if seconds:
        low, middle, high = np.percentile(np.asarray(seconds), [0, 50, 100])
        sentence += (
            f" The others last {low:.1f} to {high:.1f} s (median {middle:.1f} s) and have "
            f"{min(frames):,} to {max(frames):,} frames."
        )
    return sentence
