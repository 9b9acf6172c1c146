"""Switching TAM off: V says nothing of the clip and Θ mixes no frame with another.

Off is V at its mean over clips and Θ at [0, 1, 0], in every block. V = 1 would not do: V is about
½, so the features of every block would double and the network would fail for that reason alone.
With TAM off, top-1 of a TANet is near that of a TSN, which was trained without it. The mean of V
differs from frame to frame, so some of the order of frames still shows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from tam_viz.analysis.edits.edits import TAM_OFF
from tam_viz.capture.run import run
from tam_viz.experiments.kinds import knows_motionpairs, motionpairs
from tam_viz.experiments.studies.reference import average, mean_over, named
from tam_viz.models.engine import LoadedModel
from tam_viz.types import GIVEN, Clip, Edit, Mean, UserError, result_of

_MEANS: WeakKeyDictionary[LoadedModel, Mean] = WeakKeyDictionary()
"""Of networks that are still in use: a mean costs as many forward passes as it has clips."""


def tam_off(loaded: LoadedModel, clips: Iterable[Clip] | None = None) -> tuple[Edit, ...]:
    """The edits that switch TAM off, for `run(model, clip, edits)`.

    They carry the mean of V, so `run` and `run_tensor` need nothing else.

    Args:
        loaded: A network with TAM.
        clips: What the mean of V is over, prepared for this network; without any, MotionPairs
            training clips, which suit only a network that was trained on MotionPairs.

    Raises:
        UserError: The network has no TAM; it was not trained on MotionPairs and no clips are
            given; or a clip was not prepared for it.
    """
    mean = training_mean(loaded) if clips is None else mean_of(loaded, clips)
    return tuple(
        dataclasses.replace(edit, given=mean) if edit.op in GIVEN else edit for edit in TAM_OFF
    )


def training_mean(loaded: LoadedModel) -> Mean:
    """V and Θ of a network, the mean over MotionPairs training clips; computed once.

    Raises:
        UserError: The network has no TAM or was not trained on MotionPairs.
    """
    _needs_tam(loaded)
    if not knows_motionpairs(loaded.card):
        raise UserError(
            f"{loaded.card.id} was not trained on MotionPairs, so there are no clips of its kind "
            f"to take the mean of V over; give some: `tam_off(model, clips)`."
        )
    if loaded not in _MEANS:
        _MEANS[loaded] = result_of(mean_over(loaded, motionpairs(loaded.card.input)))
    return _MEANS[loaded]


def mean_of(loaded: LoadedModel, clips: Iterable[Clip]) -> Mean:
    """V and Θ of a network, the mean over some clips.

    Args:
        loaded: A network with TAM.
        clips: One or more, prepared for it.

    Raises:
        UserError: The network has no TAM, there is no clip, or one was not prepared for it.
    """
    _needs_tam(loaded)
    traces = [trace for clip in clips if (trace := run(loaded, clip).trace) is not None]
    if not traces:
        raise UserError("A mean needs at least one clip; none was given.")
    count = len(traces)
    return named(average(traces), "1 clip" if count == 1 else f"{count} clips")


def _needs_tam(loaded: LoadedModel) -> None:
    if not loaded.block_names:
        raise UserError(f"{loaded.card.id} has no TAM to switch off; name a TANet.")
