"""Tensors beside the network in a set of weights: which may be left out, and which may not."""

from __future__ import annotations

import re
from collections.abc import Iterable

from torch import Tensor

from tam_viz.models.published.wrappers import HEADS, Candidate, Head
from tam_viz.models.states import joined, listed, shown
from tam_viz.types import UserError

_BESIDE = re.compile(
    r"(^|_)(loss(es|fn|func|function)?|criteri(on|a|ons)|metrics?|acc(uracy)?\d?|top\d|confmat|"
    r"auroc|auc|f1(score)?|precision|recall|statscores|train|val(id|idation)?|test|ema|averaged?|"
    r"shadow|optim(izers?)?|schedulers?|scaler|mixup|cutmix|data_preprocessor|normali[sz]er?)"
    r"(_|\d|$)",
    re.IGNORECASE,
)
"""Names of modules that do not answer for a clip: losses, measures, averages, augmentation."""


def left_out(candidate: Candidate, head: Head, known: Iterable[str]) -> tuple[str, ...]:
    """The names beside a network that take no part in its answer.

    Args:
        candidate: The set that the network lies in.
        head: Its classifier.
        known: Names of its body, without the prefix.

    Raises:
        UserError: Something beside it may take part.
    """
    known = set(known)
    used = {joined(candidate.prefix, name) for name in known}
    used |= {f"{head.name}.weight", f"{head.name}.bias"}
    inside = tuple(joined(candidate.prefix, top) + "." for top in {n.split(".")[0] for n in known})
    apart = _apart(candidate)
    rest = {name: tensor for name, tensor in candidate.names.items() if name not in used}
    doubtful = [
        name
        for name, tensor in rest.items()
        if not name.startswith(apart)
        and not (_is_counter(name) if name.startswith(inside) else _is_beside(name, tensor))
    ]
    if not doubtful:
        return tuple(name for name in rest if not _is_counter(name))
    if any(not head.scope or name.startswith(f"{head.scope}.") for name in doubtful):
        raise UserError(
            f"The file does not fit the network: unexpected {listed(doubtful)}. What such modules "
            f"compute is unknown, so they cannot be left out."
        )
    path = joined(candidate.path, head.scope)
    raise UserError(
        f"Beside the network under '{shown(path)}' the file has {listed(doubtful)}, and nothing "
        f"says whether they take part in its answer. Name the part '{shown(path)}' (--part) "
        f"to take that network alone."
    )


def _is_counter(name: str) -> bool:
    return name.endswith("num_batches_tracked")


def _is_beside(name: str, tensor: Tensor) -> bool:
    """Whether a name is of a counter, a loss or a measure."""
    counts = not (tensor.is_floating_point() or tensor.is_complex())
    return counts or any(_BESIDE.search(part) for part in name.split("."))


def _apart(candidate: Candidate) -> tuple[str, ...]:
    """What other whole networks of the set begin with, such as `ema_model.`."""
    apart = []
    own = candidate.prefix.split(".")
    for other in candidate.others:
        theirs = other.split(".")
        shared = 0
        while shared < min(len(own), len(theirs)) and own[shared] == theirs[shared]:
            shared += 1
        start = ".".join(theirs[: shared + 1]) + "."
        if other and shared < len(theirs) and _has_head(candidate, start):
            apart.append(start)
    return tuple(apart)


def _has_head(candidate: Candidate, start: str) -> bool:
    return any(
        name.startswith(start)
        and tensor.ndim >= 2
        and not HEADS.isdisjoint(name[len(start) :].split("."))
        for name, tensor in candidate.names.items()
    )
