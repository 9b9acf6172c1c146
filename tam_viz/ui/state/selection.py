"""The visitor's selection, the same on every page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tam_viz.analysis.tam.importance import liveliest
from tam_viz.experiments.kinds import Basis, basis_of
from tam_viz.types import Card, Clip, InputSpec, Source
from tam_viz.ui.state import cache
from tam_viz.ui.state.labels import unlabelled
from tam_viz.video.library import VideoFile
from tam_viz.video.tempo import middle, retimed

BACKWARDS: Literal["backwards"] = "backwards"
"""The second clip that is the first one played backwards."""

NONE: Literal["none"] = "none"
"""No second clip."""


@dataclass(frozen=True)
class Selection:
    """The visitor's selection.

    Attributes:
        source: The video.
        clips: All videos that can be picked, by key.
        card: The TANet whose blocks are shown.
        cards: All networks, that TANet first.
        starters: Those to show at first, that TANet first.
        spec: What that TANet is given: one view, or those of its published test.
        view: Which of these views is looked at.
        block: A TAM block of it.
        channel: A channel of the block; None for the liveliest.
        frame: A frame of the view, from 0.
        second: The clip to hold the first one against; None for none.
        link: The parameters of an address that select the same.
    """

    source: Source
    clips: Mapping[str, Source]
    card: Card
    cards: tuple[Card, ...]
    starters: tuple[Card, ...]
    spec: InputSpec
    view: int
    block: str
    channel: int | None
    frame: int
    second: Source | Literal["backwards"] | None
    link: Mapping[str, str]

    def given(self, card: Card) -> InputSpec:
        """The input of a network under the chosen protocol, as far as it has one."""
        published = self.spec is not self.card.input
        return (card.published if published else None) or card.input

    def clip(self) -> Clip:
        """The view that is looked at.

        Raises:
            UserError: The video cannot be read.
        """
        return cache.clip(self.source, self.spec, self.view)

    def second_clip(self) -> Clip | None:
        """The same view of the second clip, if there is one.

        Raises:
            UserError: The video cannot be read.
        """
        if self.second is None:
            return None
        if self.second == BACKWARDS:
            return retimed(self.clip(), "reversed")
        return cache.clip(self.second, self.spec, self.view)

    @property
    def basis(self) -> Basis:
        """Clips of the kind that the TANet was trained on, for references to be over."""
        return self.basis_of(self.card)

    def basis_of(self, card: Card) -> Basis:
        """Clips of the kind that a network was trained on."""
        looked_at = [unlabelled(self.source)]
        if isinstance(self.second, Source) and self.second.key != self.source.key:
            looked_at.append(unlabelled(self.second))
        own = cache.own_clips()
        videos = [
            unlabelled(source)
            for key, source in self.clips.items()
            if key not in own and isinstance(source, VideoFile)
        ]
        return basis_of(card, looked_at, videos, cache.views)

    def channel_of(self, clip: Clip) -> int:
        """The chosen channel of the chosen block, or the one on which a clip tells most."""
        if self.channel is not None:
            return self.channel
        here = cache.trace(self.card.id, clip)
        still = cache.frozen_trace(self.card.id, clip, middle(len(clip.frames)))
        return liveliest(here[self.block].importance, still[self.block].importance)
