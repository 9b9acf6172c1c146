"""The experiments that answer the questions of the lesson."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tam_viz.analysis.tam import lesson_outcomes as outcomes
from tam_viz.analysis.tam.lesson_outcomes import ExperimentOutcome
from tam_viz.types import (
    ALL_BLOCKS,
)
from tam_viz.ui.tam.lesson_scene import PRESENT, V_MEAN, LessonScene, off
from tam_viz.video.tempo import TEMPI


def experiment(scene: LessonScene, name: str) -> ExperimentOutcome:
    """Makes an experiment by its name in the files of the lesson."""
    return EXPERIMENTS[name](scene)


def _shuffled(scene: LessonScene) -> ExperimentOutcome:
    order = TEMPI["shuffled"].order(len(scene.clip.frames), 0)
    return outcomes.shuffled_maps(scene.features.x, scene.played("shuffled")[1].x, order)


def _blanked(scene: LessonScene) -> ExperimentOutcome:
    own, after = scene.features.importance, scene.blanked(scene.frame).importance
    return outcomes.blanked_frame(own, after, scene.frame)


def _same_numbers(scene: LessonScene) -> ExperimentOutcome:
    other = outcomes.furthest_channel(scene.features.kernel, scene.channel)
    given = scene.features.pooled.copy()
    given[scene.channel] = given[other]
    return outcomes.same_numbers(*scene.branches(given), scene.channel, other)


def _backwards(scene: LessonScene) -> ExperimentOutcome:
    then = scene.played("reversed")[1].kernel
    return outcomes.backwards_kernels(scene.features.kernel, then, scene.channel)


def _impulse(scene: LessonScene) -> ExperimentOutcome:
    return outcomes.impulse_through_future(len(scene.clip.frames))


def _taken_out(scene: LessonScene) -> ExperimentOutcome:
    runs = [scene.edited(*off(block)) for block in (scene.features.block, ALL_BLOCKS)]
    return outcomes.taken_out(scene.features.run, *runs)


def _one_level(scene: LessonScene) -> ExperimentOutcome:
    return outcomes.one_level(scene.features.run, scene.edited(*PRESENT), scene.edited(*V_MEAN))


EXPERIMENTS: Mapping[str, Callable[[LessonScene], ExperimentOutcome]] = {
    "shuffled": _shuffled,
    "blanked": _blanked,
    "same_numbers": _same_numbers,
    "backwards": _backwards,
    "impulse": _impulse,
    "taken_out": _taken_out,
    "one_level": _one_level,
}
"""Experiments that answer the questions on the live numbers, by name."""
