"""How TAM works: a lesson in seven steps with the live numbers of the selection."""

from __future__ import annotations

from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.lesson import choose_step
from tam_viz.ui.lesson_scene import scene_of
from tam_viz.ui.lesson_steps import show_step

selection = open_page(
    "How TAM works",
    "One block, one channel, seven steps: **what does TAM do to this clip?** Keys: N next, B back, "
    "digits predict, A reveals.",
)
with readable():
    clip = selection.clip()
with told():
    scene = scene_of(selection, clip)
show_notices(clip)
show_step(choose_step(), scene)
