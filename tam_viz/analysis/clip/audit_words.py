"""Sentences on an audit."""

from __future__ import annotations

from typing import Literal

from tam_viz.analysis.bench.mechanisms import SYMMETRIC
from tam_viz.types import Audit

Order = Literal["seen", "direction not seen", "not seen", "one frame", "no answer"]
_BLOCKS = 4
_NOISE = 30
"""A change this many times that of rounding is one."""

_BUILT_SO = {
    "none": "It looks at each frame alone, as a TSN does.",
    "se": "It looks at each frame alone.",
    "nonlocal": "Attention over all positions of all frames has no order.",
    "pool": "It pools past and future alike.",
}
"""Networks that cannot tell the order of frames, whatever their weights."""

_LOST = (
    "If it is meant to be a TSM, a TANet or another network that sees the order of frames, its "
    "temporal module is missing or off."
)


_ALARMS = ("This network gives", "This network has", "V (the", "Θ (the")


def is_alarm(sentence: str) -> bool:
    """Whether a sentence is one of `warnings`."""
    return sentence.startswith(_ALARMS)


def order_seen(audit: Audit) -> Order:
    """Whether the answer depends on the order of the frames."""
    if not audit.finite:
        return "no answer"
    if audit.frames == 1:
        return "one frame"
    least = _NOISE * audit.floor
    if audit.reversed > least:
        return "seen"
    return "direction not seen" if audit.shuffled > least else "not seen"


def warnings(audit: Audit, temporal: str = "") -> tuple[str, ...]:
    """Sentences on what is wrong or surprising; the first one is the gravest.

    Args:
        audit: Of the network.
        temporal: What its card calls it.
    """
    if not audit.finite:
        return (
            f"This network gives no finite answer on clips of the gallery "
            f"({', '.join(audit.clips)}): its weights are damaged, or not for this network.",
        )
    sentences = []
    if audit.outputs != audit.names:
        sentences.append(
            f"This network has {audit.outputs} outputs and {audit.names} class names, so names "
            f"and answers do not belong together."
        )
    if audit.spread <= _NOISE * audit.floor:
        sentences.append("This network gives the same answer for every clip.")
    else:
        sentences += _of_order(audit, temporal)
    for name, difference, fixed, without in (
        ("V (the importance map)", audit.importance, audit.fixed_importance, "tam_global"),
        ("Θ (the adaptive kernel)", audit.kernel, audit.fixed_kernel, "tam_local"),
    ):
        if difference is not None and fixed and temporal != without:
            sentences.append(f"{name} is the same for every clip in {_listed(fixed)}.")
    return tuple(sentences)


def _listed(blocks: tuple[str, ...]) -> str:
    more = len(blocks) - _BLOCKS
    return ", ".join(blocks[:_BLOCKS]) + (f" and {more} more blocks" if more > 0 else "")


def _of_order(audit: Audit, temporal: str) -> list[str]:
    built = "So it is built." if temporal in SYMMETRIC else _LOST
    why = _BUILT_SO.get(temporal, built)
    seen = order_seen(audit)
    if seen == "not seen":
        return [
            f"This network gives the same answer for frames in any order: it cannot tell a clip "
            f"from the same clip played backwards. {why}"
        ]
    if seen == "direction not seen":
        return [
            f"This network gives the same answer for a clip and for the same clip played "
            f"backwards: it cannot tell the direction of time. {why}"
        ]
    return []


def facts(audit: Audit) -> tuple[str, ...]:
    """Sentences on what was measured."""
    if not audit.finite:
        return ()
    clips = f"{len(audit.clips)} clips"
    sentences = [f"It has {audit.outputs} outputs and {audit.names} class names."]
    if order_seen(audit) == "seen" and audit.spread > 0:
        sentences.insert(
            0,
            f"Reversing the frames moves its logits by {_share(audit.reversed, audit.spread)} of "
            f"what separates {clips}, shuffling them by {_share(audit.shuffled, audit.spread)}.",
        )
    if audit.importance is not None and audit.kernel is not None:
        sentences.append(
            f"Between {clips} V differs by {audit.importance:.2g} and Θ by {audit.kernel:.2g} "
            f"(root mean square, both between 0 and 1)."
        )
    return tuple(sentences)


def _share(part: float, whole: float) -> str:
    share = 100 * part / whole
    return f"{share:.0f}%" if share >= 1 else f"{share:.1g}%"
