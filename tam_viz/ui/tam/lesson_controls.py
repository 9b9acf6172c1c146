"""Controls of the lesson's steps: drawings and pickers, with buttons for common choices."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from tam_viz.analysis.tam.kernels import LANDMARKS
from tam_viz.panels.tam.lesson_result import Chosen
from tam_viz.ui.controls import Drawn, drag_kernel, draw_frames
from tam_viz.ui.state import choices
from tam_viz.ui.state.drawings import drawn, keep
from tam_viz.ui.tam.lesson_scene import LessonScene

_KERNELS: Mapping[str, Drawn | None] = {
    "the network’s Θ": None,
    "past": LANDMARKS["TSM reads past"],
    "present": LANDMARKS["TSN (present)"],
    "future": LANDMARKS["TSM reads future"],
    "average": LANDMARKS["average"],
}


def draw_importance(scene: LessonScene) -> Drawn | None:
    """The reader's V; None while it is the network's."""
    own, frames = scene.features.importance[scene.channel], len(scene.clip.frames)
    alone = tuple(float(i == scene.frame) for i in range(frames))
    value = drawn("v", frames)
    draw_frames("lesson-bars", value, own, lambda v: keep("v", v), name="V")
    _presets(
        "v",
        {
            "the network’s V": None,
            "all ½": (0.5,) * frames,
            "all 1": (1.0,) * frames,
            f"frame {scene.frame + 1} only": alone,
        },
    )
    return value


def draw_profile(scene: LessonScene) -> Drawn | None:
    """The reader's profile; None while it is the network's."""
    own, frames = scene.features.pooled[scene.channel], len(scene.clip.frames)
    top = float(f"{max(1e-3, scene.features.pooled.max()):.2g}")
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
    return value


def choose_kernel(scene: LessonScene) -> Drawn | None:
    """The reader's Θ; None while it is the network's."""
    own, value = scene.features.kernel[scene.channel], drawn("theta", 3)
    base = None if scene.untrained is None else scene.untrained.kernel[scene.channel]
    drag_kernel("lesson-triangle", value, own, base, lambda v: keep("theta", v))
    _presets("theta", _KERNELS)
    return value


def chosen_of(scene: LessonScene, v: Drawn | None, theta: Drawn | None) -> tuple[Chosen, Chosen]:
    """The reader's choice, and the network's own values."""
    importance, kernel = (
        scene.features.importance[scene.channel],
        scene.features.kernel[scene.channel],
    )
    own = Chosen(importance, kernel, own=True)
    if v is None and theta is None:
        return own, own
    mine = Chosen(
        importance if v is None else np.array(v),
        kernel if theta is None else np.array(theta),
        own=False,
    )
    return mine, own


def pick(label: str, options: Mapping[str, str], key: str) -> str:
    """The key of one of a few options, the first to begin with."""
    return choices.pick(st.segmented_control, label, options, key, required=True)


def _presets(name: str, values: Mapping[str, Drawn | None]) -> None:
    """Buttons that draw something for the reader, or take the network's own."""
    with st.container(horizontal=True, gap="xsmall"):
        for label, value in values.items():
            st.button(label, on_click=keep, args=(name, value), key=f"lesson-{name}-{label}")
