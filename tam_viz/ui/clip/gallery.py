"""The clips as thumbnails that play, to pick one by what happens in it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape

import streamlit as st

from tam_viz.literal import in_markdown, sentence
from tam_viz.motionpairs.motions import MOTIONS
from tam_viz.types import Source, UserError
from tam_viz.ui.state import cache, clip_picker
from tam_viz.ui.state.keys import KEYS
from tam_viz.video.thumbnail import thumbnail

_YOURS = "yours"
_PER_ROW = 4


def show_gallery(clips: Mapping[str, Source]) -> None:
    """Thumbnails of one pair of motions at a time, or of the visitor's own clips.

    Args:
        clips: All that can be picked, by key.
    """
    box = st.expander(
        "Gallery: pick a clip by what happens in it", key="gallery_open", on_change="rerun"
    )
    if not box.open:
        return
    with box:
        families = [motion.family for motion in MOTIONS]
        shown = st.segmented_control(
            "Motions",
            [*families, _YOURS],
            default=families[0],
            required=True,
            key="family",
            bind="query-params",
        )
        if shown == _YOURS:
            tiles = {key: source for key, source in clips.items() if key not in cache.own_clips()}
            _folder_uploader()
        else:
            classes = next(m.classes for m in MOTIONS if m.family == shown)
            tiles = {
                key: clips[key]
                for key in cache.own_clips()
                if (truth := clips[key].truth) is not None and truth.label in classes
            }
        _tiles(tiles)


def _tiles(clips: Mapping[str, Source]) -> None:
    keys = list(clips)
    for first in range(0, len(keys), _PER_ROW):
        for column, key in zip(st.columns(_PER_ROW), keys[first : first + _PER_ROW], strict=False):
            with column:
                _tile(key, clips[key])


def _tile(key: str, source: Source) -> None:
    name = clip_picker.label(key, source)
    try:
        picture = _thumbnail(source)
    except UserError as error:
        st.caption(sentence(f"{name}: {error}"))
        return
    data = base64.b64encode(picture).decode()
    st.html(
        f"<img src='data:image/webp;base64,{data}' alt='{escape(name, quote=True)}, playing' "
        f"width='100%' style='image-rendering:auto;border-radius:4px'>"
    )
    st.button(in_markdown(name), key=f"pick-{key}", on_click=_pick, args=(key,), width="stretch")


def _pick(key: str) -> None:
    st.session_state["clip"] = key


@st.cache_data(show_spinner="Making a thumbnail…", max_entries=256, hash_funcs=KEYS)
def _thumbnail(source: Source) -> bytes:
    return thumbnail(source)


def _folder_uploader() -> None:
    st.file_uploader(
        "A folder of videos",
        accept_multiple_files="directory",
        key="folder",
        on_change=clip_picker.keep_uploads,
        args=("folder",),
        kwargs={"folder": True},
        help="Or start the app with TAM_VIZ_CLIPS=FOLDER; a labels.csv in it, with the columns "
        "file and label, gives the true classes.",
    )
