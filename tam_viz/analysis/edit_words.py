"""What was changed in a network and in its clip, and what is still to be chosen, in words."""

from __future__ import annotations

from collections.abc import Sequence

from tam_viz.analysis.edits import Wish, describe_edits
from tam_viz.types import Edit

_PLAYED = {
    "reversed": "the clip played backwards",
    "shuffled": "the frames of the clip shuffled",
    "frozen": "frame {frame} of the clip in the place of all others",
    "half": "the clip at half speed",
    "double": "the clip at double speed",
}


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


def describe_lacking(wish: Wish, edits: Sequence[Edit], *, retimed: bool) -> str | None:
    """A sentence on what is still to be chosen; None where something is changed as asked.

    Args:
        wish: What a person asks for.
        edits: What that makes.
        retimed: Whether the clip is played in another time.
    """
    if edits:
        return None
    wanted = [s for s, op in (("V", wish.importance), ("Θ", wish.kernel)) if op is not None]
    if not wanted:
        start = (
            "Nothing is changed yet: choose above what becomes of V, of Θ or of the clip's time."
        )
        return None if retimed else start
    stay = f"{' and '.join(wanted)} {'stays' if len(wanted) == 1 else 'stay'} as before until then"
    if wish.where == "chosen" and not wish.chosen:
        return f"Choose at least one block above; {stay}."
    if wish.which == "listed":
        return f"Name at least one channel above, such as 0, 3-7; {stay}."
    return f"No channel there leans to the {wish.which}: choose others above; {stay}."
