"""Which clip: of the gallery, a folder of the user's, an upload, the test set or a finding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Literal

import streamlit as st

from tam_viz.findings.source import FindingSource
from tam_viz.literal import sentence
from tam_viz.motionpairs.dataset import TEST_CLIPS, TEST_SEED
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.types import Source
from tam_viz.ui.bench import clip_list
from tam_viz.ui.state import cache, labels, opened_findings, uploads
from tam_viz.ui.state.selection import BACKWARDS, NONE
from tam_viz.video.containers import is_named_video

_DRAWN, _TAKEN = "drawn", "taken uploads"
_NAMES: Mapping[str, str] = {BACKWARDS: "the clip played backwards", NONE: "none"}


def available() -> dict[str, Source]:
    """All clips that this visitor can pick, by key: the gallery, and what the visitor opened."""
    gallery, problems = cache.gallery()
    for problem in problems:
        st.warning(sentence(problem))
    opened = {**_opened(), **uploads.mine(), **opened_findings.mine(), **clip_list.mine()}
    return labels.labelled({**gallery, **opened})


def pick(clips: Mapping[str, Source]) -> Source:
    """The clip, one of those that are there."""
    if st.session_state.get("clip", "") not in clips:
        st.session_state.pop("clip", None)  # the first of the gallery
    key = st.selectbox(
        "Clip",
        list(clips),
        format_func=lambda name: label(name, clips[name]),
        key="clip",
    )
    st.file_uploader(
        "Or your own videos",
        accept_multiple_files=True,
        key="upload",
        on_change=keep_uploads,
        args=("upload",),
        help="They stay on this machine. Up to 200 MB each, in any format that FFmpeg reads.",
    )
    return clips[key]


def pick_second(clips: Mapping[str, Source]) -> Source | Literal["backwards"] | None:
    """The clip to hold the first one against."""
    if st.session_state.get("second") not in (*_NAMES, *clips):
        st.session_state.pop("second", None)
    key = st.selectbox(
        "Compare with",
        [*_NAMES, *clips],
        format_func=lambda name: called(name, clips),
        key="second",
        help="A second clip: shown beside the first, and the donor of V, Θ or x on Intervene.",
    )
    if key == BACKWARDS:
        return BACKWARDS
    return clips.get(key)


def called(key: str, clips: Mapping[str, Source]) -> str:
    """The label of a clip, or of a second clip, in the picker."""
    return _NAMES.get(key) or label(key, clips[key])


def address_of(key: str, clips: Mapping[str, Source]) -> str:
    """The key of a clip, or of a second clip, in the address.

    What comes with the program has a key of its own; a clip of the visitor is named as in the
    picker, so that its name leads to it in another visit.
    """
    return key if key in (*_NAMES, *cache.own_clips()) else label(key, clips[key])


def key_of(text: str, clips: Mapping[str, Source], *, second: bool) -> str | None:
    """The inverse of `address_of` and of `called`; None where no clip, or several, is meant.

    A clip of a folder is also known by its folder and its last name (`classes/b.mp4` for
    `classes/jump/b.mp4`), where only one is called so.

    Args:
        text: What it is called.
        clips: All that can be picked, by key.
        second: Whether it may be what stands beside a clip and is none.
    """
    keys = [*(_NAMES if second else ()), *clips]
    exact = text if text in (*_NAMES, *cache.own_clips()) and text in keys else None
    exact = exact or next((key for key in keys if called(key, clips) == text), None)
    folder, _, file = text.partition("/")
    if exact is not None or not file:
        return exact
    deeper = [key for key in clips if key.split("/")[0] == folder and key.split("/")[-1] == file]
    return deeper[0] if len(deeper) == 1 else None


def let_go() -> bool:
    """Forgets the uploads that are chosen; False if none is."""
    chosen = {st.session_state.get("clip"), st.session_state.get("second")} & set(uploads.mine())
    for key in chosen:
        uploads.drop(str(key))
    return bool(chosen)


def label(key: str, source: Source) -> str:
    """The label of a clip in the picker; no two are alike."""
    if key.startswith(clip_list.PREFIX):
        return key
    if isinstance(source, DrawnClip | FindingSource):
        return source.name
    if key.startswith(uploads.PREFIX):
        return f"{source.name} · {key[-4:]}"
    if key not in cache.own_clips() or source.truth is None:
        return key
    return f"{source.truth.label} · {source.name.removesuffix('.mp4').rsplit('_', 1)[-1]}"


def open_test_clip(number: int) -> None:
    """Chooses a clip of the test set, on every page; for a callback, before the page runs again.

    A link could not do it: a page reads its address once, when it is opened.
    """
    st.session_state["clip"] = offer(DrawnClip(TEST_SEED, number))


def offer(source: DrawnClip) -> str:
    """Puts a clip of the test set among those that can be picked; its key."""
    st.session_state.setdefault(_DRAWN, {})[source.name] = source
    return source.name


def _opened() -> dict[str, Source]:
    """The clips of the test set that this visitor has opened, by way of the address."""
    opened: dict[str, Source] = st.session_state.setdefault(_DRAWN, {})
    for name in ("clip", "second"):
        asked = re.fullmatch(r"test clip (\d{1,5})", st.query_params.get(name, ""))
        if asked and int(asked[1]) < TEST_CLIPS:
            opened[asked[0]] = DrawnClip(TEST_SEED, int(asked[1]))
    return opened


def keep_uploads(widget: str, *, folder: bool = False) -> None:
    """Takes the files of an uploader; the last one that came becomes the clip.

    The same bytes are one clip, whatever the file is called, and are chosen when they come again.

    Args:
        widget: Key of the uploader.
        folder: Whether whole folders come in, which hold more than videos.
    """
    taken: set[str] = st.session_state.setdefault(_TAKEN, set())
    for file in st.session_state[widget]:
        if folder and not is_named_video(PurePosixPath(file.name).name):
            continue
        key = uploads.keep(file.name, file.getvalue())
        if file.file_id not in taken:
            taken.add(file.file_id)
            st.session_state["clip"] = key
