"""Training a small network on MotionPairs, one recipe for every temporal module."""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.experiments.evaluate import accuracy
from tam_viz.models import cards, checkpoint
from tam_viz.models.net import DEPTHS, VideoNet
from tam_viz.models.preprocess import normalise
from tam_viz.models.registry import entry
from tam_viz.motionpairs.dataset import batch
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.types import Card, InputSpec, UserError

SPEC = InputSpec(frames=8, resize=64, size=64)
VALIDATION_SEED, VALIDATION_CLIPS = 1, 256
_STATE, CURVE = "training.pt", "curve.csv"


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights, but for the temporal module.

    Attributes:
        seed: Of the initial weights and of the training clips.
        clips: Clips seen in all, rounded down to whole steps; each is drawn once.
        batch: Clips in a step.
        rate: Peak learning rate of AdamW; warm-up over the first 8%, then a cosine to zero.
        decay: Weight decay, of matrices and convolutions outside TAM's `G` only.
        clip_norm: Largest norm of a gradient.
        residual: Initial scale of the last batch norm of each bottleneck.
        depth: Depth of the ResNet.
        width: Channels inside the bottlenecks of the first stage.
        precision: `bfloat16` (autocast) or `float32`.
    """

    seed: int = 0
    clips: int = 60_000
    batch: int = 16
    rate: float = 1e-3
    decay: float = 0.02
    clip_norm: float = 5.0
    residual: float = 0.2
    depth: int = 26
    width: int = 16
    precision: str = "bfloat16"

    @property
    def steps(self) -> int:
        """Number of optimiser steps."""
        return max(1, self.clips // self.batch)


@dataclass(frozen=True)
class Progress:
    """State of a training run after some steps.

    Attributes:
        step: Steps done.
        steps: Steps in all.
        loss: Mean cross-entropy since the last report, in nats.
        validation: Top-1 on the validation clips, in [0, 1]; None between measurements.
    """

    step: int
    steps: int
    loss: float
    validation: float | None = None


def train(
    temporal: str,
    folder: Path,
    recipe: Recipe,
    *,
    device: torch.device,
    report_every: int = 10,
    save_every: int = 50,
    validate_every: int = 250,
) -> Iterator[Progress]:
    """Trains and yields its progress; a run that was killed goes on where it last saved.

    When it is done, `folder` holds `card.json`, `model.safetensors` and `curve.csv`. The card's
    id is the name of the folder, and it has no metrics yet (`evaluate` measures them).

    Raises:
        UserError: There is no such temporal module, or the folder holds a finished checkpoint
            or a run of another recipe.
    """
    network = entry(temporal).network
    if (folder / cards.CARD).exists():
        raise UserError(f"{folder} already holds a checkpoint; choose another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    net = _network(temporal, recipe).to(device).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(_groups(net, recipe.decay), lr=recipe.rate)
    step = _resume(folder, net, optimiser, temporal, recipe, device)

    losses: list[float] = []
    while step < recipe.steps:
        losses.append(_step(net, optimiser, recipe, step, device))
        step += 1
        last = step == recipe.steps
        if last or step % save_every == 0:
            _save(folder, net, optimiser, temporal, recipe, step)
        if last or step % validate_every == 0:
            score = accuracy(net, SPEC, CLASSES, VALIDATION_SEED, VALIDATION_CLIPS, "validation")
            progress = Progress(step, recipe.steps, sum(losses) / len(losses), score)
            _log(folder / CURVE, progress, recipe)
            yield progress
            losses.clear()
        elif step % report_every == 0:
            yield Progress(step, recipe.steps, sum(losses) / len(losses))

    card = Card(
        id=folder.name,
        temporal=temporal,
        layers=DEPTHS[recipe.depth],
        width=recipe.width,
        classes=CLASSES,
        input=SPEC,
        training=dataclasses.asdict(recipe),
        origin=f"{network}-{recipe.depth} trained on MotionPairs by `tam-viz train {temporal}`",
        licence="the licence of tam_viz",
    )
    checkpoint.save(folder, card, net)
    (folder / _STATE).unlink()


def _network(temporal: str, recipe: Recipe) -> VideoNet:
    """The network before its first step."""
    torch.manual_seed(recipe.seed)
    net = VideoNet(
        temporal,
        frames=SPEC.frames,
        classes=len(CLASSES),
        layers=DEPTHS[recipe.depth],
        width=recipe.width,
    )
    for name, module in net.named_modules():
        if name.endswith("bn3") and isinstance(module, nn.BatchNorm2d):
            nn.init.constant_(module.weight, recipe.residual)
    return net


def _step(
    net: VideoNet,
    optimiser: torch.optim.Optimizer,
    recipe: Recipe,
    step: int,
    device: torch.device,
) -> float:
    frames, labels = batch(
        recipe.seed, step * recipe.batch, recipe.batch, split="train", size=SPEC.size
    )
    x = normalise(torch.from_numpy(frames).to(device), SPEC)
    for group in optimiser.param_groups:
        group["lr"] = recipe.rate * _schedule(step, recipe.steps)
    net.train()
    with torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16"):
        loss = F.cross_entropy(net(x), torch.from_numpy(labels).to(device))
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), recipe.clip_norm)
    optimiser.step()
    return loss.item()


def _schedule(step: int, steps: int) -> float:
    """Share of the peak learning rate: warm-up over 8% of the steps, then a cosine to zero."""
    warm = max(1, round(0.08 * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _groups(net: VideoNet, decay: float) -> list[dict[str, list[Tensor] | float]]:
    """Parameters with and without weight decay."""
    decayed: list[Tensor] = []
    free: list[Tensor] = []
    for name, parameter in net.named_parameters():
        spared = parameter.ndim < 2 or ".temporal.G." in name
        (free if spared else decayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": decay},
        {"params": free, "weight_decay": 0.0},
    ]


def _save(
    folder: Path,
    net: VideoNet,
    optimiser: torch.optim.Optimizer,
    temporal: str,
    recipe: Recipe,
    step: int,
) -> None:
    """Writes the state of the run, whole or not at all."""
    partial = folder / f"{_STATE}.partial"
    state = {
        "temporal": temporal,
        "recipe": dataclasses.asdict(recipe),
        "step": step,
        "net": net.state_dict(),
        "optimiser": optimiser.state_dict(),
    }
    torch.save(state, partial)
    partial.replace(folder / _STATE)


def _resume(
    folder: Path,
    net: VideoNet,
    optimiser: torch.optim.Optimizer,
    temporal: str,
    recipe: Recipe,
    device: torch.device,
) -> int:
    """Takes up a run that was interrupted; returns the number of steps already done."""
    path = folder / _STATE
    if not path.exists():
        return 0
    state = torch.load(path, map_location=device, weights_only=True)
    if (state["temporal"], state["recipe"]) != (temporal, dataclasses.asdict(recipe)):
        raise UserError(
            f"{folder} holds an unfinished run of another recipe; "
            f"finish it with the same options or choose another folder."
        )
    net.load_state_dict(state["net"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def _log(path: Path, progress: Progress, recipe: Recipe) -> None:
    """Appends a measurement to the curve; one that is already there stays as it is."""
    header = ["clips", "loss_nats", "validation_top1"]
    clips = progress.step * recipe.batch
    rows: list[list[str]] = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row and row != header]
    rows = [row for row in rows if int(row[0]) < clips]
    rows.append([str(clips), f"{progress.loss:.4f}", f"{progress.validation:.4f}"])
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
