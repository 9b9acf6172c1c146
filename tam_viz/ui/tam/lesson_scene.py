"""The scene of the lesson: the live numbers of the selection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st
from jaxtyping import Float

from tam_viz.analysis.bench.results import Bench
from tam_viz.analysis.edits.edits import TAM_OFF
from tam_viz.analysis.tam import lesson, lesson_words
from tam_viz.analysis.tam.levels import Variant
from tam_viz.experiments.kinds import Basis
from tam_viz.literal import in_markdown
from tam_viz.panels.tam.lesson import Blanked
from tam_viz.types import (
    ALL_BLOCKS,
    BlockFeatures,
    BlockTrace,
    Card,
    Clip,
    Edit,
    InputSpec,
    Run,
    TAMTrace,
    Target,
    UserError,
)
from tam_viz.ui.state import cache
from tam_viz.ui.state.deferred import Later
from tam_viz.ui.state.selection import Selection
from tam_viz.video.tempo import retimed

RIVALS = ("tam_local", "tam_global", "tsm", "none")
"""Temporal modules with one level of TAM, with a fixed kernel, and with none."""
V_MEAN = (Edit(ALL_BLOCKS, "importance", "given"),)
"""Edits that leave Θ alone: V no longer follows the clip."""
PRESENT = (Edit(ALL_BLOCKS, "kernel", "centre"),)
"""Edits that leave V alone: no frame is mixed with another."""


@dataclass(frozen=True, eq=False)
class LessonScene:
    """The selection with everything inside its block.

    Attributes:
        card: The network.
        clip: The clip.
        features: Everything inside the block.
        untrained: V and Θ of the same block of the untrained network; None until they join.
        channel: The channel.
        frame: The frame, from 0.
        basis: The clips that a mean of V is over.
        rivals: Networks of their own that the two levels are compared with.
        numbers: What the text is filled with.
    """

    card: Card
    clip: Clip
    features: BlockFeatures
    untrained: BlockTrace | None
    channel: int
    frame: int
    basis: Basis
    rivals: tuple[Card, ...]
    numbers: Mapping[str, str]

    @property
    def subject(self) -> tuple[str | int, ...]:
        """The source of the numbers."""
        return self.card.id, self.clip.id, self.features.block, self.channel, self.frame

    def played(self, way: str) -> tuple[Clip, BlockFeatures]:
        """The clip played in another way, and everything inside the block then."""
        clip = retimed(self.clip, way, self.frame)
        return clip, cache.features(self.card.id, clip)[self.features.block]

    def branches(
        self, pooled: Float[np.ndarray, "c t"]
    ) -> tuple[Float[np.ndarray, "c t"], Float[np.ndarray, "c k"]]:
        """V and Θ that the block makes of other pooled features."""
        from tam_viz.capture.features import branches

        return branches(cache.network(self.card.id), self.features.block, pooled)

    def blanked(self, frame: int) -> Blanked:
        """The local branch with the pooled numbers of a frame, from 0, set to zero."""
        from tam_viz.capture.features import importance_steps

        given = self.features.pooled.copy()
        given[:, frame] = 0
        steps = importance_steps(cache.network(self.card.id), self.features.block, given)
        return Blanked(frame, given, *steps)

    def edited(self, *edits: Edit) -> Run:
        """The clip with interventions; a mean that they put in is over the network's own kind."""
        name = self.card.id
        return cache.edited_run(name, self.clip, edits, cache.mean_for(name, edits, self.basis))

    def kernel_of(self, profile: Float[np.ndarray, " t"]) -> tuple[np.ndarray, ...]:
        """Hidden layer, scores and Θ that the block makes of other numbers of one channel."""
        from tam_viz.capture.features import kernel_steps

        steps = kernel_steps(cache.network(self.card.id), self.features.block, profile[None])
        return tuple(rows[0] for rows in steps)

    def variants(self) -> list[Variant]:
        """The network with both levels, one and none, beside networks that were trained so."""
        bench = _bench()
        edited = {
            "V and Θ, unedited": self.features.run,
            "V alone": self.edited(*PRESENT),
            "Θ alone": self.edited(*V_MEAN),
            "neither: TAM off": self.edited(*off(ALL_BLOCKS)),
        }
        compared = [Variant(name, False, run.prediction) for name, run in edited.items()]
        for card in self.rivals:
            measured = None if bench is None else bench.find(card.temporal)
            name = card.id if measured is None else measured.name
            accuracy = measured.test.top1 if measured and measured.id == card.id else None
            run = cache.run(card.id, self.clip)
            compared.append(Variant(name, True, run.prediction, accuracy))
        return compared

    def with_yours(
        self, importance: Float[np.ndarray, " t"], kernel: Float[np.ndarray, " k"], *, all_: bool
    ) -> Run:
        """The network with another V and Θ in the channel, or in all channels of the block."""
        from tam_viz.capture.run import run

        block, channels = self.features.block, None if all_ else (self.channel,)
        rows = BlockTrace(
            block,
            np.broadcast_to(importance, self.features.importance.shape).astype(np.float32),
            np.broadcast_to(kernel, self.features.kernel.shape).astype(np.float32),
        )
        targets: tuple[Target, ...] = ("importance", "kernel")
        edits = [Edit(block, target, "given", channels) for target in targets]
        return run(cache.network(self.card.id), self.clip, edits, given=TAMTrace((rows,)))


def scene_of(selection: Selection, clip: Clip, second: Clip | None, later: Later) -> LessonScene:
    """Runs the clip and looks into the selected block.

    Args:
        selection: What the visitor is looking at.
        clip: The clip.
        second: The second clip; without one it is the clip played backwards.
        later: Has the untrained network join.

    Raises:
        UserError: The kernels of the network have other than three taps.
    """
    card, block = selection.card, selection.block
    features = cache.features(card.id, clip)[block]
    if features.kernel.shape[1] != 3:
        raise UserError(
            f"The lesson is about kernels with three taps and those of {card.id} have "
            f"{features.kernel.shape[1]}; choose another TANet in the sidebar."
        )
    trace = features.run.tam
    ready = partial(cache.untrained_trace, card.id, selection.basis, clip)
    is_kept = cache.kept(cache.untrained_key(card.id, selection.basis, clip))
    base = later.get(ready, is_kept=is_kept)
    untrained = None if base is None else base[block]
    channel = selection.channel_of(clip)
    other = second or retimed(clip, "reversed")
    numbers = {
        **lesson.live_numbers(
            features,
            untrained,
            channel=channel,
            frame=selection.frame,
            network=card.id,
            blocks=trace.names,
            network_macs=_network_macs(card.id, selection.spec),
        ),
        "carried": lesson_words.describe_carried(features.kernel, channel),
        "ends": lesson_words.describe_ends(features.kernel, channel),
        "adapted": lesson_words.describe_adapted(
            features.trace, cache.trace(card.id, other)[block], channel, in_markdown(other.source)
        ),
        "off": f"at its mean over {in_markdown(selection.basis.says)}",
    }
    return LessonScene(
        card=card,
        clip=clip,
        features=features,
        untrained=untrained,
        channel=channel,
        frame=selection.frame,
        basis=selection.basis,
        rivals=_rivals(selection),
        numbers=numbers,
    )


def _bench() -> Bench | None:
    """The measurements on the test clips; None if they cannot be read."""
    try:
        return cache.results(cache.bench_file())
    except UserError:  # the page Compare models says why
        return None


def _rivals(selection: Selection) -> tuple[Card, ...]:
    """The first network of each of these kinds that can be given the same clip."""
    card, rivals = selection.card, []
    for temporal in RIVALS:
        fit = (
            other
            for other in selection.cards
            if other.temporal == temporal
            and other.classes == card.classes
            and selection.given(other) == selection.spec
        )
        rivals += list(fit)[:1]
    return tuple(rivals)


@st.cache_data(show_spinner="Counting the multiply-adds…", max_entries=32)
def _network_macs(name: str, spec: InputSpec) -> int:
    """Multiply-adds of a network for one view."""
    from tam_viz.experiments.bench.measure import multiply_adds

    loaded = cache.network(name)
    return multiply_adds(replace(loaded, card=replace(loaded.card, input=spec)))


def off(block: str) -> list[Edit]:
    """TAM switched off in a block, or in all of them: no frame takes anything from another one."""
    return [replace(edit, block=block) for edit in TAM_OFF]
