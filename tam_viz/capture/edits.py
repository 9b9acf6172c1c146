"""Changing V, Θ and x while a clip runs: one small function per operation.

Θ = [0, 1, 0] together with V = 1 makes a TAM block the identity, which is not the same as switching
it off: V is about ½, and what follows the block was trained on features half as large. Off is V at
its mean over clips: see `tam_viz.experiments.studies.tam_off`. The weights stay those of the TANet,
so an edited TANet is not the network that was trained without TAM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.net import VideoNet
from tam_viz.models.temporal.tam import TAM
from tam_viz.types import ALL_BLOCKS, GIVEN, OPERATIONS, Edit, TAMTrace, Target, UserError

Rows = Float[Tensor, "c *m"]
Other = Float[Tensor, "d *n"]
Apply = Callable[[Rows, Edit, Other | None], Rows]
"""From V `(c, t)`, Θ `(c, k)` or x `(c, t, h, w)`, the edit and what it is given to new rows."""


OPS: dict[Target, dict[str, Apply]] = {target: {} for target in OPERATIONS}
"""The operations by target and name."""


def operation(name: str, *targets: Target) -> Callable[[Apply], Apply]:
    """Registers a function as an operation; its label is a row in `types.OPERATIONS`."""

    def register(apply: Apply) -> Apply:
        for target in targets:
            OPS[target][name] = apply
        return apply

    return register


@operation("one", "importance")
def _one(rows: Rows, _edit: Edit, _given: Other | None) -> Rows:
    return torch.ones_like(rows)


@operation("time_mean", "importance")
def _time_mean(rows: Rows, _edit: Edit, _given: Other | None) -> Rows:
    return rows.mean(dim=1, keepdim=True).expand_as(rows)


@operation("shuffled", "importance")
def _shuffled(rows: Rows, edit: Edit, _given: Other | None) -> Rows:
    frames = rows.shape[1]
    generator = torch.Generator().manual_seed(edit.seed)
    order = torch.randperm(frames, generator=generator)
    if torch.equal(order, torch.arange(frames)):
        order = order.roll(1)
    return rows[:, order.to(rows.device)]


@operation("centre", "kernel")
def _centre(rows: Rows, _edit: Edit, _given: Other | None) -> Rows:
    only = torch.zeros_like(rows)
    only[:, rows.shape[1] // 2] = 1
    return only


@operation("uniform", "kernel")
def _uniform(rows: Rows, _edit: Edit, _given: Other | None) -> Rows:
    return torch.full_like(rows, 1 / rows.shape[1])


@operation("reversed", "kernel")
def _reversed(rows: Rows, _edit: Edit, _given: Other | None) -> Rows:
    return rows.flip(1)


@operation("donor", "importance", "kernel", "input")
@operation("given", "importance", "kernel")
def _given_rows(rows: Rows, edit: Edit, given: Other | None) -> Rows:
    if given is None or given.shape != rows.shape:
        raise UserError(
            f"The edit '{edit.op}' of {edit.block} needs a trace of the same network to take "
            f"rows from."
        )
    return given.to(rows)


@operation("level", "importance")
def _level(rows: Rows, edit: Edit, given: Other | None) -> Rows:
    return _time_mean(_given_rows(rows, edit, given), edit, None)


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
    """What a clip can give to another one.

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
    """The same for a batch of clips, each with edits of its own."""
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
