"""Multiply-adds are those that torch's own counter counts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tam_viz.experiments.bench.counting import Products
from tam_viz.experiments.bench.measure import multiply_adds
from tam_viz.models.engine import LoadedModel
from tam_viz.models.registry import entries
from tests.models.test_engine import PUBLISHED, prepared, tiny


def by_torch(loaded: LoadedModel) -> int:
    """Two operations for each product, as torch counts them."""

    def elements(*_shapes: object, out_shape: Sequence[int] = (), **_: object) -> int:
        return 2 * int(torch.Size(out_shape).numel())

    aten, spec = torch.ops.aten, loaded.card.input
    single = {aten.mul: elements, aten.addcmul_: elements}
    with torch.no_grad(), FlopCounterMode(display=False, custom_mapping=single) as counter:
        loaded.net(torch.zeros(1, 3, spec.frames, spec.size, spec.size))
    return int(counter.get_total_flops()) // 2


@pytest.mark.parametrize("temporal", [*entries(), *PUBLISHED])
def test_they_are_those_of_torchs_counter(temporal: str) -> None:
    ready = prepared(tiny(temporal, PUBLISHED.get(temporal)))
    assert multiply_adds(ready) == by_torch(ready) > 0


def test_products_by_hand() -> None:
    x, weight = torch.rand(2, 3, 8, 8), torch.rand(5, 3, 3, 3)
    with torch.no_grad(), Products() as counter:
        y = torch.nn.functional.conv2d(x, weight) * 2.0
        y.flatten(1) @ torch.rand(5 * 6 * 6, 7)
    numbers = 2 * 5 * 6 * 6
    assert counter.multiply_adds == numbers * 27 + numbers + 2 * 180 * 7


def test_counting_does_not_load_torchs_compiler() -> None:
    code = (
        "import sys; from tam_viz.models.engine import load;"
        "from tam_viz.experiments.bench.measure import multiply_adds;"
        "multiply_adds(load('tanet-motionpairs', 'cpu'));"
        "sys.exit(any(name in sys.modules for name in ('torch._dynamo', 'sympy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
