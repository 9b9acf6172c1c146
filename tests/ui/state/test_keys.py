"""Caches know clips, edits and files by ids."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from tam_viz.types import BlockTrace, Clip, Edit, Mean, TAMTrace
from tam_viz.ui.state.keys import KEYS
from tam_viz.video.library import VideoFile

Make = Callable[..., Clip]


@pytest.fixture
def count() -> Callable[..., int]:
    """A cached function that says how often something new came."""
    calls: list[object] = []

    @st.cache_data(show_spinner=False, hash_funcs=KEYS)
    def seen(given: object) -> int:
        calls.append(given)
        return len(calls)

    seen.clear()
    return seen


def mean(name: str) -> Mean:
    block = BlockTrace("layer1.0", np.full((2, 4), 0.5), np.full((2, 3), 1 / 3))
    return Mean(name, "4 clips", TAMTrace((block,)))


def test_a_clip_is_its_id(tiny_clip: Make, count: Callable[..., int]) -> None:
    assert [count(tiny_clip(0)), count(tiny_clip(1)), count(tiny_clip(0))] == [1, 2, 1]


def test_an_edit_is_known_by_what_it_puts_in(tiny_clip: Make, count: Callable[..., int]) -> None:
    edits = [
        Edit("*", "kernel", "donor", donor=tiny_clip(0)),
        Edit("*", "kernel", "donor", donor=tiny_clip(1)),
        Edit("*", "importance", "donor", donor=tiny_clip(0)),
        Edit("*", "importance", "shuffled", seed=1),
        Edit("*", "importance", "shuffled", seed=2),
        Edit("*", "importance", "given", given=mean("a")),
        Edit("*", "importance", "given", given=mean("b")),
        Edit("layer1.0", "importance", "one"),
        Edit("layer1.0", "importance", "one", channels=(0, 1)),
    ]
    assert [count((edit,)) for edit in edits] == list(range(1, len(edits) + 1))
    again = Edit("*", "kernel", "donor", donor=tiny_clip(1))
    assert count((again,)) == 2


def test_no_array_is_hashed(tiny_clip: Make, count: Callable[..., int]) -> None:
    clip = tiny_clip(0)
    assert count(clip) == count(Edit("*", "kernel", "donor", donor=clip)) - 1
    clip.frames.setflags(write=True)
    clip.frames[:] = 0  # nobody does; a hash over the frames would notice
    assert count(clip) == 1
    assert count(Edit("*", "kernel", "donor", donor=clip)) == 2


def test_a_file_is_another_one_when_it_changes(tmp_path: Path, count: Callable[..., int]) -> None:
    path = tmp_path / "results.json"
    path.write_text("{}")
    assert [count(path), count(path)] == [1, 1]
    os.utime(path, ns=(1, 1))
    assert count(path) == 2
    assert count(VideoFile("a", path)) == 3
    os.utime(path, ns=(2, 2))
    assert count(VideoFile("a", path)) == 3  # its clips are known by what is in the file
    assert count(VideoFile("b", path)) == 4
