"""The steps of the lesson: pictures and controls of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tam_viz.analysis.tam.block_features import REARRANGED, SIGNALS, means, rearranged, signals
from tam_viz.panels.tam import lesson as panels
from tam_viz.panels.tam import lesson_levels as levels
from tam_viz.panels.tam import lesson_result as results
from tam_viz.plots.shared import theme
from tam_viz.plots.tam.kernel_steps import KernelSteps
from tam_viz.ui.figure import show
from tam_viz.ui.state.drawings import drawn
from tam_viz.ui.tam.lesson import Lesson, filled, head, tell
from tam_viz.ui.tam.lesson_controls import (
    choose_kernel,
    chosen_of,
    draw_importance,
    draw_profile,
    pick,
)
from tam_viz.ui.tam.lesson_experiments import experiment
from tam_viz.ui.tam.lesson_questions import ask
from tam_viz.ui.tam.lesson_scene import LessonScene
from tam_viz.video.tempo import TEMPI

_AS_IS = "as_is"
_WAYS = {
    _AS_IS: "as filmed",
    "reversed": "backwards",
    "shuffled": "shuffled",
    "frozen": "frozen",
    "half": "half speed",
    "double": "double speed",
}
_NONE, _FRAMES = "none", "frames"
_WEIGHED = "Weight the frames by V too (always, once you have drawn one)"


@st.fragment
def show_step(lesson: Lesson, scene: LessonScene) -> None:
    """A whole step; what the reader changes in it draws it anew and nothing else.

    Control and picture come first and side by side, so that both are on one screen.
    """
    head(lesson)
    STEPS[lesson.id](scene, filled(lesson.invites, scene.numbers))
    left, right = st.columns(2)
    with left:
        tell(lesson, scene.numbers)
    with right:
        ask(lesson, scene.numbers, scene.subject, lambda name: experiment(scene, name))
    if lesson.id in MORE:
        MORE[lesson.id](scene)


def _stage(invites: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Room for a control and, beside it, for what it changes."""
    left, right = st.columns([1, 2])
    left.markdown(f"**Try it.** {invites}")
    return left, right


def _beside(invites: str) -> DeltaGenerator:
    """Room for a picker beside what it is for, above the pictures."""
    left, right = st.columns([2, 3])
    left.markdown(f"**Try it.** {invites}")
    return right


def _input(scene: LessonScene, invites: str) -> None:
    with _beside(invites):
        way = pick("Clip timing", _WAYS, "play")
    maps = scene.features.x[scene.channel]
    name, high = f"channel {scene.channel} of {scene.features.block}", max(1e-6, float(maps.max()))
    if way == _AS_IS:
        panel = panels.incoming(scene.clip, maps, name=name, high=high, frame=scene.frame)
    else:
        clip, features = scene.played(way)
        panel = panels.incoming(
            clip,
            features.x[scene.channel],
            name=name,
            high=high,
            frame=scene.frame,
            played=TEMPI[way].says,
            change=_change(scene, way, features.x),
        )
    show(panel, key="lesson-maps")


def _change(scene: LessonScene, way: str, x: np.ndarray) -> float:
    """Relative change of the block's maps; NaN where not every frame was played once."""
    order = TEMPI[way].order(len(scene.clip.frames), scene.frame)
    if len(set(order.tolist())) < len(order):
        return float("nan")
    back = x[:, np.argsort(order)]
    return float(np.linalg.norm(back - scene.features.x) / np.linalg.norm(scene.features.x))


def _pooling(scene: LessonScene, invites: str) -> None:
    maps = scene.features.x[scene.channel]
    with _beside(invites):
        how = pick(f"Cells of the maps of channel {scene.channel}", REARRANGED, "places")
    left, right = st.columns([1, 2])
    with left:
        changed = None if how == _AS_IS else rearranged(maps, how)
        numbers, called = None if changed is None else means(changed), REARRANGED[how]
        show(
            panels.profile(scene.features, scene.channel, numbers, called),
            key="lesson-profile",
        )
    with right:
        show(panels.cells(scene.clip, maps, changed, called), key="lesson-maps")


def _pooled(scene: LessonScene) -> None:
    show(panels.pooled(scene.features, scene.channel), key="lesson-pooled")


def _importance(scene: LessonScene, invites: str) -> None:
    frames = len(scene.clip.frames)
    with _beside(invites):
        numbers = {str(i + 1): str(i + 1) for i in range(frames)}
        chosen = pick("Blank frame", {_NONE: "none", **numbers}, "blank")
    left, right = st.columns([1, 2])
    with left:
        blank = None if chosen == _NONE else scene.blanked(int(chosen) - 1)
        v = scene.features.importance[scene.channel]
        base = None if scene.untrained is None else scene.untrained.importance[scene.channel]
        show(panels.importance_line(v, base, scene.channel, blank), key="lesson-line")
    with right:
        show(panels.local_branch(scene.features, scene.channel, blank), key="lesson-local")


def _weighting(scene: LessonScene, invites: str) -> None:
    left, right = _stage(invites)
    with left:
        yours = draw_importance(scene)
    maps, own = scene.features.x[scene.channel], scene.features.importance[scene.channel]
    mine = None if yours is None else np.array(yours)
    with right:
        show(panels.weighted(scene.clip, maps, own, mine), key="lesson-maps")


def _kernel(scene: LessonScene, invites: str) -> None:
    left, right = _stage(invites)
    with left:
        value = draw_profile(scene)
    mine = None
    if value is not None:
        profile = np.array(value)
        mine = KernelSteps("drawn", theme.EDITED, profile, *scene.kernel_of(profile))
    with right:
        show(
            panels.kernel(scene.features, scene.untrained, scene.channel, mine), key="lesson-kernel"
        )


def _alike(scene: LessonScene) -> None:
    show(levels.alike(scene.features), key="lesson-alike")


def _aggregation(scene: LessonScene, invites: str) -> None:
    left, right = _stage(invites)
    with left:
        theta = choose_kernel(scene)
    with right:
        played = signals(scene.features.pooled[scene.channel])
        signal = pick("What goes in", SIGNALS, "signal")
        chosen, own = chosen_of(scene, drawn("v", len(scene.clip.frames)), theta)
        panel = results.aggregation(chosen, own, played[signal], SIGNALS[signal])
        show(panel, key="lesson-matrix")


def _result(scene: LessonScene, invites: str) -> None:
    st.markdown(f"**Try it.** {invites}")
    left, right = st.columns(2)
    with left:
        theta = choose_kernel(scene)
    with right:
        v = draw_importance(scene)
    chosen, own = chosen_of(scene, v, theta)
    played = signals(scene.features.pooled[scene.channel])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        signal = pick("Play through it", {_FRAMES: "the real frames", **SIGNALS}, "through")
        weighed = st.toggle(_WEIGHED, key="weighed", bind="query-params", disabled=v is not None)
    if signal == _FRAMES:
        panel = results.frames_through(scene.clip, chosen, own, weighed=weighed or v is not None)
        show(panel, key="lesson-frames")
    else:
        panel = results.signal_through(chosen, own, played[signal], SIGNALS[signal])
        show(panel, key="lesson-signal")


def _onward(scene: LessonScene) -> None:
    """The maps that the channel gives on, and what the network makes of the reader's."""
    chosen, _ = chosen_of(scene, drawn("v", len(scene.clip.frames)), drawn("theta", 3))
    label = "Let the network go on with your V and Θ"
    if st.toggle(label, key="onward", bind="query-params", disabled=chosen.own) and not chosen.own:
        here, everywhere = (
            scene.with_yours(chosen.importance, chosen.kernel, all_=all_) for all_ in (False, True)
        )
        own_run, channel = scene.features.run, scene.channel
        panel = results.answers_with(scene.card, scene.clip, own_run, here, everywhere, channel)
        show(panel, key="lesson-answers")
    x, y = scene.features.x[scene.channel], scene.features.y[scene.channel]
    show(results.result(scene.clip, x, y, chosen), key="lesson-result")


def _levels(scene: LessonScene, invites: str) -> None:
    with _beside(invites):
        way = pick("Clip timing", _WAYS, "levels")
    features = scene.features if way == _AS_IS else scene.played(way)[1]
    v, kernel = features.importance[scene.channel], features.kernel[scene.channel]
    show(levels.matrices(v, kernel, scene.channel), key="lesson-levels")


def _variants(scene: LessonScene) -> None:
    about = scene.clip.label
    known = about in scene.card.classes
    if about is None or not known:
        about = scene.features.run.prediction.top(1)[0][0]
    show(levels.variants(scene.variants(), about, known=known), key="lesson-variants")


STEPS: Mapping[str, Callable[[LessonScene, str], None]] = {
    "1_input": _input,
    "2_pooling": _pooling,
    "3_importance": _importance,
    "4_weighting": _weighting,
    "5_kernel": _kernel,
    "6_aggregation": _aggregation,
    "7_result": _result,
    "8_levels": _levels,
}
"""The control and the pictures of each step, by the name of its file."""

MORE: Mapping[str, Callable[[LessonScene], None]] = {
    "2_pooling": _pooled,
    "5_kernel": _alike,
    "7_result": _onward,
    "8_levels": _variants,
}
"""The part of each step below its text."""
