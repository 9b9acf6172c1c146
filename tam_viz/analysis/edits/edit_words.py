"""Sentences on the edits of a network and its clip, and on what is still to be chosen."""

from __future__ import annotations

from collections.abc import Sequence

from tam_viz.analysis.edits.edits import EditForm, describe_edits
from tam_viz.analysis.formatting import listed
from tam_viz.types import Edit

_PLAYED = {
    "reversed": "the clip played backwards",
    "shuffled": "the frames of the clip shuffled",
    "frozen": "frame {frame} of the clip in the place of all others",
    "half": "the clip at half speed",
    "double": "the clip at double speed",
}


_QUESTIONS = {
    "given": "The mean over clips tests whether it matters what is specific to this clip.",
    "level": "The mean over clips and time tests whether it matters when V is large, in any clip.",
    "time_mean": "The mean over time tests whether it matters when V is large in this clip.",
    "centre": "Θ = [0, 1, 0] puts the weight of all other frames at zero. It tests whether mixing "
    "frames matters.",
    "donor": "Another clip tests whether the replaced part carries the decision. A clip of an "
    "unrelated class shows whether any clip would do the same.",
    "one": "V is about ½, so V = 1 about doubles the features: the effect may come from the scale "
    "alone. The mean over clips and time also removes all variation, without rescaling.",
}
"""Which question each way to take something away answers."""


def questions(edits: Sequence[Edit]) -> list[str]:
    """Sentences on the questions that some edits answer."""
    asked = dict.fromkeys(edit.op for edit in edits)
    return [_QUESTIONS[op] for op in asked if op in _QUESTIONS]


def describe_played(tempo: str, frame: int) -> str:
    """A phrase on how a clip is played; `frame`, from 0, is the one that may be frozen."""
    return _PLAYED[tempo].format(frame=frame + 1)


def describe_changes(edits: Sequence[Edit], played: str | None) -> str:
    """A phrase on all that is changed.

    Args:
        edits: Of V and Θ.
        played: A phrase on how the clip is played; None for as it is.
    """
    if played is None:
        return describe_edits(edits)
    return f"{describe_edits(edits)}, and {played}" if edits else f"{played} and nothing else"


def describe_lacking(form: EditForm, edits: Sequence[Edit], *, retimed: bool) -> str | None:
    """A sentence on what is still to be chosen; None where something is changed as asked.

    Args:
        form: What a person asks for.
        edits: What that makes.
        retimed: Whether the clip is played in another time.
    """
    if edits:
        return None
    wanted = [s for s, op in _asked(form) if op is not None]
    if not wanted:
        start = "Nothing is changed yet: choose above what replaces V, Θ or x, or another timing."
        return None if retimed else start
    stay = f"{listed(wanted)} {'stays' if len(wanted) == 1 else 'stay'} as before until then"
    if form.where == "chosen" and not form.chosen:
        return f"Choose at least one block above; {stay}."
    if form.which == "listed":
        return f"Name at least one channel above, such as 0, 3-7; {stay}."
    return f"No channel there has more weight on the {form.which}: choose others above; {stay}."


def _asked(form: EditForm) -> list[tuple[str, str | None]]:
    return [("V", form.importance), ("Θ", form.kernel), ("x", form.features)]
