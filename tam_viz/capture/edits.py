"""Changing V, Θ and x while a clip runs: one small function per operation.

Θ = [0, 1, 0] together with V = 1 makes a TAM block the identity, which is not the same as switching
it off: V is about ½, and what follows the block was trained on features half as large. Off is V at
its mean over clips: see `tam_viz.experiments.studies.tam_off`. The weights stay those of the TANet,
so an edited TANet is not the network that was trained without TAM.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from tam_viz.capture.operations import OPS, Rows
from tam_viz.models.net import VideoNet
from tam_viz.models.temporal.tam import TAM
from tam_viz.types import ALL_BLOCKS, GIVEN, OPERATIONS, Edit, TAMTrace, Target, UserError

if {target: {*done} for target, done in OPS.items()} != {t: {*o} for t, o in OPERATIONS.items()}:
    raise TypeError("types.OPERATIONS and the functions that are registered here are not the same")


def check(edits: Sequence[Edit], blocks: Mapping[str, TAM]) -> None:
    """Refuses edits that do not fit a network's TAM blocks.

    Raises:
        UserError: Naming the edit's block, target, operation, channel or donor that is wrong.
    """
    if edits and not blocks:
        raise UserError(
            f"There is no TAM block '{edits[0].block}' to edit: the network has no TAM; name a "
            f"TANet."
        )
    for edit in edits:
        if edit.block != ALL_BLOCKS and edit.block not in blocks:
            known = ", ".join(blocks)
            raise UserError(f"There is no TAM block '{edit.block}' to edit; there are {known}.")
        ops = OPS.get(edit.target, {})
        if edit.op not in ops:
            raise UserError(
                f"'{edit.op}' is no edit of '{edit.target}'; importance can be "
                f"{', '.join(OPERATIONS['importance'])}, kernel "
                f"{', '.join(OPERATIONS['kernel'])} and input {', '.join(OPERATIONS['input'])}."
            )
        if (edit.op == "donor") != (edit.donor is not None):
            raise UserError(
                f"The edit '{edit.op}' of {edit.target} "
                f"{'needs a donor clip' if edit.op == 'donor' else 'takes no donor clip'}."
            )
        if edit.given is not None and edit.op not in GIVEN:
            raise UserError(f"The edit '{edit.op}' of {edit.target} takes no given trace.")
        for name in touched(edit, blocks):
            _check_channels(edit, name, blocks[name].channels)


def _check_channels(edit: Edit, block: str, channels: int) -> None:
    wrong = [c for c in edit.channels or () if type(c) is not int or not 0 <= c < channels]
    if wrong:
        raise UserError(f"{block} has channels 0 to {channels - 1}; the edit names {wrong[0]}.")


def touched(edit: Edit, blocks: Mapping[str, object]) -> list[str]:
    """The blocks that an edit changes, of all TAM blocks of a network."""
    return list(blocks) if edit.block == ALL_BLOCKS else [edit.block]


@dataclass(frozen=True, eq=False)
class Donor:
    """V, Θ and x of a clip, to be put into another one.

    Attributes:
        trace: V and Θ of every TAM block.
        inputs: x, what TAM blocks are given, `(1, c, t, h, w)`, by block; as far as it was kept.
    """

    trace: TAMTrace
    inputs: Mapping[str, Tensor]


def inputs_wanted(edits: Sequence[Edit], names: Sequence[str]) -> dict[str, set[str]]:
    """By the id of a donor, the blocks whose x edits take from it.

    Args:
        edits: Interventions.
        names: All TAM blocks of the network.
    """
    wanted: dict[str, set[str]] = {}
    for edit in edits:
        if edit.target == "input" and edit.donor is not None:
            blocks = names if edit.block == ALL_BLOCKS else [edit.block]
            wanted.setdefault(edit.donor.id, set()).update(blocks)
    return wanted


@contextmanager
def editing(
    net: VideoNet,
    edits: Sequence[Edit],
    donors: Mapping[str, Donor],
    given: TAMTrace | None = None,
) -> Iterator[None]:
    """Puts edits in force, in their order; enter it before `recording`, which then sees them.

    Args:
        net: A network that runs one clip.
        edits: Interventions.
        donors: What the donor clips give, by clip id.
        given: What the operations `given` and `level` put in, for edits that carry none.
    """
    with editing_many(net, [edits], donors, given):
        yield


@contextmanager
def editing_many(
    net: VideoNet,
    edits: Sequence[Sequence[Edit]],
    donors: Mapping[str, Donor],
    given: TAMTrace | None = None,
) -> Iterator[None]:
    """Like `editing`, for a batch of clips with edits of their own."""
    tams = dict(net.tam_blocks())
    wanted: dict[tuple[str, Target], list[_InRow]] = {}
    for row, of_clip in enumerate(edits):
        check(of_clip, tams)
        for edit in of_clip:
            for name in touched(edit, tams):
                in_row = _InRow(row, edit, _rows(edit, name, donors, given))
                wanted.setdefault((name, edit.target), []).append(in_row)
    with ExitStack() as hooks:
        for (name, target), rows in wanted.items():
            if target == "input":
                hook = tams[name].register_forward_pre_hook(partial(_before, rows))
            else:
                branch = tams[name].L if target == "importance" else tams[name].G
                hook = branch.register_forward_hook(partial(_after, rows, len(edits)))
            hooks.callback(hook.remove)
        yield


class _InRow(NamedTuple):
    """An edit of one clip of a batch, and what it puts in."""

    row: int
    edit: Edit
    given: Tensor | None


def _rows(
    edit: Edit, block: str, donors: Mapping[str, Donor], given: TAMTrace | None
) -> Tensor | None:
    """What an edit puts into a block; None where it takes nothing or lacks it."""
    if edit.target == "input":
        features = None if edit.donor is None else donors[edit.donor.id].inputs.get(block)
        return None if features is None else features[0]
    if edit.donor is not None:
        trace: TAMTrace | None = donors[edit.donor.id].trace
    elif edit.op in GIVEN:
        trace = given if edit.given is None else edit.given.trace
    else:
        return None
    if trace is None or block not in trace.names:
        return None
    rows = trace[block].importance if edit.target == "importance" else trace[block].kernel
    return torch.from_numpy(rows)


def _after(
    rows: Sequence[_InRow],
    clips: int,
    _module: nn.Module,
    _inputs: tuple[Tensor, ...],
    output: Tensor,
) -> Tensor:
    """A forward hook, once it has edits of some clips of a batch: V or Θ after the edits."""
    new = output.reshape(clips, -1, output.shape[-1]).clone()  # (n, c, t) or (n, c, k)
    for row, edit, given in rows:
        new[row] = _new(new[row], edit, given)
    return new.reshape(output.shape)


def _before(
    rows: Sequence[_InRow], _module: nn.Module, inputs: tuple[Tensor, ...]
) -> tuple[Tensor]:
    """The same before the block runs: x after the edits."""
    new = inputs[0].clone()
    for row, edit, given in rows:
        new[row] = _new(new[row], edit, given)
    return (new,)


def _new(rows: Rows, edit: Edit, given: Tensor | None) -> Rows:
    """The rows after an edit; those of channels that it does not name stay."""
    new = OPS[edit.target][edit.op](rows, edit, given)
    if edit.channels is None:
        return new
    kept, chosen = rows.clone(), list(edit.channels)
    kept[chosen] = new[chosen]
    return kept
