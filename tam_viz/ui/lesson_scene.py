"""What the lesson is about: the live numbers of the selection, and the experiments with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from jaxtyping import Float

from tam_viz.analysis import lesson
from tam_viz.analysis.inside import BlockFeatures
from tam_viz.analysis.lesson import Finding
from tam_viz.types import (
    ALL_BLOCKS,
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
from tam_viz.ui import cache
from tam_viz.ui.selection import Selection
from tam_viz.video.tempo import TEMPI, retimed


@dataclass(frozen=True, eq=False)
class Scene:
    """The selection with everything inside its block.

    Attributes:
        card: The network.
        clip: The clip.
        inside: Everything inside the block.
        untrained: V and Θ of the same block of the untrained network.
        channel: The channel.
        frame: The frame, from 0.
        numbers: What the text is filled with.
    """

    card: Card
    clip: Clip
    inside: BlockFeatures
    untrained: BlockTrace
    channel: int
    frame: int
    numbers: Mapping[str, str]

    @property
    def subject(self) -> tuple[str | int, ...]:
        """What the numbers are of."""
        return self.card.id, self.clip.id, self.inside.block, self.channel, self.frame

    def played(self, way: str) -> tuple[Clip, BlockFeatures]:
        """The clip played in another way, and everything inside the block then."""
        clip = retimed(self.clip, way, self.frame)
        return clip, cache.features(self.card.id, clip)[self.inside.block]

    def branches(
        self, pooled: Float[np.ndarray, "c t"]
    ) -> tuple[Float[np.ndarray, "c t"], Float[np.ndarray, "c k"]]:
        """V and Θ that the block makes of other pooled features."""
        from tam_viz.capture.features import branches

        return branches(cache.network(self.card.id), self.inside.block, pooled)

    def blanked(self, frame: int) -> Float[np.ndarray, "c t"]:
        """V with the pooled numbers of a frame, from 0, set to zero."""
        given = self.inside.pooled.copy()
        given[:, frame] = 0
        return self.branches(given)[0]

    def kernel_of(self, profile: Float[np.ndarray, " t"]) -> tuple[np.ndarray, ...]:
        """Hidden layer, scores and Θ that the block makes of other numbers of one channel."""
        from tam_viz.capture.features import kernel_steps

        steps = kernel_steps(cache.network(self.card.id), self.inside.block, profile[None])
        return tuple(rows[0] for rows in steps)

    def with_yours(
        self, importance: Float[np.ndarray, " t"], kernel: Float[np.ndarray, " k"], *, all_: bool
    ) -> Run:
        """The network with another V and Θ in the channel, or in all channels of the block."""
        from tam_viz.capture.run import run

        block, channels = self.inside.block, None if all_ else (self.channel,)
        rows = BlockTrace(
            block,
            np.broadcast_to(importance, self.inside.importance.shape).astype(np.float32),
            np.broadcast_to(kernel, self.inside.kernel.shape).astype(np.float32),
        )
        targets: tuple[Target, ...] = ("importance", "kernel")
        edits = [Edit(block, target, "mean", channels) for target in targets]
        return run(cache.network(self.card.id), self.clip, edits, mean=TAMTrace((rows,)))


def scene_of(selection: Selection, clip: Clip) -> Scene:
    """Runs the clip and looks into the selected block.

    Raises:
        UserError: The kernels of the network have other than three taps.
    """
    card, block = selection.card, selection.block
    inside = cache.features(card.id, clip)[block]
    if inside.kernel.shape[1] != 3:
        raise UserError(
            f"The lesson is about kernels with three taps and those of {card.id} have "
            f"{inside.kernel.shape[1]}; choose another TANet in the sidebar."
        )
    trace = inside.run.trace
    if trace is None:
        raise TypeError(f"{card.id} has no TAM blocks to show")
    untrained = cache.untrained_trace(card.id, selection.basis, clip)[block]
    channel = selection.channel_of(clip)
    numbers = lesson.live_numbers(
        inside,
        untrained,
        channel=channel,
        frame=selection.frame,
        network=card.id,
        blocks=trace.names,
        network_macs=_network_macs(card.id, selection.spec),
    )
    return Scene(card, clip, inside, untrained, channel, selection.frame, numbers)


@st.cache_data(show_spinner="Counting the multiply-adds…", max_entries=32)
def _network_macs(name: str, spec: InputSpec) -> int:
    """Multiply-adds of a network for one view."""
    from tam_viz.experiments.results import multiply_adds

    loaded = cache.network(name)
    return multiply_adds(replace(loaded, card=replace(loaded.card, input=spec)))


def experiment(scene: Scene, name: str) -> Finding:
    """Makes an experiment by its name in the files of the lesson."""
    return EXPERIMENTS[name](scene)


def _shuffled(scene: Scene) -> Finding:
    order = TEMPI["shuffled"].order(len(scene.clip.frames), 0)
    return lesson.shuffled_maps(scene.inside.x, scene.played("shuffled")[1].x, order)


def _blanked(scene: Scene) -> Finding:
    own, after = scene.inside.importance, scene.blanked(scene.frame)
    return lesson.blanked_frame(own, after, scene.frame)


def _twins(scene: Scene) -> Finding:
    other = lesson.furthest_channel(scene.inside.kernel, scene.channel)
    given = scene.inside.pooled.copy()
    given[scene.channel] = given[other]
    return lesson.twin_channels(*scene.branches(given), scene.channel, other)


def _backwards(scene: Scene) -> Finding:
    then = scene.played("reversed")[1].kernel
    return lesson.backwards_kernels(scene.inside.kernel, then, scene.channel)


def _impulse(scene: Scene) -> Finding:
    return lesson.impulse_through_future(len(scene.clip.frames))


def _taken_out(scene: Scene) -> Finding:
    runs = [
        cache.run(
            scene.card.id,
            scene.clip,
            (Edit(block, "importance", "one"), Edit(block, "kernel", "centre")),
        )
        for block in (scene.inside.block, ALL_BLOCKS)
    ]
    return lesson.taken_out(scene.inside.run, *runs)


EXPERIMENTS: Mapping[str, Callable[[Scene], Finding]] = {
    "shuffled": _shuffled,
    "blanked": _blanked,
    "twins": _twins,
    "backwards": _backwards,
    "impulse": _impulse,
    "taken_out": _taken_out,
}
"""What answers the questions that depend on the live numbers, by name."""
