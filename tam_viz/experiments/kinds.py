"""The kind of clips that a network was trained on, and clips of that kind for references.

An untrained network needs batch norms that fit real input, and a mean needs clips to be over. Of
another kind than the network's own they would show what those clips are like, not what was
learned: so the clips are MotionPairs for a network that knows its classes, and else the visitor's
own videos or views of the video that is looked at.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.motionpairs.scene import Split
from tam_viz.types import Card, Clip, InputSpec, Source, UserError

MOTIONPAIRS = "MotionPairs"
CLIPS = 64
"""MotionPairs clips that a mean is over; whole rounds of the sixteen classes weight them alike."""

ENOUGH, MOST = 8, 16
"""Of the visitor's own videos. Batch norms fitted to 4 clips saturate on others. With 8, V and Θ of
the untrained network correlate with those of a fit to 32 at 0.6 to 0.7, where two such fits reach
0.85 (`benchmarks/references.py`)."""

MOMENTS, CROPS = 3, 3
"""Views of one video: every moment in every crop."""

_SEED = 0


@dataclass(frozen=True, eq=False)
class Basis:
    """The clips over which a reference is computed.

    Attributes:
        key: Tells it from every other; the same key, the same clips.
        says: What the clips are, in the plural, such as `MotionPairs clips`.
        count: How many there are; fewer if some cannot be read.
        clips: Starts reading them; those that cannot be read are left out.
        drawn: Whether the key alone says what they show, as of clips that a generator draws.
    """

    key: str
    says: str
    count: int
    clips: Callable[[], Iterator[Clip]]
    drawn: bool = False

    def over(self, count: int) -> str:
        """The first `count` of the clips, in words."""
        return f"{count} {self.says}" if count > 1 else f"1 of the {self.says}"

    def content(self, clips: Iterable[Clip], most: int) -> Iterator[bytes]:
        """The content of the first `most` clips, for a hash.

        That is how they are drawn and what the first one came to, or else all their pixels.

        Args:
            clips: They, read; not heeded where they are drawn.
            most: How many of them are used, at most.
        """
        if self.drawn:
            yield f"{self.key} {most}".encode() + next(self.clips()).frames.tobytes()
            return
        for clip in clips:
            yield clip.frames.tobytes()


def trained_on(card: Card) -> str:
    """The data that a network was trained on, as far as its card says.

    The card of one that was trained here has the classes of MotionPairs; that of published weights
    names the data with the accuracy that their publisher states.
    """
    if knows_motionpairs(card):
        return MOTIONPAIRS
    stated = next((m.protocol for m in card.metrics if m.name.startswith("published")), "")
    data, comma, _ = stated.partition(", as stated by ")
    if comma:
        return data
    return f"data of {len(card.classes)} classes that its card does not name"


def knows_motionpairs(card: Card) -> bool:
    """Whether all classes of a network are those of MotionPairs."""
    return set(card.classes) <= set(CLASSES)


def motionpairs(spec: InputSpec, count: int = CLIPS, split: Split = "train") -> Basis:
    """MotionPairs clips, drawn as a network is given them."""

    def clips() -> Iterator[Clip]:
        return (draw_clip(spec, _SEED, index, split) for index in range(count))

    return Basis(
        f"{MOTIONPAIRS} {split} {count} {spec}", f"{MOTIONPAIRS} clips", count, clips, True
    )


def of_videos(sources: Sequence[Source], spec: InputSpec) -> Basis:
    """The middle view of several videos, spread evenly over those that there are."""
    count = min(len(sources), MOST)
    chosen = [sources[i * len(sources) // count] for i in range(count)]

    def clips() -> Iterator[Clip]:
        for source in chosen:
            try:
                yield source.read(spec)
            except UserError:
                continue  # the page on which it is watched says why

    names = hashlib.sha256("\n".join(source.key for source in chosen).encode()).hexdigest()
    return Basis(f"videos {names} {spec}", "videos of yours", count, clips)


def of_views(
    sources: Sequence[Source],
    spec: InputSpec,
    read: Callable[[Source, InputSpec], Sequence[Clip]] | None = None,
) -> Basis:
    """Views of the videos that are looked at: three moments of each, each in three crops.

    They stand for those videos alone: batch norms that are fitted to views of one video saturate
    on another one.

    Args:
        sources: The videos, at least one.
        spec: What the network takes.
        read: Reads all views of a video; by default its own `views`.
    """
    several = dataclasses.replace(
        spec,
        views=MOMENTS,
        crops=CROPS,
        sampling="uniform" if spec.sampling == "twice" else spec.sampling,
    )

    def clips() -> Iterator[Clip]:
        for source in sources:
            try:
                yield from source.views(several) if read is None else read(source, several)
            except UserError:  # the frames of a finding have no other view
                yield source.read(spec)

    keys = " ".join(source.key for source in sources)
    names = " and ".join(source.name for source in sources)
    count = MOMENTS * CROPS * len(sources)
    return Basis(f"views {keys} {several}", f"views of {names}", count, clips)


def basis_of(
    card: Card,
    looked_at: Sequence[Source],
    videos: Sequence[Source],
    read: Callable[[Source, InputSpec], Sequence[Clip]] | None = None,
) -> Basis:
    """Clips of the kind that a network was trained on.

    Args:
        card: Of the network.
        looked_at: The videos that are looked at, at least one.
        videos: The visitor's own.
        read: Reads all views of a video; by default its own `views`.
    """
    if knows_motionpairs(card):
        return motionpairs(card.input)
    if len(videos) >= ENOUGH:
        return of_videos(videos, card.input)
    return of_views(looked_at, card.input, read)
