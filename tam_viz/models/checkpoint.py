"""A checkpoint: a folder with `card.json` and `model.safetensors` that describes itself."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tam_viz.models.net import VideoNet
from tam_viz.types import Card, InputSpec, Metric, UserError

CARD, WEIGHTS = "card.json", "model.safetensors"


def folders() -> list[Path]:
    """Where checkpoints are looked for: the project's folder, then those in the environment.

    `TAM_VIZ_CHECKPOINTS` holds further folders, separated as in `PATH`.
    """
    named = os.environ.get("TAM_VIZ_CHECKPOINTS", "").split(os.pathsep)
    own = Path(__file__).resolve().parents[2] / "checkpoints"
    return [folder for folder in (own, *(Path(n) for n in named if n)) if folder.is_dir()]


def available() -> dict[str, Path]:
    """The folder of every checkpoint by id; TANets first, then by id."""
    found: dict[str, Path] = {}
    for folder in folders():
        for card in sorted(folder.glob(f"*/{CARD}")):
            found.setdefault(card.parent.name, card.parent)
    return dict(sorted(found.items(), key=lambda item: (not item[0].startswith("tanet"), item[0])))


def find(name: str | Path) -> Path:
    """The folder of a checkpoint, given its id or the folder itself.

    Raises:
        UserError: There is no such checkpoint.
    """
    known = available()
    if str(name) in known:
        return known[str(name)]
    folder = Path(name)
    if (folder / CARD).is_file():
        return folder
    listed = ", ".join(known) or "none"
    raise UserError(
        f"There is no checkpoint '{name}': expected an id ({listed}) or a folder with {CARD}."
    )


def read_card(folder: Path) -> Card:
    """Reads `card.json`.

    Raises:
        UserError: The file is not a card.
    """
    path = folder / CARD
    try:
        return _card(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is not the card of a checkpoint ({type(error).__name__}: {error}); "
            f"put back the original file or make the checkpoint anew."
        ) from error


def _card(data: dict[str, Any]) -> Card:
    spec = data["input"]
    first, second, third, fourth = data["layers"]
    return Card(
        id=str(data["id"]),
        temporal=str(data["temporal"]),
        layers=(int(first), int(second), int(third), int(fourth)),
        width=int(data["width"]),
        classes=tuple(str(name) for name in data["classes"]),
        input=InputSpec(**{**spec, "mean": _rgb(spec["mean"]), "std": _rgb(spec["std"])}),
        metrics=tuple(Metric(**metric) for metric in data["metrics"]),
        training=dict(data["training"]),
        origin=str(data["origin"]),
        licence=str(data["licence"]),
        sha256=str(data["sha256"]),
    )


def _rgb(values: list[float]) -> tuple[float, float, float]:
    red, green, blue = values
    return float(red), float(green), float(blue)


def build(card: Card) -> VideoNet:
    """The network that a card describes, with random weights.

    Raises:
        UserError: The card names a temporal module that does not exist.
    """
    return VideoNet(
        card.temporal,
        frames=card.input.frames,
        classes=len(card.classes),
        layers=card.layers,
        width=card.width,
    )


def load_network(folder: Path, card: Card) -> VideoNet:
    """The network with its weights, in float32 and in evaluation mode.

    Raises:
        UserError: The weights are missing, damaged, or do not fit the card.
    """
    path = folder / WEIGHTS
    if not path.is_file():
        raise UserError(f"{folder} has a {CARD} but no {WEIGHTS}; put the weights beside it.")
    if _sha256(path) != card.sha256:
        raise UserError(
            f"{path} is not the file that its card describes (the SHA-256 differs); "
            f"fetch the checkpoint again."
        )
    try:
        state = load_file(path)
    except safetensors.SafetensorError as error:
        raise UserError(f"{path} is not a safetensors file ({error}).") from error
    net = build(card)
    fit(net, {name: tensor.float() for name, tensor in state.items()}, str(path))
    return net.eval()


def fit(net: VideoNet, state: Mapping[str, Tensor], source: str) -> None:
    """Loads `state` into `net`, all or nothing.

    Batch counters may be missing: they take no part in evaluation.

    Raises:
        UserError: A tensor is missing, left over, or of another shape; each is named.
    """
    own = net.state_dict()
    counters = {name for name in own if name.endswith("num_batches_tracked")}
    problems = [f"missing {name}" for name in own if name not in state and name not in counters]
    problems += [f"unexpected {name}" for name in state if name not in own]
    problems += [
        f"{name} is {tuple(state[name].shape)}, not {tuple(own[name].shape)}"
        for name in own
        if name in state and state[name].shape != own[name].shape
    ]
    if problems:
        more = f" and {len(problems) - 6} more" if len(problems) > 6 else ""
        raise UserError(f"{source} does not fit the network: {'; '.join(problems[:6])}{more}.")
    net.load_state_dict({**{name: own[name] for name in counters}, **state})


def save(folder: Path, card: Card, net: VideoNet) -> Card:
    """Writes the checkpoint, its weights in half precision, and returns the card with the hash.

    The card is written last, so a folder with a card is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: tensor.detach().to("cpu", torch.float16).contiguous()
        for name, tensor in net.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    save_file(state, folder / WEIGHTS)
    card = dataclasses.replace(card, sha256=_sha256(folder / WEIGHTS))
    write_card(folder, card)
    return card


def write_card(folder: Path, card: Card) -> None:
    """Writes `card.json`, whole or not at all."""
    partial = folder / f"{CARD}.partial"
    partial.write_text(json.dumps(dataclasses.asdict(card), indent=2) + "\n", encoding="utf-8")
    partial.replace(folder / CARD)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
