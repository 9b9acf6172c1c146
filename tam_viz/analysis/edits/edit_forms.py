"""What a person would ask for to get the edits that are there: the inverse of `edits_of`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import get_args

import numpy as np

from tam_viz.analysis.edits.edits import Where, Which, Wish, channels_text, edits_of
from tam_viz.types import ALL_BLOCKS, Clip, Edit, TAMTrace, Target, UserError

_WHERE: tuple[Where, ...] = get_args(Where)
_WHICH: tuple[Which, ...] = get_args(Which)
_Done = dict[tuple[str, Target], tuple[str, frozenset[int]]]
"""By block and target, the operation and its channels."""


def wish_of(
    edits: Sequence[Edit], trace: TAMTrace, donor: Clip | None, block: str, channel: int | None
) -> Wish | None:
    """The simplest wish that makes edits which do the same; None if there is none.

    A wish puts one operation on V, one on Θ and one on x, in the same places, with the first
    shuffling and with one donor. Edits that do something else cannot be asked for.

    Args:
        edits: Of one network, in any order.
        trace: What its blocks decide as they are.
        donor: The clip that a wish would take V and Θ from; another one with the same frames
            counts as the same.
        block: The selected block, one of the trace.
        channel: The selected channel of that block; None where that is left to the clip, so that
            no wish can stand on it.
    """
    if not all(_can_be_asked(edit, donor) for edit in edits):
        return None
    operations: dict[Target, str] = {edit.target: edit.op for edit in edits}
    wanted = _done(edits, trace)
    if wanted is None:
        return None
    chosen = tuple(name for name in trace.names if any(name == place for place, _ in wanted))
    listed = channels_text(sorted(next((some for _, some in wanted.values()), ())))
    for where, which in product(_WHERE, _WHICH):
        if which == "selected" and channel is None:
            continue
        wish = Wish(
            operations.get("importance"),
            operations.get("kernel"),
            where,
            which,
            block,
            channel or 0,
            chosen if where == "chosen" else (),
            listed if which == "listed" else "",
            operations.get("input"),
        )
        if _makes(wish, trace, donor) == wanted:
            return wish
    return None


def _can_be_asked(edit: Edit, donor: Clip | None) -> bool:
    if edit.op == "shuffled" and edit.seed != 0:
        return False
    if edit.donor is None:
        return True
    return donor is not None and np.array_equal(edit.donor.frames, donor.frames)


def _makes(wish: Wish, trace: TAMTrace, donor: Clip | None) -> _Done | None:
    try:
        return _done(edits_of(wish, trace, donor), trace)
    except UserError:  # a channel that one of the blocks lacks
        return None


def _done(edits: Sequence[Edit], trace: TAMTrace) -> _Done | None:
    """What edits do; None where two of them meet, or one names a block that is not there."""
    done: _Done = {}
    for edit in edits:
        names = trace.names if edit.block == ALL_BLOCKS else (edit.block,)
        for name in names:
            if name not in trace.names or (name, edit.target) in done:
                return None
            every = range(len(trace[name].kernel))
            channels = frozenset(every if edit.channels is None else edit.channels)
            if channels:
                done[name, edit.target] = edit.op, channels
    return done
