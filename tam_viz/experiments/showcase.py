"""Finding what the first page shows: a success, two kernels from one first frame, a failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tam_viz.analysis.kernels import moved
from tam_viz.analysis.showcase import Showcase
from tam_viz.capture.run import run
from tam_viz.experiments.reference import untrained
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip, Run, Source, TAMTrace, UserError


@dataclass(frozen=True, eq=False)
class _Seen:
    file: str
    clip: Clip
    tanet: Run
    tsn: Run

    @property
    def right(self) -> bool:
        return _says(self.tanet)[0] == self.clip.label


def find_showcases(
    tanet: LoadedModel, tsn: LoadedModel, sources: Sequence[Source]
) -> tuple[Showcase, Showcase, Showcase]:
    """The clearest of each kind among labelled clips.

    Raises:
        UserError: Among the clips there is none of one of the kinds.
    """
    seen = []
    for source in sources:
        clip = source.read(tanet.card.input)
        if clip.label is not None:
            seen.append(_Seen(source.name, clip, run(tanet, clip), run(tsn, clip)))
    return _success(seen), _one_first_frame(seen, untrained(tanet)), _failure(seen)


def _success(seen: Sequence[_Seen]) -> Showcase:
    found = [one for one in seen if one.right and _says(one.tsn)[0] != one.clip.label]
    if not found:
        raise UserError("There is no clip on which TANet is right and TSN wrong; give more clips.")
    best = max(found, key=lambda one: _says(one.tanet)[1])
    (name, sure), (other, less) = _says(best.tanet), _says(best.tsn)
    return Showcase(
        title="Order matters: TANet is right, TSN is wrong",
        says=f"TANet says '{name}' ({sure:.2f}) and is right; TSN, which sees the same frames "
        f"without their order, says '{other}' ({less:.2f}).",
        page="Watch_a_clip",
        clip=best.file,
    )


def _one_first_frame(seen: Sequence[_Seen], plain: LoadedModel) -> Showcase:
    """The two clips with the same first frame whose kernels lie farthest apart."""
    pairs = [
        (one, two)
        for i, one in enumerate(seen)
        for two in seen[i + 1 :]
        if np.array_equal(one.clip.frames[0], two.clip.frames[0])
    ]
    if not pairs:
        raise UserError("No two clips have the same first frame; give some that do.")
    apart = [_apart(_traced(one.tanet), _traced(two.tanet)) for one, two in pairs]
    place = int(np.argmax([max(changes.values()) for changes in apart]))
    (one, two), changes = pairs[place], apart[place]
    block = max(changes, key=lambda name: changes[name])
    first = next(iter(changes))
    base = _apart(*(_traced(run(plain, which.clip)) for which in (one, two)))
    return Showcase(
        title="One first frame, two kernels",
        says=f"'{one.clip.label}' and '{two.clip.label}' begin with the same frame, pixel by "
        f"pixel. From one to the other, {changes[first]:.2f} of a kernel's weight goes to other "
        f"taps in {first} and {changes[block]:.2f} in {block} (mean over channels; untrained "
        f"{base[block]:.2f}).",
        page="Adaptive_kernels",
        clip=one.file,
        second=two.file,
        block=block,
    )


def _failure(seen: Sequence[_Seen]) -> Showcase:
    found = [one for one in seen if not one.right]
    if not found:
        raise UserError("TANet is right on all clips; give more of them.")
    worst = max(found, key=lambda one: _says(one.tanet)[1])
    name, sure = _says(worst.tanet)
    return Showcase(
        title="A failure: sure and wrong",
        says=f"It is '{worst.clip.label}', and TANet says '{name}' ({sure:.2f}). Which block "
        f"carries that answer?",
        page="Intervene",
        clip=worst.file,
    )


def _says(done: Run) -> tuple[str, float]:
    return done.prediction.top(1)[0]


def _traced(done: Run) -> TAMTrace:
    if done.trace is None:
        raise UserError(f"{done.checkpoint_id} has no TAM, so it has no kernels to show.")
    return done.trace


def _apart(one: TAMTrace, two: TAMTrace) -> dict[str, float]:
    """By block, the share of a kernel's weight that lies on other taps, mean over channels."""
    return {a.name: moved(a.kernel, b.kernel) for a, b in zip(one.blocks, two.blocks, strict=True)}
