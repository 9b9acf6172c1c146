"""Many interventions on one clip: block by block, from clip to clip, and in the clip's own time.

Activation patching for what a TAM block decides, V and Θ, and for what it is given, x: one of them
is replaced in one block while everything else is computed as ever, and the answer shows what
depended on it. The weights stay those of the network, so an edited network is not the one that was
trained without TAM.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.edits.clip_timing import Played
from tam_viz.analysis.edits.patching import PATCHED, Patched
from tam_viz.analysis.edits.swaps import Swaps
from tam_viz.analysis.edits.sweep import AS_IT_IS, BOTH, THETA, Sweep, V
from tam_viz.capture.edits import Donor, inputs_wanted
from tam_viz.capture.many import run_each
from tam_viz.capture.run import record_donor
from tam_viz.models.engine import LoadedModel
from tam_viz.types import (
    ALL_BLOCKS,
    GIVEN,
    OPERATIONS,
    Clip,
    Edit,
    Prediction,
    Step,
    Steps,
    TAMTrace,
    Target,
    UserError,
    part,
)
from tam_viz.video.tempo import TEMPI, retimed

Edits = tuple[Edit, ...]
_NOISE = 2
_TARGETS: dict[str, tuple[Target, ...]] = {
    V: ("importance",),
    THETA: ("kernel",),
    BOTH: ("importance", "kernel"),
}


def all_edits(donor: Clip | None = None, *, given: bool = False) -> tuple[Edit, ...]:
    """Every operation in all blocks: on V, then on Θ.

    Args:
        donor: Clip for the operation `donor`, left out without one.
        given: Whether the operations that put in a given trace are among them.
    """
    left_out = {"donor"} if donor is None else set()
    left_out |= set() if given else set(GIVEN)
    return tuple(
        Edit(ALL_BLOCKS, target, op, donor=donor if op == "donor" else None)
        for target, operations in OPERATIONS.items()
        for op in operations
        if op not in left_out
    )


def sweep(
    loaded: LoadedModel, clip: Clip, edits: Sequence[Edit], *, given: TAMTrace | None = None
) -> Steps[Sweep]:
    """Puts every edit in force in each block alone and in all of them.

    A step is a forward pass.

    Args:
        loaded: A network with TAM.
        clip: One view, prepared for it.
        edits: What is done; their blocks are not heeded.
        given: What the operations `given` and `level` put in.

    Raises:
        UserError: The network has no TAM, or an edit does not fit it.
    """
    blocks = (*_blocks(loaded), ALL_BLOCKS)
    donors = {edit.donor.id: edit.donor for edit in edits if edit.donor is not None}
    total = 1 + len(donors) + len(blocks) * (len(edits) + 1)
    wanted = inputs_wanted(edits, blocks[:-1])
    donated = {
        name: record_donor(loaded, donor, blocks[:-1] if name in wanted else ())
        for name, donor in donors.items()
    }
    donor_runs = len(donors)
    yield Step(donor_runs, total)
    asked: list[Edits] = [()]
    asked += [(dataclasses.replace(e, block=block),) for block in blocks for e in edits]
    asked += [()] * len(blocks)
    clips = [clip] * (len(asked) - len(blocks))
    clips += [noisy(clip, number) for number in range(len(blocks))]
    logits = yield from part(
        _logits(loaded, clips, asked, donated, given), total, before=donor_runs
    )
    changed = logits[1 : -len(blocks)].reshape(len(blocks), len(edits), -1)
    answer = Sweep(
        blocks, tuple(edits), loaded.card.classes, logits[0], changed, logits[-len(blocks) :]
    )
    yield Step(total, total, answer)


def _logits(
    loaded: LoadedModel,
    clips: Sequence[Clip],
    edits: Sequence[Edits],
    donors: Mapping[str, Donor],
    given: TAMTrace | None = None,
) -> Steps[Float[np.ndarray, "n k"]]:
    """Logits of each clip under its edits."""
    rows: dict[int, np.ndarray] = {}
    for number, done in run_each(loaded, clips, edits, given=given, donors=donors):
        rows[number] = done.prediction.logits
        last = len(rows) == len(clips)
        logits = np.stack([rows[n] for n in range(len(clips))]) if last else None
        yield Step(len(rows), len(clips), logits)


def swaps(loaded: LoadedModel, clip: Clip, other: Clip) -> Steps[Swaps]:
    """Gives a clip V, Θ and both of another one: block by block, and from the first one on.

    A step is a forward pass.

    Args:
        loaded: A network with TAM.
        clip: One view, prepared for it; its features stay.
        other: Where V and Θ are taken from.

    Raises:
        UserError: The network has no TAM, or a clip was not prepared for it.
    """
    blocks = _blocks(loaded)
    total = 2 + 2 * len(blocks) * len(_TARGETS)
    donated = {other.id: record_donor(loaded, other)}
    asked: list[Edits] = [()]
    single, up_to = [(b,) for b in blocks], [blocks[: i + 1] for i in range(len(blocks))]
    asked += [
        tuple(Edit(name, target, "donor", donor=other) for target in targets for name in names)
        for chosen in (single, up_to)
        for targets in _TARGETS.values()
        for names in chosen
    ]
    clips = [clip] * len(asked)
    steps = _logits(loaded, [*clips, other], [*asked, ()], donated)
    logits = yield from part(steps, total)
    rows = logits[1:-1].reshape(2, len(_TARGETS), len(blocks), -1)
    by_what = [dict(zip(_TARGETS, some, strict=True)) for some in rows]
    yield Step(total, total, Swaps(blocks, logits[0], logits[-1], *by_what))


def patched(loaded: LoadedModel, clip: Clip, donor: Clip) -> Steps[Patched]:
    """Gives one block of a clip what another clip has there: V and Θ, x, or all three.

    Where x alone is given, V and Θ stay those that the clip itself makes. The shortcut round the
    block always stays the clip's own, so even all three need not bring the donor's answer.

    A step is a forward pass.

    Args:
        loaded: A network with TAM.
        clip: One view, prepared for it.
        donor: Where V, Θ and x are taken from.

    Raises:
        UserError: The network has no TAM, or a clip was not prepared for it.
    """
    blocks = _blocks(loaded)
    total = 2 + len(blocks) * len(PATCHED)
    donated = {donor.id: record_donor(loaded, donor, blocks), clip.id: record_donor(loaded, clip)}
    asked: list[Edits] = [
        tuple(
            Edit(block, target, "donor", donor=donor if name == "donor" else clip)
            for target, name in parts.items()
        )
        for parts in PATCHED.values()
        for block in blocks
    ]
    clips = [clip] * (1 + len(asked))
    steps = _logits(loaded, [*clips, donor], [(), *asked, ()], donated)
    logits = yield from part(steps, total)
    rows = logits[1:-1].reshape(len(PATCHED), len(blocks), -1)
    yield Step(
        total, total, Patched(blocks, logits[0], logits[-1], dict(zip(PATCHED, rows, strict=True)))
    )


def tempi(answer: Callable[[Clip], Prediction], clip: Clip, chosen: int = 0) -> Steps[Played]:
    """Predictions for a clip as it is and played in every other way.

    Args:
        answer: Such as `lambda clip: run(loaded, clip).prediction`.
        clip: One view.
        chosen: Frame, from 0, that `frozen` shows.
    """
    total = 1 + len(TEMPI)
    answers = {AS_IT_IS: answer(clip)}
    for done, name in enumerate(TEMPI, start=1):
        yield Step(done, total)
        answers[name] = answer(retimed(clip, name, chosen))
    yield Step(total, total, answers)


def noisy(clip: Clip, seed: int) -> Clip:
    """The clip with every value changed by up to 2 grey levels of 255, evenly at random."""
    noise = np.random.default_rng(seed).integers(-_NOISE, _NOISE + 1, clip.frames.shape)
    frames = np.clip(clip.frames + noise, 0, 255).astype(np.uint8)
    return dataclasses.replace(clip, id=f"{clip.id}-noise{seed}", frames=frames)


def _blocks(loaded: LoadedModel) -> tuple[str, ...]:
    if not loaded.block_names:
        raise UserError(f"{loaded.card.id} has no TAM, so it has no block to edit; name a TANet.")
    return loaded.block_names
