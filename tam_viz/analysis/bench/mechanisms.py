"""The mechanisms of the temporal modules, in five families."""

from __future__ import annotations

MECHANISMS: dict[str, tuple[str, ...]] = {
    "no temporal modelling": ("none", "se"),
    "fixed weights": (
        "pool",
        "tconv",
        "i3d",
        "r2plus1d",
        "tsm",
        "stm",
        "artnet",
        "slowfast",
    ),
    "motion gating": ("tea", "teinet", "action", "tdn"),
    "attention": ("nonlocal", "divided"),
    "weights computed per video": (
        "dynamic",
        "dfn",
        "gsm",
        "tada",
        "tam_global",
        "tam_local",
        "tam_bias",
        "tam",
    ),
}
"""Names of the modules, as in the registry, by what they do with time; each is in one family."""

SYMMETRIC = ("none", "se", "pool", "nonlocal")
"""Modules with which a network says the same of a clip and of its reversal, whatever its weights:
they look at frames alone, or at past and future alike."""


def mechanism(temporal: str) -> str:
    """The family of a temporal module; `other` for one that is not known here."""
    return next((name for name, known in MECHANISMS.items() if temporal in known), "other")
