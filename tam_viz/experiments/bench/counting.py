"""Counting multiply-adds with torch's formulas, without loading torch's compiler.

torch's own counter (`FlopCounterMode`) loads the compiler with its first operation, which takes a
second and 75 MB of a server that compiles nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


class Products(TorchDispatchMode):
    """Counts the multiply-adds of everything that runs inside it.

    Convolutions, matrix products and attention count as torch's formulas say; products of one
    number each with another, such as features with the weights of a temporal module, count too,
    one for each number of the result. Sums, norms and activations do not.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.multiply_adds = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """The compiler need not be told to leave this out: nothing is compiled."""
        return False

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: Sequence[type],
        args: Sequence[object] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        """Runs an operation and counts it."""
        given = dict(kwargs or {})
        packet = func.overloadpacket
        if packet not in flop_registry and packet not in _SINGLE:
            with self:
                parts = func.decompose(*args, **given)
            if parts is not NotImplemented:
                return parts
        out = func(*args, **given)
        if packet in _SINGLE:
            self.multiply_adds += out.numel()
        elif packet in flop_registry:
            formula: Callable[..., int] = flop_registry[packet]
            self.multiply_adds += int(formula(*args, **given, out_val=out)) // 2
        return out


_SINGLE = (torch.ops.aten.mul, torch.ops.aten.addcmul_)
