"""What the answer owes to a channel: slopes against small changes, and nothing left behind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.special import logsumexp

from tam_viz.capture.channels import channel_effects
from tam_viz.capture.run import prepared
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip, UserError

TARGET, PLACE = "moves left", 0


def score(loaded: LoadedModel, clip: Clip, block: str, channel: int, scale: float) -> float:
    """Log-odds of the class with one channel of TAM's output scaled."""
    tam = dict(loaded.net.tam_blocks())[block]

    def scaled(_: object, __: object, out: torch.Tensor) -> torch.Tensor:
        changed = out.clone()
        changed[:, channel] *= scale
        return changed

    handle = tam.register_forward_hook(scaled)
    try:
        with torch.no_grad():
            logits = loaded.net(prepared(loaded, clip))[0].double().numpy()
    finally:
        handle.remove()
    return float(logits[PLACE] - logsumexp(np.delete(logits, PLACE)))


def test_it_is_the_slope_of_the_score_as_the_channel_fades(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    found, step = channel_effects(loaded, clip, TARGET), 1e-2
    for block, effects in found.items():
        for channel in np.argsort(-np.abs(effects))[:2]:
            up, down = (score(loaded, clip, block, int(channel), 1 + s * step) for s in (1, -1))
            assert effects[channel] == pytest.approx((up - down) / (2 * step), rel=0.1, abs=2e-3)
            assert abs(effects[channel]) > 5e-3


def test_every_channel_has_a_number_and_nothing_is_left(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> None:
    loaded = tiny_model()
    found = channel_effects(loaded, tiny_clip(), TARGET)
    assert {name: effects.shape for name, effects in found.items()} == {
        name: (channels,) for name, channels in loaded.card.blocks.items()
    }
    assert not loaded.net.training
    assert not any(module._forward_hooks for module in loaded.net.modules())
    assert all(parameter.grad is None for parameter in loaded.net.parameters())


def test_an_unknown_class_is_told(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> None:
    loaded = tiny_model()
    with pytest.raises(UserError, match="does not know the class 'flies'"):
        channel_effects(loaded, tiny_clip(), "flies")
    assert not any(module._forward_hooks for module in loaded.net.modules())
