"""Edits as a person asks for them, as words, as text for a link and as records for a file.

The text of an edit is `target=operation@block[channels]~seed`, of several with `;` between them:
`importance=one@*; kernel=shuffled@layer3.1[0,3-7]~2`. A donor clip is not part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tam_viz.analysis.edits.edit_text import channels_text, parse_channels
from tam_viz.analysis.formatting import listed
from tam_viz.analysis.tam.kernels import lean
from tam_viz.types import (
    ALL_BLOCKS,
    OPERATIONS,
    BlockTrace,
    Clip,
    Edit,
    TAMTrace,
    Target,
    UserError,
)

Where = Literal["all", "selected", "later", "chosen"]
Which = Literal["all", "selected", "past", "future", "listed"]


RESCALES = (("importance", "one"),)
"""Operations, by target and name, that change how large features are.

V is about ½, so V = 1 about doubles the features in every block: what it changes is owed to that.
"""


TAM_OFF = (Edit(ALL_BLOCKS, "importance", "given"), Edit(ALL_BLOCKS, "kernel", "centre"))
"""Switches TAM off: V says nothing of the clip, and Θ mixes no frame with another.

V is not put at 1: it is about ½, so that would double the features in every block.
"""


@dataclass(frozen=True)
class EditForm:
    """The controls of an edit.

    Attributes:
        importance: Operation on V; None leaves it as it is.
        kernel: Operation on Θ; None leaves it as it is.
        where: In all blocks, the selected one, that and all later ones, or the `chosen`.
        which: All channels, the selected one, those whose kernel leans to the past or to the
            future before the edit, or the `listed`.
        block: The selected block.
        channel: The selected channel.
        chosen: Blocks, for `where`.
        listed: Channels such as `0, 3-7`, for `which`.
        features: Operation on x, the input of a block; None leaves it as it is.
    """

    importance: str | None
    kernel: str | None
    where: Where
    which: Which
    block: str
    channel: int
    chosen: tuple[str, ...] = ()
    listed: str = ""
    features: str | None = None


def edits_of(form: EditForm, trace: TAMTrace, donor: Clip | None) -> tuple[Edit, ...]:
    """The edits that a person asks for; V, then Θ, then x, blocks in forward order.

    Args:
        form: What is asked for.
        trace: What the blocks decide as they are.
        donor: Clip whose V, Θ or x the operation `donor` puts in.

    Raises:
        UserError: A channel that a block lacks, or nonsense where channels are listed.
    """
    asked: list[tuple[Target, str]] = []
    if form.importance is not None:
        asked.append(("importance", form.importance))
    if form.kernel is not None:
        asked.append(("kernel", form.kernel))
    if form.features is not None:
        asked.append(("input", form.features))
    blocks: list[tuple[str, tuple[int, ...] | None]] = [(ALL_BLOCKS, None)]
    if (form.where, form.which) != ("all", "all"):
        blocks = [(name, _channels(form, trace[name])) for name in _blocks(form, trace)]
    return tuple(
        Edit(block, target, op, channels, donor if op == "donor" else None)
        for target, op in asked
        for block, channels in blocks
        if channels is None or channels
    )


def _blocks(form: EditForm, trace: TAMTrace) -> tuple[str, ...]:
    if form.where == "all":
        return trace.names
    if form.where == "selected":
        return (form.block,)
    if form.where == "later":
        return trace.names[trace.names.index(form.block) :]
    return tuple(name for name in trace.names if name in form.chosen)


def _channels(form: EditForm, block: BlockTrace) -> tuple[int, ...] | None:
    if form.which == "all":
        return None
    if form.which in ("past", "future"):
        side = lean(block.kernel) * (-1 if form.which == "past" else 1)
        return tuple(int(c) for c in np.flatnonzero(side > 0))
    single = form.which == "selected"
    channels = (form.channel,) if single else tuple(sorted(set(parse_channels(form.listed))))
    count = len(block.kernel)
    if channels and channels[-1] >= count:
        raise UserError(
            f"{block.name} has channels 0 to {count - 1}, and {channels[-1]} was asked for; edit a "
            f"later block alone, or name other channels."
        )
    return channels


def describe_edits(edits: Sequence[Edit]) -> str:
    """A phrase on what is edited, such as `V = 1 and Θ = [0, 1, 0] in all blocks`."""
    if not edits:
        return "nothing edited"
    by_blocks: dict[str, list[str]] = {}
    operations = {(edit.target, edit.op): edit for edit in edits}
    for (target, op), first in operations.items():
        alike = [edit for edit in edits if (edit.target, edit.op) == (target, op)]
        says = OPERATIONS[target][op]
        if first.donor is not None:
            says = says.replace("another clip", f"'{first.donor.source}'")
        by_blocks.setdefault(_where(alike), []).append(says)
    return "; ".join(f"{_joined(says)} in {where}" for where, says in by_blocks.items())


def _joined(says: Sequence[str]) -> str:
    if len(says) > 1 and " of '" in says[0] and len({phrase[1:] for phrase in says}) == 1:
        return f"{listed(phrase[0] for phrase in says)}{says[0][1:]}"
    return listed(says)


def _where(edits: Sequence[Edit]) -> str:
    names = [edit.block for edit in edits]
    blocks = " and ".join(names)
    if len(names) > 2:
        blocks = f"{len(names)} blocks ({names[0]} … {names[-1]})"
    if names[0] == ALL_BLOCKS:
        blocks = "all blocks"
    chosen = [edit.channels for edit in edits]
    if all(channels is None for channels in chosen):
        return blocks
    if len(set(chosen)) == 1 and len(chosen[0] or ()) < 6:
        return f"channels {channels_text(chosen[0] or ())} of {blocks}"
    return f"{sum(len(channels or ()) for channels in chosen)} channels of {blocks}"
