"""Predictions for every timing of the clip; asked for if they take long."""

from __future__ import annotations

from functools import partial

import numpy as np
from jaxtyping import UInt8

from tam_viz.analysis.edits.clip_timing import Played
from tam_viz.analysis.edits.sweep import AS_IT_IS
from tam_viz.experiments.kinds import Basis
from tam_viz.types import Card, Clip, Edit, Prediction, Step, Steps, part
from tam_viz.ui.edits.ask_to_wait import agreed
from tam_viz.ui.state import cache
from tam_viz.ui.state.selection import Selection
from tam_viz.video.tempo import TEMPI, retimed

_Job = tuple[str, str, Clip, tuple[Edit, ...]]
"""Name of the predictions, the network, the clip, and the edits."""


def played(selection: Selection, edits: tuple[Edit, ...]) -> dict[str, Played] | None:
    """Predictions of the first networks, and the edited one, for every timing of the clip.

    None until a visitor agrees to wait for it.

    Raises:
        UserError: The video cannot be read as a network needs it.
    """
    card = selection.card
    clips = {starter.id: clip_of(selection, starter) for starter in selection.starters}
    jobs: list[_Job] = [(n, n, clips[n], ()) for n in clips]
    if edits:
        jobs.insert(1, (f"{card.id}, edited", card.id, clips[card.id], edits))
    clip, passes = clips[card.id], len(jobs) * (1 + len(TEMPI))
    key = ("played", card.id, clip.id, selection.frame, edits)
    asked = ("playing", card.id, clip.id)
    if not (cache.kept(key) or agreed(asked, card, clip, passes, "Playing the clip in every way")):
        return None
    frame_of = selection.frame, selection.spec.frames
    return cache.with_bar(key, partial(_play, jobs, frame_of, selection.basis), "Temporal controls")


def _play(jobs: list[_Job], frame_of: tuple[int, int], basis: Basis) -> Steps[dict[str, Played]]:
    """All jobs in turn; `frame_of` is the frame that is frozen, and of how many."""
    from tam_viz.experiments.studies.sweep import tempi

    played: dict[str, Played] = {}
    for number, (says, name, clip, edits) in enumerate(jobs):
        answer = partial(_answer, name, edits, basis)
        steps = tempi(answer, clip, frame_of[0] * len(clip.frames) // frame_of[1])
        passes = 1 + len(TEMPI)
        played[says] = yield from part(steps, len(jobs) * passes, before=number * passes)
    yield Step(len(jobs) * passes, len(jobs) * passes, played)


def _answer(name: str, edits: tuple[Edit, ...], basis: Basis, clip: Clip) -> Prediction:
    mean = cache.mean_for(name, edits, basis)
    return cache.edited_run(name, clip, edits, mean).prediction


def clip_of(selection: Selection, card: Card) -> Clip:
    """The clip as a network takes it: the view that is looked at, where it takes that one."""
    spec = selection.given(card)
    return selection.clip() if spec == selection.spec else cache.clip(selection.source, spec, 0)


def tempo_words(frame: int) -> dict[str, str]:
    """Labels of clip timings; `frame`, from 0, is the one that is frozen."""
    frozen = {"frozen": f"frame {frame + 1}, frozen"}
    return {AS_IT_IS: AS_IT_IS, **{name: tempo.says for name, tempo in TEMPI.items()}, **frozen}


def strips(clip: Clip, frame: int) -> list[UInt8[np.ndarray, "t h w 3"]]:
    """The frames of the clip as it is and played in every other way."""
    return [clip.frames, *(retimed(clip, name, frame).frames for name in TEMPI)]
