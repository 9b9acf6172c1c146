"""Training a small network on MotionPairs, one recipe for every temporal module."""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tam_viz.experiments.bench.evaluate import logits_of
from tam_viz.experiments.bench.optimiser import parameter_groups_of, schedule
from tam_viz.experiments.bench.recipe import (
    VALIDATION_CLIPS,
    VALIDATION_SEED,
    Recipe,
    batch_of,
    training_pool,
)
from tam_viz.files import replacing
from tam_viz.models import cards, checkpoint
from tam_viz.models.net import DEPTHS, VideoNet, video_net
from tam_viz.models.preprocess import normalise
from tam_viz.models.registry import entry
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.motionpairs.pool import Pool
from tam_viz.types import Card, UserError

_STATE, CURVE = "training.pt", "curve.csv"
LICENCE = "Apache-2.0"
"""Of the weights: that of this project, which lies beside it as the file LICENSE."""


@dataclass(frozen=True)
class Progress:
    """State of a training run after some steps.

    Attributes:
        step: Steps done.
        steps: Steps in all.
        loss: Mean cross-entropy since the last measurement or resumption, in nats.
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
    validate_every: int = 500,
) -> Iterator[Progress]:
    """Begins a run, or takes up one that was killed; it trains as its progress is asked for.

    When it is done, `folder` holds `card.json`, `model.safetensors` and `curve.csv`. The card's
    id is the name of the folder, and it has no metrics yet (`evaluate` measures them).

    Raises:
        UserError: There is no such temporal module, or the folder holds a finished checkpoint
            or a run of another recipe. Raised at once, before any clip is drawn. Later: the loss
            is not finite.
    """
    entry(temporal)
    if (folder / cards.CARD).exists():
        raise UserError(f"{folder} already holds a checkpoint; choose another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    net = _network(temporal, recipe).to(device).channels_last()
    optimiser = torch.optim.AdamW(parameter_groups_of(net, temporal, recipe), fused=True)
    step = _resume(folder, net, optimiser, temporal, recipe, device)
    every = (report_every, save_every, validate_every)
    return _run(folder, net, optimiser, temporal, recipe, step, every)


def _run(
    folder: Path,
    net: VideoNet,
    optimiser: torch.optim.Optimizer,
    temporal: str,
    recipe: Recipe,
    step: int,
    every: tuple[int, int, int],
) -> Iterator[Progress]:
    """Trains from `step` on, yielding progress; `every` says how often as `train` is told."""
    report_every, save_every, validate_every = every
    pool = training_pool(recipe)
    losses: list[float] = []
    while step < recipe.steps:
        losses.append(_step(net, optimiser, recipe, pool, step))
        if not math.isfinite(losses[-1]):
            raise UserError(
                f"Training went wrong: at step {step} of {recipe.steps} the loss is {losses[-1]}. "
                f"Choose a lower --rate and another folder."
            )
        step += 1
        last = step == recipe.steps
        measured = last or step % validate_every == 0
        validation = _validate(net, recipe) if measured else None
        progress = Progress(step, recipe.steps, sum(losses) / len(losses), validation)
        if measured:
            _log(folder / CURVE, progress, recipe)
            losses.clear()
        if last or step % save_every == 0:
            _save(folder, net, optimiser, temporal, recipe, step)
        if measured or step % report_every == 0:
            yield progress

    card = Card(
        id=folder.name,
        temporal=temporal,
        layers=DEPTHS[recipe.depth],
        width=recipe.width,
        classes=CLASSES,
        input=recipe.spec,
        training=dataclasses.asdict(recipe),
        origin=(
            f"{entry(temporal).network}-{recipe.depth} trained on MotionPairs by "
            f"`tam-viz train {temporal}`"
        ),
        licence=LICENCE,
    )
    checkpoint.save(folder, card, net)
    (folder / _STATE).unlink()


def _network(temporal: str, recipe: Recipe) -> VideoNet:
    """The network before its first step."""
    torch.manual_seed(recipe.seed)
    net = video_net(
        temporal,
        frames=recipe.spec.frames,
        classes=len(CLASSES),
        layers=DEPTHS[recipe.depth],
        width=recipe.width,
    )
    for name, module in net.named_modules():
        if name.endswith("bn3") and isinstance(module, nn.BatchNorm2d):
            nn.init.constant_(module.weight, recipe.residual)
    return net


def _step(
    net: VideoNet, optimiser: torch.optim.Optimizer, recipe: Recipe, pool: Pool, step: int
) -> float:
    device = next(net.parameters()).device
    frames, labels = batch_of(recipe, pool, step)
    x = normalise(torch.from_numpy(frames).to(device), recipe.spec)
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * schedule(step, recipe.steps)
    net.train()
    reduced = recipe.precision == "bfloat16"
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=reduced):
        logits = net(x)
    loss = F.cross_entropy(logits.float(), torch.from_numpy(labels).to(device))
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), recipe.clip_norm)
    optimiser.step()
    return loss.item()


def _validate(net: VideoNet, recipe: Recipe) -> float:
    """Top-1 on the validation clips, in [0, 1]."""
    spec = recipe.spec
    pool = Pool(VALIDATION_SEED, VALIDATION_CLIPS, "validation", spec.frames, spec.size)
    right = 0
    net.eval()
    for first in range(0, VALIDATION_CLIPS, 32):
        frames, labels = pool.take(np.arange(first, min(first + 32, VALIDATION_CLIPS)))
        logits = logits_of(net, spec, frames)
        right += int((logits.argmax(1) == labels).sum())
    return right / VALIDATION_CLIPS


def _save(
    folder: Path,
    net: VideoNet,
    optimiser: torch.optim.Optimizer,
    temporal: str,
    recipe: Recipe,
    step: int,
) -> None:
    """Writes the state of the run, whole or not at all."""
    state = {
        "temporal": temporal,
        "recipe": dataclasses.asdict(recipe),
        "step": step,
        "net": net.state_dict(),
        "optimiser": optimiser.state_dict(),
    }
    with replacing(folder / _STATE) as partial:
        torch.save(state, partial)


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
