"""Classes that the visitor gives to clips without one: once, for all pages of the visit."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import streamlit as st

from tam_viz.types import Source, Truth
from tam_viz.video.library import VideoFile

_KEY = "labels"
_LONGEST = 100


def may_be_labelled(source: Source) -> bool:
    """Whether the class of a clip is for the visitor to say: nobody else did."""
    return isinstance(source, VideoFile) and (source.truth is None or source.truth.visitors)


def labelled(clips: Mapping[str, Source]) -> dict[str, Source]:
    """The clips, those that the visitor labelled with their class.

    Args:
        clips: All that can be picked, by key.
    """
    given: Mapping[str, str] = st.session_state.get(_KEY, {})
    return {
        key: dataclasses.replace(source, truth=Truth(given[key], visitors=True))
        if key in given and isinstance(source, VideoFile) and may_be_labelled(source)
        else source
        for key, source in clips.items()
    }


def unlabelled(source: Source) -> Source:
    """The clip as it was before the visitor labelled it: its pixels are the same."""
    if isinstance(source, VideoFile) and source.truth is not None and source.truth.visitors:
        return dataclasses.replace(source, truth=None)
    return source


def pick_label(key: str, source: Source, classes: Sequence[str]) -> None:
    """Asks for the class of a clip, one of a network or another one; nothing where it is known.

    Args:
        key: Of the clip.
        source: The clip.
        classes: Of the network.
    """
    if not may_be_labelled(source):
        return
    now = None if source.truth is None else source.truth.label
    options = list(classes) if now is None or now in classes else [now, *classes]
    st.selectbox(
        "Its true class",
        options,
        index=None if now is None else options.index(now),
        key=f"label-{key}",
        placeholder="unknown: choose a class, or type one",
        accept_new_options=True,
        on_change=_keep,
        args=(key,),
        help="Kept for this visit, on all pages and in the findings that you save.",
    )


def _keep(key: str) -> None:
    given: dict[str, str] = st.session_state.setdefault(_KEY, {})
    text = " ".join(str(st.session_state[f"label-{key}"] or "").split())[:_LONGEST]
    if text:
        given[key] = text
    else:
        given.pop(key, None)
