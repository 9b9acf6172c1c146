"""The operations of edits: each is a function from V, Θ or x to its replacement."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from tam_viz.types import OPERATIONS, Edit, Target, UserError

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
