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
    "given": "Its mean over clips asks: does what is special to this clip matter?",
    "level": "Its mean over clips and time asks: does it matter when V is large, in any clip?",
    "time_mean": "Its mean over time asks: does it matter when V is large in this clip?",
    "centre": "Θ = [0, 1, 0] puts the weight of all other frames at zero and asks: does mixing "
    "frames matter?",
    "donor": "Another clip asks: is the decision in what is replaced? A clip of a class "
    "that is not in question, beside it, says whether any clip would do the same.",
    "one": "V = 1 about doubles the features, since V is about ½: what follows may be owed to that "
    "alone. The mean over clips and time removes as much and does not rescale.",
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
    return f"No channel there leans to the {form.which}: choose others above; {stay}."


def _asked(form: EditForm) -> list[tuple[str, str | None]]:
    return [("V", form.importance), ("Θ", form.kernel), ("x", form.features)]
