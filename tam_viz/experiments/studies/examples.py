"""Finding what the first page shows: a success, kernels that depend on the order, a failure.

Each says no more than what holds on clips that nobody chose: beside it stands how often the network
is right on the test clips of the classes it is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from tam_viz.analysis.clip.examples import BACKWARDS, Showcase
from tam_viz.analysis.tam.kernels import moved
from tam_viz.capture.run import run
from tam_viz.experiments.studies.untrained import untrained
from tam_viz.models.engine import LoadedModel
from tam_viz.motionpairs.dataset import TEST_SEED, class_number
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.motions import CLASSES, MOTIONS, reversed_label
from tam_viz.types import Clip, InputSpec, Run, Source, TAMTrace, UserError
from tam_viz.video.tempo import retimed

CLIPS_OF_CLASS = 50
"""Test clips of each class that a showcase is checked on."""

SOLVED = 0.75
"""Share of the test clips of a pair that a network must name correctly to have solved it."""


@dataclass(frozen=True, eq=False)
class _Seen:
    file: str
    clip: Clip
    label: str
    tanet: Run
    tsn: Run

    @property
    def right(self) -> bool:
        return _named(self.tanet)[0] == self.label


@dataclass(frozen=True, eq=False)
class _Two:
    """Two clips that begin with, or consist of, the same frames; `backwards` has no file."""

    first: _Seen
    second: str
    label: str
    other: Run
    clip: Clip

    @property
    def moves(self) -> Mapping[str, float]:
        """By block, the share of a kernel's weight that lies on other taps, mean over channels."""
        return _apart(_traced(self.first.tanet), _traced(self.other))


def find_showcases(
    tanet: LoadedModel, tsn: LoadedModel, sources: Sequence[Source]
) -> tuple[Showcase, Showcase, Showcase]:
    """The clearest of each kind among labelled clips.

    Args:
        tanet: A TANet that was trained on MotionPairs.
        tsn: A network that does not know the order of its frames.
        sources: The clips to choose among.

    Raises:
        UserError: Among the clips there is none of one of the kinds.
    """
    seen = []
    for source in sources:
        clip = source.read(tanet.card.input)
        if clip.label is not None:
            runs = run(tanet, clip), run(tsn, clip)
            seen.append(_Seen(source.name, clip, clip.label, *runs))
    return _success(seen, tanet, tsn), _two_kernels(seen, tanet), _failure(seen, tanet)


def share_right(loaded: LoadedModel, labels: Sequence[str]) -> float:
    """Share of test clips of some classes that a network names correctly, in [0, 1]."""
    right = [
        _named(run(loaded, clip))[0] == label
        for label in labels
        for clip in _test_clips(loaded.card.input, label)
    ]
    return float(np.mean(right))


@cache
def _test_clips(spec: InputSpec, label: str) -> tuple[Clip, ...]:
    numbers = (class_number(label) + len(CLASSES) * turn for turn in range(CLIPS_OF_CLASS))
    return tuple(draw_clip(spec, TEST_SEED, number, "test") for number in numbers)


def _pair(label: str) -> tuple[str, str]:
    return next(motion.classes for motion in MOTIONS if label in motion.classes)


def _success(seen: Sequence[_Seen], tanet: LoadedModel, tsn: LoadedModel) -> Showcase:
    solved = [
        candidate
        for candidate in seen
        if candidate.right and _named(candidate.tsn)[0] != candidate.label
    ]
    if not solved:
        raise UserError("There is no clip on which TANet is right and TSN wrong; give more clips.")
    best = max(solved, key=lambda candidate: _named(candidate.tanet)[1])
    (name, sure), (other, less) = _named(best.tanet), _named(best.tsn)
    pair = _pair(best.label)
    ours, theirs = share_right(tanet, pair), share_right(tsn, pair)
    return Showcase(
        title="Order matters: TANet is correct, TSN is not",
        says=f"True class: {best.label}. TANet predicts '{name}' ({sure:.2f}). TSN, which sees "
        f"the same frames but not their order, predicts '{other}' ({less:.2f}). {_of(pair)} "
        f"TANet names {ours:.0%} correctly and TSN {theirs:.0%}.",
        page="Watch_a_clip",
        clip=best.file,
    )


def _two_kernels(seen: Sequence[_Seen], tanet: LoadedModel) -> Showcase:
    """Of the pairs that the network solves, the two clips whose kernels lie farthest apart."""
    candidates = [
        two for two in _twos(seen, tanet) if two.first.right and _named(two.other)[0] == two.label
    ]
    for two in sorted(candidates, key=lambda two: -max(two.moves.values())):
        pair = _pair(two.label)
        share = share_right(tanet, pair)
        if share >= SOLVED:
            return _showcase_of(two, share, pair, tanet)
    raise UserError(
        "No two clips of the same frames, or with the same first frame, are of a pair of classes "
        "that the network solves; give some that are."
    )


def _twos(seen: Sequence[_Seen], tanet: LoadedModel) -> list[_Two]:
    twins = [
        _Two(candidate, other.file, other.label, other.tanet, other.clip)
        for i, candidate in enumerate(seen)
        for other in seen[i + 1 :]
        if np.array_equal(candidate.clip.frames[0], other.clip.frames[0])
    ]
    for candidate in seen:
        label = reversed_label(candidate.label)
        if label != candidate.label:
            back = retimed(candidate.clip, "reversed")
            twins.append(_Two(candidate, BACKWARDS, label, run(tanet, back), back))
    return twins


def _showcase_of(two: _Two, share: float, pair: tuple[str, str], tanet: LoadedModel) -> Showcase:
    changes, backwards = two.moves, two.second == BACKWARDS
    most = max(changes, key=lambda name: changes[name])
    least = min(changes, key=lambda name: changes[name])
    plain = untrained(tanet)
    base = _apart(*(_traced(run(plain, clip)) for clip in (two.first.clip, two.clip)))
    begins = (
        f"Played backwards, '{two.first.label}' becomes '{two.label}': the same frames in another "
        f"order."
        if backwards
        else f"'{two.first.label}' and '{two.label}' begin with the same frame, pixel by pixel."
    )
    return Showcase(
        title="The same frames, other kernels" if backwards else "One first frame, two kernels",
        says=f"{begins} TANet names both correctly. Between the two, the average kernel moves "
        f"{changes[least]:.0%} of its weight in {least} and {changes[most]:.0%} in {most} "
        f"(untrained network: {base[most]:.0%}). {_of(pair)} it names {share:.0%} correctly.",
        page="Adaptive_kernels",
        clip=two.first.file,
        second=two.second,
        block=most,
    )


def _failure(seen: Sequence[_Seen], tanet: LoadedModel) -> Showcase:
    failed = [candidate for candidate in seen if not candidate.right]
    if not failed:
        raise UserError("TANet is right on all clips; give more of them.")
    worst = max(failed, key=lambda candidate: _named(candidate.tanet)[1])
    name, sure = _named(worst.tanet)
    share = share_right(tanet, [worst.label])
    return Showcase(
        title="A confident mistake",
        says=f"True class: {worst.label}; predicted: {name} ({sure:.2f}). Which block is "
        f"responsible? Of {CLIPS_OF_CLASS} test clips of '{worst.label}' TANet names {share:.0%} "
        f"correctly.",
        page="Intervene",
        clip=worst.file,
    )


def _of(pair: Sequence[str]) -> str:
    names = " and ".join(f"'{name}'" for name in pair)
    return f"Of {CLIPS_OF_CLASS * len(pair)} test clips of {names},"


def _named(done: Run) -> tuple[str, float]:
    return done.prediction.top(1)[0]


def _traced(done: Run) -> TAMTrace:
    if done.trace is None:
        raise UserError(f"{done.checkpoint_id} has no TAM, so it has no kernels to show.")
    return done.trace


def _apart(first: TAMTrace, second: TAMTrace) -> Mapping[str, float]:
    return {
        a.name: moved(a.kernel, b.kernel) for a, b in zip(first.blocks, second.blocks, strict=True)
    }
