"""Changing V and Θ while a clip runs: one small function per operation.

Θ = [0, 1, 0] together with V = 1 makes a TAM block the identity, which is not the same as switching
it off: V is about ½, and what follows the block was trained on features half as large. Off is V at
its mean over clips: see `tam_viz.experiments.tam_off`. The weights stay those of the TANet, so an
edited TANet is not the network that was trained without TAM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.analysis.edits import MEANS, OPERATIONS
from tam_viz.models.net import VideoNet
from tam_viz.models.temporal.tam import TAM
from tam_viz.types import ALL_BLOCKS, BlockTrace, Edit, TAMTrace, Target, UserError

Rows = Float[Tensor, "c m"]
Other = Float[Tensor, "d n"]
Apply = Callable[[Rows, Edit, Other | None], Rows]
"""From V `(c, t)` or Θ `(c, k)`, the edit and the rows that it is given to the new rows."""


@dataclass(frozen=True)
class Op:
    """One operation: what it is called for a person, and what it does."""

    says: str
    apply: Apply


def _one(rows: Rows, _edit: Edit, _donor: Other | None) -> Rows:
    return torch.ones_like(rows)


def _time_mean(rows: Rows, _edit: Edit, _donor: Other | None) -> Rows:
    return rows.mean(dim=1, keepdim=True).expand_as(rows)


def _shuffled(rows: Rows, edit: Edit, _donor: Other | None) -> Rows:
    frames = rows.shape[1]
    generator = torch.Generator().manual_seed(edit.seed)
    order = torch.randperm(frames, generator=generator)
    if torch.equal(order, torch.arange(frames)):
        order = order.roll(1)
    return rows[:, order.to(rows.device)]


def _centre(rows: Rows, _edit: Edit, _donor: Other | None) -> Rows:
    only = torch.zeros_like(rows)
    only[:, rows.shape[1] // 2] = 1
    return only


def _uniform(rows: Rows, _edit: Edit, _donor: Other | None) -> Rows:
    return torch.full_like(rows, 1 / rows.shape[1])


def _reversed(rows: Rows, _edit: Edit, _donor: Other | None) -> Rows:
    return rows.flip(1)


def _level(rows: Rows, edit: Edit, given: Other | None) -> Rows:
    return _time_mean(_given(rows, edit, given), edit, None)


def _given(rows: Rows, edit: Edit, given: Other | None) -> Rows:
    if given is None or given.shape != rows.shape:
        raise UserError(
            f"The edit '{edit.op}' of {edit.block} needs a trace of the same network to take "
            f"rows from."
        )
    return given.to(rows)


_APPLY: Mapping[Target, Mapping[str, Apply]] = {
    "importance": {
        "one": _one,
        "time_mean": _time_mean,
        "shuffled": _shuffled,
        "donor": _given,
        "mean": _given,
        "level": _level,
    },
    "kernel": {
        "centre": _centre,
        "uniform": _uniform,
        "reversed": _reversed,
        "donor": _given,
        "mean": _given,
    },
}

OPS: Mapping[Target, Mapping[str, Op]] = {
    target: {op: Op(says, _APPLY[target][op]) for op, says in words.items()}
    for target, words in OPERATIONS.items()
}
"""The operations by target and name."""


def check(edits: Sequence[Edit], blocks: Mapping[str, TAM]) -> None:
    """Refuses edits that do not fit a network's TAM blocks.

    Raises:
        UserError: Naming the edit's block, target, operation, channel or donor that is wrong.
    """
    for edit in edits:
        if edit.block != ALL_BLOCKS and edit.block not in blocks:
            there = ", ".join(blocks) or "none: the network has no TAM"
            raise UserError(f"There is no TAM block '{edit.block}' to edit; there are {there}.")
        ops = OPS.get(edit.target, {})
        if edit.op not in ops:
            raise UserError(
                f"'{edit.op}' is no edit of '{edit.target}'; importance can be "
                f"{', '.join(OPS['importance'])} and kernel {', '.join(OPS['kernel'])}."
            )
        if (edit.op == "donor") != (edit.donor is not None):
            raise UserError(
                f"The edit '{edit.op}' of {edit.target} "
                f"{'needs a donor clip' if edit.op == 'donor' else 'takes no donor clip'}."
            )
        if edit.mean is not None and edit.op not in MEANS:
            raise UserError(f"The edit '{edit.op}' of {edit.target} takes no mean over clips.")
        for name in _touched(edit, blocks):
            _check_channels(edit, name, blocks[name].channels)


def _check_channels(edit: Edit, block: str, channels: int) -> None:
    wrong = [c for c in edit.channels or () if type(c) is not int or not 0 <= c < channels]
    if wrong:
        raise UserError(f"{block} has channels 0 to {channels - 1}; the edit names {wrong[0]}.")


def _touched(edit: Edit, blocks: Mapping[str, TAM]) -> list[str]:
    return list(blocks) if edit.block == ALL_BLOCKS else [edit.block]


@contextmanager
def editing(
    net: VideoNet,
    edits: Sequence[Edit],
    donors: Mapping[str, TAMTrace],
    mean: TAMTrace | None = None,
) -> Iterator[None]:
    """Puts edits in force, in their order; enter it before `recording`, which then sees them.

    Args:
        net: A network.
        edits: Interventions that `check` has passed.
        donors: Traces of the donor clips by clip id.
        mean: The mean trace, for the operations `mean` and `level` of edits that carry none.
    """
    blocks = dict(net.tam_blocks())
    check(edits, blocks)
    with ExitStack() as hooks:
        for edit in edits:
            for name in _touched(edit, blocks):
                source = _source(edit, donors, mean)
                given = source[name] if source is not None and name in source.names else None
                branch = blocks[name].L if edit.target == "importance" else blocks[name].G
                hook = branch.register_forward_hook(_hook(edit, given))
                hooks.callback(hook.remove)
        yield


def _source(edit: Edit, donors: Mapping[str, TAMTrace], mean: TAMTrace | None) -> TAMTrace | None:
    """The trace that an edit takes its rows from; None where it takes none or lacks it."""
    if edit.donor is not None:
        return donors[edit.donor.id]
    if edit.op not in MEANS:
        return None
    return mean if edit.mean is None else edit.mean.trace


def _hook(
    edit: Edit, given: BlockTrace | None
) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]:
    donor = None
    if given is not None:
        source = given.importance if edit.target == "importance" else given.kernel
        donor = torch.from_numpy(source)

    def rewrite(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        rows = output.reshape(output.shape[-2:])  # one clip: (1, c, t) or (c, k)
        new = OPS[edit.target][edit.op].apply(rows, edit, donor)
        if edit.channels is not None:
            kept, chosen = rows.clone(), list(edit.channels)
            kept[chosen] = new[chosen]
            new = kept
        return new.reshape(output.shape)

    return rewrite
