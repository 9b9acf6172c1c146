"""What each step of the lesson shows, and what the reader can change in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from tam_viz.analysis.inside import REARRANGED, means, rearranged, signals
from tam_viz.analysis.kernels import LANDMARKS
from tam_viz.panels import lesson as panels
from tam_viz.panels.lesson import Chosen
from tam_viz.plots import theme
from tam_viz.plots.lesson import KernelSteps
from tam_viz.ui.controls import Drawn, drag_kernel, draw_frames
from tam_viz.ui.drawings import drawn, keep
from tam_viz.ui.figure import show
from tam_viz.ui.lesson import Lesson, ask, filled, tell
from tam_viz.ui.lesson_scene import Scene, experiment
from tam_viz.video.tempo import TEMPI

_WAYS = {
    "as filmed": "",
    "backwards": "reversed",
    "shuffled": "shuffled",
    "frozen": "frozen",
    "half speed": "half",
    "double speed": "double",
}
_KERNELS: Mapping[str, Drawn | None] = {
    "the network’s Θ": None,
    "past": LANDMARKS["TSM reads past"],
    "present": LANDMARKS["TSN (present)"],
    "future": LANDMARKS["TSM reads future"],
    "average": LANDMARKS["average"],
}
_FRAMES = "the real frames"


@st.fragment
def show_step(lesson: Lesson, scene: Scene) -> None:
    """A whole step; what the reader changes in it draws it anew and nothing else."""
    tell(lesson, scene.numbers)
    side_by_side = len(lesson.questions) == 1
    left, right = st.columns(2) if side_by_side else (st.container(), st.container())
    with left:
        st.markdown(filled(lesson.text, scene.numbers))
    with right:
        ask(lesson, scene.numbers, scene.subject, lambda name: experiment(scene, name))
    st.markdown(f"**Try it.** {filled(lesson.invites, scene.numbers)}")
    STEPS[lesson.id](scene)


def _input(scene: Scene) -> None:
    way = _WAYS[_pick("Play the frames", list(_WAYS), "play")]
    maps = scene.inside.x[scene.channel]
    name, high = f"channel {scene.channel} of {scene.inside.block}", max(1e-6, float(maps.max()))
    if not way:
        panel = panels.incoming(scene.clip, maps, name=name, high=high, frame=scene.frame)
    else:
        clip, inside = scene.played(way)
        panel = panels.incoming(
            clip,
            inside.x[scene.channel],
            name=name,
            high=high,
            frame=scene.frame,
            played=TEMPI[way].says,
            change=_change(scene, way, inside.x),
        )
    show(panel, key="lesson-maps")


def _change(scene: Scene, way: str, x: np.ndarray) -> float:
    """Relative change of the block's maps; NaN where not every frame was played once."""
    order = TEMPI[way].order(len(scene.clip.frames), scene.frame)
    if len(set(order.tolist())) < len(order):
        return float("nan")
    back = x[:, np.argsort(order)]
    return float(np.linalg.norm(back - scene.inside.x) / np.linalg.norm(scene.inside.x))


def _pooling(scene: Scene) -> None:
    how = _pick(f"The places in the maps of channel {scene.channel}", list(REARRANGED), "places")
    maps = scene.inside.x[scene.channel]
    changed = None if how == REARRANGED[0] else rearranged(maps, how)
    numbers = None if changed is None else means(changed)
    show(panels.places(scene.clip, maps, changed, how), key="lesson-maps")
    left, right = st.columns(2)
    with left:
        show(panels.profile(scene.inside, scene.channel, numbers, how), key="lesson-profile")
    with right:
        show(panels.pooled(scene.inside, scene.channel), key="lesson-pooled")


def _importance(scene: Scene) -> None:
    frames = len(scene.clip.frames)
    blank = _pick("Blank frame", ["none", *(str(i + 1) for i in range(frames))], "blank")
    frame = None if blank == "none" else int(blank) - 1
    after = None if frame is None else scene.blanked(frame)[scene.channel]
    own, base = scene.inside.importance[scene.channel], scene.untrained.importance[scene.channel]
    line = panels.importance_line(own, base, scene.channel, after, frame or 0)
    show(line, key="lesson-line")
    show(panels.local_branch(scene.inside, scene.channel), key="lesson-local")


def _weighting(scene: Scene) -> None:
    yours = _draw_importance(scene)
    maps, own = scene.inside.x[scene.channel], scene.inside.importance[scene.channel]
    mine = None if yours is None else np.array(yours)
    show(panels.weighted(scene.clip, maps, own, mine), key="lesson-maps")


def _draw_importance(scene: Scene) -> Drawn | None:
    """The reader's V; None while it is the network's."""
    own, frames = scene.inside.importance[scene.channel], len(scene.clip.frames)
    alone = tuple(float(i == scene.frame) for i in range(frames))
    value = drawn("v", frames)
    draw_frames("lesson-bars", value, own, lambda v: keep("v", v), name="V")
    _presets(
        "v",
        {
            "the network’s V": None,
            "½ everywhere": (0.5,) * frames,
            "1 everywhere": (1.0,) * frames,
            f"frame {scene.frame + 1} alone": alone,
        },
    )
    return value


def _kernel(scene: Scene) -> None:
    own, frames = scene.inside.pooled[scene.channel], len(scene.clip.frames)
    top = float(f"{max(1e-3, scene.inside.pooled.max()):.2g}")
    value = drawn("profile", frames, top)
    draw_frames(
        "lesson-profile-bars", value, own, lambda v: keep("profile", v), name="profile", top=top
    )
    shown = own if value is None else value
    _presets(
        "profile",
        {
            "the network’s": None,
            "backwards": tuple(float(n) for n in shown[::-1]),
            "flat": (float(np.mean(own)),) * frames,
            "rising": tuple(float(n) for n in np.linspace(0, top, frames)),
        },
    )
    mine = None
    if value is not None:
        profile = np.array(value)
        mine = KernelSteps("drawn", theme.EDITED, profile, *scene.kernel_of(profile))
    show(panels.kernel(scene.inside, scene.untrained, scene.channel, mine), key="lesson-kernel")


def _aggregation(scene: Scene) -> None:
    left, right = st.columns([2, 3])
    with left:
        theta = _drag_kernel(scene)
    with right:
        played = signals(scene.inside.pooled[scene.channel])
        name = _pick("What goes in", list(played), "signal")
        chosen, own = _chosen(scene, drawn("v", len(scene.clip.frames)), theta)
        show(panels.aggregation(chosen, own, played[name], name), key="lesson-matrix")


def _drag_kernel(scene: Scene) -> Drawn | None:
    """The reader's Θ; None while it is the network's."""
    own, base = scene.inside.kernel[scene.channel], scene.untrained.kernel[scene.channel]
    value = drawn("theta", 3)
    drag_kernel("lesson-triangle", value, own, base, lambda v: keep("theta", v))
    _presets("theta", _KERNELS)
    return value


def _chosen(scene: Scene, v: Drawn | None, theta: Drawn | None) -> tuple[Chosen, Chosen]:
    """What the reader chose, and what the network has."""
    importance, kernel = scene.inside.importance[scene.channel], scene.inside.kernel[scene.channel]
    own = Chosen(importance, kernel, own=True)
    if v is None and theta is None:
        return own, own
    mine = Chosen(
        importance if v is None else np.array(v),
        kernel if theta is None else np.array(theta),
        own=False,
    )
    return mine, own


def _result(scene: Scene) -> None:
    left, right = st.columns(2)
    with left:
        theta = _drag_kernel(scene)
    with right:
        v = _draw_importance(scene)
    chosen, own = _chosen(scene, v, theta)
    played = signals(scene.inside.pooled[scene.channel])
    name = _pick("Play through it", [_FRAMES, *played], "through")
    if name == _FRAMES:
        show(panels.frames_through(scene.clip, chosen, own), key="lesson-frames")
    else:
        show(panels.signal_through(chosen, own, played[name], name), key="lesson-signal")
    x, y = scene.inside.x[scene.channel], scene.inside.y[scene.channel]
    show(panels.result(scene.clip, x, y, chosen), key="lesson-result")
    label = "Let the network go on with your V and Θ"
    if st.toggle(label, key="onward", bind="query-params", disabled=chosen.own) and not chosen.own:
        here, everywhere = (
            scene.with_yours(chosen.importance, chosen.kernel, all_=all_) for all_ in (False, True)
        )
        own_run, channel = scene.inside.run, scene.channel
        said = panels.answers_with(scene.card, scene.clip, own_run, here, everywhere, channel)
        show(said, key="lesson-answers")


def _pick(label: str, options: list[str], key: str) -> str:
    """One of a few, the first to begin with."""
    chosen = st.segmented_control(
        label, options, default=options[0], required=True, key=key, bind="query-params"
    )
    return chosen or options[0]


def _presets(name: str, values: Mapping[str, Drawn | None]) -> None:
    """Buttons that draw something for the reader, or take the network's own."""
    with st.container(horizontal=True):
        for label, value in values.items():
            st.button(label, on_click=keep, args=(name, value), key=f"lesson-{name}-{label}")


STEPS: Mapping[str, Callable[[Scene], None]] = {
    "1_input": _input,
    "2_pooling": _pooling,
    "3_importance": _importance,
    "4_weighting": _weighting,
    "5_kernel": _kernel,
    "6_aggregation": _aggregation,
    "7_result": _result,
}
"""What is shown below the text, by the name of its file."""
