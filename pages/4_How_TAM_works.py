"""How TAM works: a lesson in eight steps with the live numbers of the selection."""

from __future__ import annotations

import streamlit as st

from tam_viz.ui.page import open_page, readable, show_notices, user_errors_shown
from tam_viz.ui.state.deferred import Later
from tam_viz.ui.tam.lesson import choose_step, lessons
from tam_viz.ui.tam.lesson_scene import scene_of
from tam_viz.ui.tam.lesson_steps import show_step

selection = open_page("How TAM works", "", headed=False)
with readable():
    clip, second = selection.clip(), selection.second_clip()
with user_errors_shown():
    later = Later()
    scene = scene_of(selection, clip, second, later)
show_notices(clip)
waiting = st.container()
chosen = choose_step()
# Each step has a place of its own: what is left of another one goes before this one is drawn.
boxes = [st.container() if step is chosen else st.empty() for step in lessons()]
with boxes[lessons().index(chosen)]:
    show_step(chosen, scene)
with waiting, user_errors_shown():
    later.join()
