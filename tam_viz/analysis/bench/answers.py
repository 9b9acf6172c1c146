"""The answers of every network to every test clip: `answers.npz` beside `results.json`."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int, UInt8
from scipy.special import logsumexp

from tam_viz.files import replacing
from tam_viz.types import UserError

ANSWERS = "answers.npz"


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers of `m` networks to the same `n` clips.

    Attributes:
        seed: Of the test set; clip number i is the same wherever it is drawn.
        classes: Names of the classes.
        labels: True class of each clip, an index into `classes`.
        networks: Ids of the networks, further seeds among them.
        sha256: Of the weights of each.
        predicted: The most probable class by network and clip.
        log_odds: Log-odds of the true class, `ln(p / (1 - p))`, by network and clip.
    """

    seed: int
    classes: tuple[str, ...]
    labels: UInt8[np.ndarray, " n"]
    networks: tuple[str, ...]
    sha256: tuple[str, ...]
    predicted: UInt8[np.ndarray, "m n"]
    log_odds: Float[np.ndarray, "m n"]

    def row(self, network: str) -> int:
        """The row of a network.

        Raises:
            KeyError: It was not asked.
        """
        if network not in self.networks:
            raise KeyError(f"{network} was not asked; there are {', '.join(self.networks)}")
        return self.networks.index(network)

    def right(self, network: str) -> np.ndarray:
        """Whether a network names each clip rightly; booleans `(n,)`."""
        return self.predicted[self.row(network)] == self.labels


def failures(answers: Answers, network: str) -> list[int]:
    """The clips that a network names wrongly, by number, the most confident mistake first."""
    wrong = np.flatnonzero(~answers.right(network))
    odds = answers.log_odds[answers.row(network)]
    return [int(i) for i in wrong[np.argsort(odds[wrong], kind="stable")]]


def joined(parts: Sequence[Answers], networks: Sequence[str]) -> Answers:
    """The answers of some networks, each from the first part that has it.

    Raises:
        ValueError: The parts are not of the same clips.
        KeyError: A network is in none of them.
    """
    first = parts[0]
    for part in parts[1:]:
        same = (part.seed, part.classes) == (first.seed, first.classes)
        if not same or not np.array_equal(part.labels, first.labels):
            raise ValueError("the answers are not to the same clips")
    found = [next((p for p in parts if name in p.networks), first) for name in networks]
    rows = [(part, part.row(name)) for part, name in zip(found, networks, strict=True)]
    return Answers(
        seed=first.seed,
        classes=first.classes,
        labels=first.labels,
        networks=tuple(networks),
        sha256=tuple(part.sha256[row] for part, row in rows),
        predicted=np.stack([part.predicted[row] for part, row in rows]),
        log_odds=np.stack([part.log_odds[row] for part, row in rows]),
    )


def true_log_odds(
    logits: Float[np.ndarray, "n k"], labels: Int[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """Log-odds of the true class: its logit less the log of the sum of `exp` of the others.

    Logits of two networks cannot be compared, for adding a number to all of them changes no
    probability; log-odds can.
    """
    rows = np.arange(len(labels))
    others = logits.astype(np.float64)
    own = others[rows, labels]
    others[rows, labels] = -np.inf
    return own - logsumexp(others, axis=1)


def write(path: Path, answers: Answers) -> None:
    """Writes the file, whole or not at all."""
    arrays: dict[str, Any] = {
        "seed": np.array(answers.seed),
        "classes": np.array(answers.classes),
        "labels": answers.labels,
        "networks": np.array(answers.networks),
        "sha256": np.array(answers.sha256),
        "predicted": answers.predicted,
        "log_odds": answers.log_odds.astype(np.float32),
    }
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read(path: Path) -> Answers:
    """Reads the file.

    Raises:
        UserError: It is not what `tam-viz evaluate all` writes.
    """
    try:
        # Opened here, because numpy leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return _checked({name: stored[name] for name in _FORMS})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(
            f"{path} is not what `tam-viz evaluate all` writes ({type(error).__name__}: {error}); "
            f"put back the original file or run the command again."
        ) from error


_FORMS = {
    "seed": ("i", 0),
    "classes": ("U", 1),
    "labels": ("u", 1),
    "networks": ("U", 1),
    "sha256": ("U", 1),
    "predicted": ("u", 2),
    "log_odds": ("f", 2),
}
"""Kind of number (numpy's letter) and number of axes of every array."""


def _checked(stored: dict[str, np.ndarray]) -> Answers:
    for name, (kind, axes) in _FORMS.items():
        if stored[name].dtype.kind != kind or stored[name].ndim != axes:
            raise ValueError(f"'{name}' has another form")
    networks, classes = stored["networks"].tolist(), stored["classes"].tolist()
    labels, predicted, odds = stored["labels"], stored["predicted"], stored["log_odds"]
    shape = (len(networks), len(labels))
    if 0 in shape or predicted.shape != shape or odds.shape != shape:
        raise ValueError("there is not one answer for each network and clip")
    if len(set(networks)) < len(networks) or len(stored["sha256"]) != len(networks):
        raise ValueError("the networks are not told apart")
    if max(labels.max(), predicted.max()) >= len(classes) or not np.isfinite(odds).all():
        raise ValueError("an answer is none of the classes or no number")
    return Answers(
        seed=int(stored["seed"]),
        classes=tuple(classes),
        labels=labels.astype(np.uint8),
        networks=tuple(networks),
        sha256=tuple(stored["sha256"].tolist()),
        predicted=predicted.astype(np.uint8),
        log_odds=odds.astype(np.float64),
    )
