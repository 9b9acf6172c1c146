"""TSN: a ResNet over frames without a temporal module, whose logits are averaged."""

from __future__ import annotations

import dataclasses

from tam_viz.models.net import Layers
from tam_viz.models.published.families.family import Body
from tam_viz.models.published.families.resnet import Kind, ResNetFamily, require_only
from tam_viz.models.published.matches import Hints, Recognised
from tam_viz.models.published.rename_keys import Renamed
from tam_viz.types import InputSpec, Sampling

_TEST_FRAMES = 25


class FrameFamily(ResNetFamily):
    """Networks that look at frames alone."""

    def covers(self, temporal: str) -> bool:
        """Whether a card names no temporal module."""
        return temporal == "none"

    def is_kind(self, body: Body, asked: Hints) -> bool:  # comes after TSM
        """Whether there are no temporal modules."""
        return not body.ours.parts["temporal"]

    def kind(self, ours: Renamed, layers: Layers, width: int, asked: Hints) -> Kind:
        """Nothing over time."""
        require_only(ours.wrapped["block"], frozenset(), "wrapped as 'block'")
        return Kind("none", {})

    def published_test(
        self, recognised: Recognised, single: InputSpec, asked: Sampling | None, data: str
    ) -> InputSpec | None:
        """mmaction2 tests with 25 frames, however many it trained with."""
        if recognised.source == "mmaction2":
            return dataclasses.replace(single, frames=_TEST_FRAMES, sampling="uniform", crops=10)
        return super().published_test(recognised, single, asked, data)


FAMILY = FrameFamily()
