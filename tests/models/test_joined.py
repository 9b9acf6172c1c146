"""Joined operations say what single ones say, and step aside where somebody would notice."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from tam_viz.capture.run import run
from tam_viz.models import joined
from tam_viz.models.engine import lowered
from tam_viz.models.joined import Shortcut, added, convolved
from tam_viz.models.registry import entries
from tam_viz.types import Clip
from tests.models.test_engine import PUBLISHED, differences, prepared, tiny

here = pytest.mark.skipif(
    not joined.works(torch.float32, 4), reason="this torch has no joined operations"
)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Which joined operations run, by name."""
    names: list[str] = []

    def counting(name: str) -> Callable[..., Tensor]:
        real: Callable[..., Tensor] = getattr(joined, name)

        def counts(*given: object) -> Tensor:
            names.append(name)
            return real(*given)

        return counts

    with monkeypatch.context() as patch:
        for name in ("_run", "_run_added"):
            patch.setattr(joined, name, counting(name))
        yield names


@contextmanager
def single(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As where torch has no joined operations."""
    with monkeypatch.context() as patch:
        patch.setattr(joined, "works", lambda *_: False)
        yield


def layer(axes: int = 4, **options: object) -> tuple[joined.Convolution, Tensor, Tensor]:
    """A convolution, features for it, and others of the shape of what it gives."""
    torch.manual_seed(0)
    kind = nn.Conv2d if axes == 4 else nn.Conv3d
    conv = kind(8, 8, 3, padding=1, **options)  # type: ignore[arg-type]
    x, other = (torch.randn(2, 8, *[6] * (axes - 2)) for _ in range(2))
    return conv.requires_grad_(requires_grad=False), x, other


@here
@pytest.mark.parametrize("temporal", [*entries(), *PUBLISHED])
def test_every_network_says_the_same_with_joined_operations(
    temporal: str, tiny_clip: Callable[..., Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, clip = prepared(tiny(temporal, PUBLISHED.get(temporal))), tiny_clip()
    with counted(monkeypatch) as names:
        run(ready, clip)
    assert {"_run", "_run_added"} == {*names}
    with single(monkeypatch), counted(monkeypatch) as none:
        plain = run(ready, clip)
    assert not none
    done = run(ready, clip)
    np.testing.assert_allclose(done.prediction.logits, plain.prediction.logits, atol=1e-5)
    for one, other in zip(
        done.trace.blocks if done.trace else (),
        plain.trace.blocks if plain.trace else (),
        strict=True,
    ):
        np.testing.assert_allclose(one.importance, other.importance, atol=1e-5)
        np.testing.assert_allclose(one.kernel, other.kernel, atol=1e-5)


@here
@pytest.mark.parametrize("axes", [4, 5])
@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"groups": 4}, {"dilation": 2}])
def test_a_convolution_by_itself(axes: int, options: dict[str, int]) -> None:
    conv, x, _ = layer(axes, **options)
    with torch.inference_mode():
        plain = conv(x)
        torch.testing.assert_close(convolved(conv, nn.Identity(), x), plain)
        other = torch.randn_like(plain)
        kept = other.clone()
        torch.testing.assert_close(added(conv, nn.Identity(), x, other), plain + other)
        assert torch.equal(other, kept)  # the block before may still be read


@here
def test_lower_precision_too(
    tiny_clip: Callable[..., Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not joined.works(torch.bfloat16, 4):
        pytest.skip("no bfloat16 here")
    low, clip = lowered(prepared(tiny("tam")), torch.bfloat16), tiny_clip()
    with counted(monkeypatch) as names:
        done = run(low, clip)
    assert names
    with single(monkeypatch):
        plain = run(low, clip)
    np.testing.assert_allclose(done.prediction.logits, plain.prediction.logits, atol=0.1)


@here
def test_whoever_hooks_a_part_hears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    conv, x, other = layer()
    norm, heard = nn.Identity(), []
    for module in (conv, norm):
        for register in (module.register_forward_hook, module.register_forward_pre_hook):
            handle = register(lambda *_: heard.append(1))
            with torch.inference_mode(), counted(monkeypatch) as names:
                added(conv, norm, x, other)
            assert (len(heard), names) == (1, [])
            handle.remove()
            heard.clear()
    handle = nn.modules.module.register_module_forward_hook(lambda *_: heard.append(1))
    try:
        with torch.inference_mode(), counted(monkeypatch) as names:
            convolved(conv, norm, x)
    finally:
        handle.remove()
    assert heard
    assert not names
    with torch.inference_mode(), counted(monkeypatch) as names:
        Shortcut(conv, norm)(x)
    assert names


def test_gradients_take_the_single_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    conv, x, other = layer()
    with counted(monkeypatch) as names:
        added(conv, nn.Identity(), x.requires_grad_(), other).sum().backward()
    assert x.grad is not None
    assert not names


def test_a_norm_that_is_not_folded_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    conv, x, _ = layer()
    norm = nn.BatchNorm2d(8).eval()
    norm.running_mean = torch.ones(8)
    with torch.inference_mode(), counted(monkeypatch) as names:
        torch.testing.assert_close(convolved(conv, norm, x), norm(conv(x)))
    assert not names


def test_weights_that_change_are_taken_anew() -> None:
    conv, x, _ = layer()
    with torch.no_grad():
        convolved(conv, nn.Identity(), x)
        conv.weight.mul_(2)
        torch.testing.assert_close(convolved(conv, nn.Identity(), x), conv(x))
        conv.weight = nn.Parameter(torch.randn_like(conv.weight))
        torch.testing.assert_close(convolved(conv, nn.Identity(), x), conv(x))
        conv.weight.data = torch.randn_like(conv.weight)
        torch.testing.assert_close(convolved(conv, nn.Identity(), x), conv(x))
        other = copy.deepcopy(conv)
        other.weight.zero_()
        torch.testing.assert_close(convolved(other, nn.Identity(), x), other(x))
        torch.testing.assert_close(convolved(conv, nn.Identity(), x), conv(x))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_what_is_no_number_stays_none(bad: float) -> None:
    conv, x, other = layer()
    x[0, 0, 3, 3] = bad
    with torch.inference_mode():
        plain = conv(x)
        for y, z in (
            (convolved(conv, nn.Identity(), x), plain),
            (added(conv, nn.Identity(), x, other), plain + other),
        ):
            assert torch.equal(y.relu().isfinite(), z.relu().isfinite())


def absent(*_: object) -> Tensor:
    raise AttributeError("'_OpNamespace' 'mkldnn' object has no attribute")


def failing(*_: object) -> Tensor:
    raise RuntimeError("could not create a primitive")


def wrong(_conv: nn.Module, x: Tensor, *_: object) -> Tensor:
    return x


@pytest.mark.parametrize("broken", [absent, failing, wrong])
def test_where_an_operation_is_absent_or_wrong_single_ones_run(
    broken: Callable[..., Tensor], tiny_clip: Callable[..., Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, ready, clip = tiny("tam"), prepared(tiny("tam")), tiny_clip()
    joined.works.cache_clear()
    try:
        for name in ("_run", "_run_added"):
            with monkeypatch.context() as patch:
                patch.setattr(joined, name, broken)
                joined.works.cache_clear()
                assert not joined.works(torch.float32, 4)
                assert max(differences(plain, ready, clip)) < 1e-4
    finally:
        joined.works.cache_clear()


def test_trying_them_draws_no_numbers_of_others() -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    joined.works.cache_clear()
    joined.works(torch.float32, 4)
    assert torch.equal(torch.rand(2), expected)


def test_whoever_counts_operations_sees_single_ones() -> None:
    conv, x, other = layer()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        added(conv, nn.Identity(), x, other)
    assert counter.get_total_flops() == 2 * 8 * 8 * 9 * 36 * 2  # clips, channels, kernel, positions
