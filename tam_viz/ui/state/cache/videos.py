"""Videos: which there are, their frames as networks take them, and what a browser plays."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path

import streamlit as st

from tam_viz.types import Clip, InputSpec, Source, UserError
from tam_viz.ui.state.keys import KEYS
from tam_viz.video.library import GALLERY, VideoFile, distinct_names, read_folder
from tam_viz.video.movie import Movie, Played

_CLIPS, _VIEWS, _MOVIES = 64, 4, 8


@st.cache_data(show_spinner=False)
def gallery() -> tuple[dict[str, VideoFile], list[str]]:
    """The clips that come with the project and those of the user's folders, and what is wrong.

    `TAM_VIZ_CLIPS` holds the folders, separated as in `PATH`.
    """
    clips = {source.name: source for source in read_folder(GALLERY)}
    problems = []
    named = filter(None, os.environ.get("TAM_VIZ_CLIPS", "").split(os.pathsep))
    folders = dict.fromkeys(Path(folder).absolute() for folder in named)
    for folder, short in zip(folders, distinct_names(list(folders)), strict=True):
        try:
            listed = read_folder(folder)
        except UserError as error:
            problems.append(str(error))
            continue
        if not listed:
            problems.append(f"The folder '{folder}' of TAM_VIZ_CLIPS holds no videos.")
        for source in listed:
            key = f"{short}/{source.name}"
            if key in clips:
                problems.append(f"'{key}' is listed twice; the first one is shown.")
            clips.setdefault(key, source)
    return clips, problems


@st.cache_data(show_spinner=False)
def own_clips() -> tuple[str, ...]:
    """Keys of the clips that come with the project."""
    return tuple(source.name for source in read_folder(GALLERY))


@st.cache_data(show_spinner="Reading the video…", max_entries=_CLIPS, hash_funcs=KEYS)
def clip(source: Source, spec: InputSpec, view: int) -> Clip:
    """One view of a video, counted from 0.

    Raises:
        UserError: The video cannot be read.
    """
    return source.read(spec, view)


@st.cache_data(show_spinner="Reading the views…", max_entries=_VIEWS, hash_funcs=KEYS)
def views(source: Source, spec: InputSpec) -> tuple[Clip, ...]:
    """All views of a video.

    Raises:
        UserError: The video cannot be read.
    """
    return (clip(source, spec, 0),) if spec.all_views == 1 else source.views(spec)


def movie(source: Source) -> Movie | None:
    """The part of a video that a browser can play, with a bar while a preview is made; kept.

    None where nothing of it can be played.
    """
    movies = _movies()
    if source.key in movies:
        movies.move_to_end(source.key)
        return movies[source.key]
    bar = st.empty()

    def report(share: float) -> None:
        bar.progress(share, "Making a preview that browsers play")

    try:
        if isinstance(source, Played):
            movies[source.key] = source.player(report)
        else:
            drawn = source.movie()
            movies[source.key] = None if drawn is None else Movie(*drawn)
    finally:
        bar.empty()
    while len(movies) > _MOVIES:
        movies.popitem(last=False)
    return movies[source.key]


@st.cache_resource(show_spinner=False)
def _movies() -> OrderedDict[str, Movie | None]:
    """Films for players, the longest unseen first."""
    return OrderedDict()
