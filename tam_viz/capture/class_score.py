"""The score of a class, alone or against a rival, as a function of the pixels."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import VideoNet
from tam_viz.types import UserError


def indices_of(loaded: LoadedModel, target: str, rival: str | None) -> tuple[int, int | None]:
    """The numbers of the class and of the one that it is compared with."""
    classes = loaded.card.classes
    for name in (target, rival):
        if name is not None and name not in classes:
            raise UserError(
                f"{loaded.card.id} does not know the class '{name}'; choose one of its "
                f"{len(classes)} classes."
            )
    if target == rival:
        raise UserError(f"'{target}' cannot be compared with itself; choose another class.")
    return classes.index(target), None if rival is None else classes.index(rival)


def class_score(net: VideoNet, class_indices: tuple[int, int | None]) -> Callable[[Tensor], Tensor]:
    """The score as a function of clips: the logit less the rival's, or less all others' together.

    All others together are the log-sum-exp of their logits.
    """
    target, rival = class_indices

    def score(x: Tensor) -> Tensor:
        logits = net(x).float()
        if rival is None:
            others = torch.cat([logits[:, :target], logits[:, target + 1 :]], dim=1)
            against = others.logsumexp(dim=1)
        else:
            against = logits[:, rival]
        return logits[:, target] - against

    return score
