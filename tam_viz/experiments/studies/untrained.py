"""The untrained network: random weights, and batch norms fitted to real clips.

Its weights follow from a seed, so they are the same for everyone. Without recalibrated batch norms
it would saturate and show nothing but its own explosion; they are fitted to a few clips, and what
they come to is kept on disk by the weights and the clips that it depends on.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.experiments.kinds import Basis, motionpairs
from tam_viz.experiments.studies import kept
from tam_viz.models.checkpoint import build
from tam_viz.models.engine import LoadedModel, prepare
from tam_viz.models.net import TemporalResNet, VideoNet
from tam_viz.models.preprocess import normalise
from tam_viz.models.published.inflated import InflatedResNet
from tam_viz.types import Card, Clip, Step, Steps, UserError, result_of

FITTED = 32
"""Clips that the batch norms of an untrained network are fitted to, at most."""
HALVED = 160
"""Side in pixels from which on they are fitted to frames of half the size, at 0.3 of the
cost. On TANet-50 V and Θ of what is fitted to 8 clips so agree with those of a fit to 32 whole ones
no worse than with frames of full size (`benchmarks/references.py`)."""
_SEED, _BATCH, _TOLD = 0, 8, 16


@dataclass(frozen=True, eq=False)
class Untrained:
    """A network of the same shape with random weights.

    Attributes:
        network: It, with batch norms that fit real input.
        over: The clips that they were fitted to, in words.
    """

    network: LoadedModel
    over: str


def untrained(loaded: LoadedModel, basis: Basis | None = None) -> LoadedModel:
    """A network of the same shape with random weights and batch norms that fit real input.

    Args:
        loaded: The network.
        basis: Clips to fit the batch norms to; by default 32 MotionPairs clips.

    Raises:
        UserError: None of the clips can be read.
    """
    return fitted(loaded, basis).network


def fitted(loaded: LoadedModel, basis: Basis | None = None) -> Untrained:
    """Like `untrained`, with the clips that the batch norms were fitted to, in words."""
    return result_of(fit_untrained(loaded, basis or motionpairs(loaded.card.input)))


def fit_untrained(loaded: LoadedModel, basis: Basis) -> Steps[Untrained]:
    """Makes the untrained network, with batch norms fitted to clips; a step is a clip.

    Batch norms come to the plain average over batches of clips. Where they are kept on disk, they
    are read.

    Raises:
        UserError: None of the clips can be read.
    """
    net, total = _random(loaded), min(basis.count, FITTED)
    clips: Iterable[Clip] = itertools.islice(basis.clips(), total)
    if not basis.drawn:
        clips = list(clips)  # a name alone does not say what a file holds
    name = kept.digest([*_shape(loaded.card), *_weights(net), *basis.content(clips, FITTED)])
    stored, done = kept.recall(name), 0
    if stored is None:
        for done in _fit(net, loaded, clips):
            yield Step(min(done, total - 1), total)
        kept.keep(name, _statistics(net))
    else:
        net.load_state_dict(stored, strict=False)
        done = total if basis.drawn else len([*clips])
    if not done:
        raise UserError(f"None of the {basis.says} can be read, so there is nothing to fit to.")
    card = dataclasses.replace(loaded.card, id=f"{loaded.card.id} (untrained)", metrics=())
    ready = prepare(net.eval(), card).to(loaded.device)
    network = dataclasses.replace(loaded, card=card, net=ready, dtype=torch.float32)
    yield Step(total, total, Untrained(network, basis.over(done)))


def _fit(net: VideoNet, loaded: LoadedModel, clips: Iterable[Clip]) -> Iterator[int]:
    """Lets the batch norms see the clips, some at a time; yields how many they have seen."""
    net.to(loaded.device).channels_last()
    done, rest = 0, iter(clips)
    while several := tuple(itertools.islice(rest, _BATCH)):
        frames = np.stack([clip.frames for clip in several])
        with loaded.lock, torch.inference_mode():
            x = normalise(torch.from_numpy(frames).to(loaded.device), loaded.card.input)
            if _statistics(net):
                net(_small(net, x))
        done += len(several)
        yield done


def _small(net: VideoNet, x: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n 3 t e f"]:
    """Clips of half the size, where they are large and the network takes any size."""
    if x.shape[-1] < HALVED or not isinstance(net, (TemporalResNet, InflatedResNet)):
        return x
    halved: Tensor = F.avg_pool3d(x, (1, 2, 2))
    return halved


def _random(loaded: LoadedModel) -> VideoNet:
    """The network with random weights, its batch norms ready to average."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        net = build(loaded.card)
    for _, module in _norms(net):
        module.momentum = None  # a plain average over the calibration batches
    return net.train()


def _norms(net: VideoNet) -> list[tuple[str, nn.modules.batchnorm._BatchNorm]]:
    kind = nn.modules.batchnorm._BatchNorm  # noqa: SLF001  # the base of all of them
    return [(name, module) for name, module in net.named_modules() if isinstance(module, kind)]


def _statistics(net: VideoNet) -> dict[str, Tensor]:
    """What its batch norms have seen."""
    return {
        f"{name}.{kind}": array
        for name, norm in _norms(net)
        for kind, array in (("running_mean", norm.running_mean), ("running_var", norm.running_var))
        if array is not None
    }


def _shape(card: Card) -> tuple[object, ...]:
    """What a network does with its weights, which those of another kind may have as well."""
    return card.temporal, card.layers, card.width, sorted(card.options.items()), card.input


def _weights(net: VideoNet) -> Iterator[bytes]:
    """What tells random weights from those of another network, seed or version of torch."""
    for name, weights in net.named_parameters():
        part = weights.detach().flatten()[:_TOLD].cpu().numpy()
        yield f"{name} {tuple(weights.shape)}".encode() + part.tobytes()
