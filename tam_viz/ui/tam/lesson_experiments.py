"""The experiments that answer the questions of the lesson."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tam_viz.analysis.tam import lesson_findings as findings
from tam_viz.analysis.tam.lesson_findings import Finding
from tam_viz.types import (
    ALL_BLOCKS,
)
from tam_viz.ui.tam.lesson_scene import PRESENT, V_MEAN, Scene, off
from tam_viz.video.tempo import TEMPI


def experiment(scene: Scene, name: str) -> Finding:
    """Makes an experiment by its name in the files of the lesson."""
    return EXPERIMENTS[name](scene)


def _shuffled(scene: Scene) -> Finding:
    order = TEMPI["shuffled"].order(len(scene.clip.frames), 0)
    return findings.shuffled_maps(scene.features.x, scene.played("shuffled")[1].x, order)


def _blanked(scene: Scene) -> Finding:
    own, after = scene.features.importance, scene.blanked(scene.frame).importance
    return findings.blanked_frame(own, after, scene.frame)


def _twins(scene: Scene) -> Finding:
    other = findings.furthest_channel(scene.features.kernel, scene.channel)
    given = scene.features.pooled.copy()
    given[scene.channel] = given[other]
    return findings.twin_channels(*scene.branches(given), scene.channel, other)


def _backwards(scene: Scene) -> Finding:
    then = scene.played("reversed")[1].kernel
    return findings.backwards_kernels(scene.features.kernel, then, scene.channel)


def _impulse(scene: Scene) -> Finding:
    return findings.impulse_through_future(len(scene.clip.frames))


def _taken_out(scene: Scene) -> Finding:
    runs = [scene.edited(*off(block)) for block in (scene.features.block, ALL_BLOCKS)]
    return findings.taken_out(scene.features.run, *runs)


def _one_level(scene: Scene) -> Finding:
    return findings.one_level(scene.features.run, scene.edited(*PRESENT), scene.edited(*V_MEAN))


EXPERIMENTS: Mapping[str, Callable[[Scene], Finding]] = {
    "shuffled": _shuffled,
    "blanked": _blanked,
    "twins": _twins,
    "backwards": _backwards,
    "impulse": _impulse,
    "taken_out": _taken_out,
    "one_level": _one_level,
}
"""What answers the questions that depend on the live numbers, by name."""
