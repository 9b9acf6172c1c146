"""The class that is spoken of, the one that it is compared with, and their scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from scipy.special import log_softmax, logsumexp

from tam_viz.types import Prediction

ALL_OTHERS = "*others"
"""What is asked for instead of a contrast class: every other class together."""
OTHERS_LABEL = "all other classes"

Role = Literal["true", "said", "mirrored", "next", "chosen"]
_ROLES: Mapping[Role, str] = {
    "true": "the true class",
    "said": "the predicted class",
    "mirrored": "the other class of its pair",
    "next": "the most probable other class",
    "chosen": "as chosen",
}


def log_odds(logits: Float[np.ndarray, "*n k"], class_index: int) -> Float[np.ndarray, "*n"]:
    """log(p / (1 − p)) of a class: its logit less the log-sum-exp of all others.

    Finite where p rounds to 1, and unlike a logit the same whatever is added to all of them, so
    it compares between networks.

    Args:
        logits: Of two or more classes, the last axis.
        class_index: Number of the class.
    """
    wide = logits.astype(np.float64)
    return np.asarray(
        wide[..., class_index] - logsumexp(np.delete(wide, class_index, axis=-1), axis=-1)
    )


def log_probability(logits: Float[np.ndarray, "*n k"], class_index: int) -> Float[np.ndarray, "*n"]:
    """Log-probability of a class; at most 0."""
    return np.asarray(log_softmax(logits.astype(np.float64), axis=-1)[..., class_index])


def between(logits: Float[np.ndarray, "*n k"], first: int, second: int) -> Float[np.ndarray, "*n"]:
    """log(p / q) of two classes, their log-ratio: above 0 the first is likelier."""
    wide = logits.astype(np.float64)
    return np.asarray(wide[..., first] - wide[..., second])


@dataclass(frozen=True)
class Contrast:
    """The two classes that a person asks for.

    Attributes:
        spoken: The class that is spoken of; None for what suits the clip.
        against: The class to hold it against, or `ALL_OTHERS`; None for what suits the clip.
    """

    spoken: str | None = None
    against: str | None = None


AUTOMATIC = Contrast()


@dataclass(frozen=True)
class Subject:
    """The class that is spoken of.

    Attributes:
        name: What it is called.
        class_index: Its number in the network.
        role: How it came to be spoken of.
        rival: The class to hold it against; None for all others.
        rival_index: Number of that class.
        rival_role: How that one came to be compared with it.
    """

    name: str
    class_index: int
    role: Role
    rival: str | None = None
    rival_index: int | None = None
    rival_role: Role | None = None

    @property
    def known(self) -> bool:
        """Whether it is the true class."""
        return self.role == "true"

    def against_rival(self, logits: Float[np.ndarray, "*n k"]) -> Float[np.ndarray, "*n"] | None:
        """Log-ratio of the class and its rival; None if it has none."""
        if self.rival_index is None:
            return None
        return between(logits, self.class_index, self.rival_index)

    def score(self, logits: Float[np.ndarray, "*n k"]) -> Float[np.ndarray, "*n"]:
        """Log-ratio of the class and its rival, or its log-odds if it has none."""
        against = self.against_rival(logits)
        return log_odds(logits, self.class_index) if against is None else against

    @property
    def kind(self) -> str:
        """The kind of score."""
        return "log-odds" if self.rival is None else "log-ratio"

    @property
    def measure(self) -> str:
        """The name of the score."""
        return f"log-odds of '{self.name}'" if self.rival is None else self._ratio("", "")

    @property
    def measure_says(self) -> str:
        """The same, with how the classes came to be spoken of."""
        if self.rival is None or self.rival_role is None:
            return f"log-odds of {self.says}"
        return self._ratio(f" ({self.role_says})", f" ({_ROLES[self.rival_role]})")

    def _ratio(self, more: str, rival_more: str) -> str:
        return f"log-ratio '{self.name}'{more} : '{self.rival}'{rival_more}"

    @property
    def role_says(self) -> str:
        """How the class came to be spoken of."""
        return _ROLES[self.role]

    @property
    def says(self) -> str:
        """The class and what it is compared with, with how they came to be."""
        sentence = f"'{self.name}' ({self.role_says})"
        if self.rival is None or self.rival_role is None:
            return sentence
        return f"{sentence} against '{self.rival}' ({_ROLES[self.rival_role]})"


def subject_of(
    prediction: Prediction,
    truth: str | None,
    rivals: Mapping[str, str],
    asked: Contrast = AUTOMATIC,
) -> Subject:
    """The class to speak of, and the one to hold it against.

    Spoken of is the true class if the network knows it, else the one that it says. Held against
    it is the answer of the network where that is another one, so that a wrong answer is what an
    edit is measured by; else the true class, the other one of its pair, or the most probable
    other. What is asked for goes before, as far as the network knows it.

    Args:
        prediction: Of the network as it is, on the clip as it is.
        truth: The true class, where it is known.
        rivals: The other class of each pair, as far as there is one.
        asked: What a person chose.
    """
    answer = prediction.top(1)[0][0]
    true = truth if truth in prediction.classes else None
    name = asked.spoken if asked.spoken in prediction.classes else None
    name = name or true or answer
    role: Role = "true" if name == true else "said" if name == answer else "chosen"
    candidates: list[tuple[str | None, Role]] = [
        (answer, "said"),
        (true, "true"),
        (rivals.get(name), "mirrored"),
        *((other, "next") for other, _ in prediction.top(2)),
    ]
    fit = [(n, role) for n, role in candidates if n in prediction.classes and n != name]
    class_index = prediction.classes.index(name)
    if asked.against == ALL_OTHERS or not fit:
        return Subject(name, class_index, role)
    rival, rival_role = fit[0]
    if asked.against in prediction.classes and asked.against != name:
        rival = asked.against
        rival_role = next((role for n, role in fit if n == rival), "chosen")
    return Subject(name, class_index, role, rival, prediction.classes.index(str(rival)), rival_role)
