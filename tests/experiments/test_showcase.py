"""What the first page offers is what is measured now."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tam_viz.analysis.showcase import SHOWCASES, read_showcases, write_showcases
from tam_viz.experiments.showcase import find_showcases
from tam_viz.models.engine import load
from tam_viz.types import UserError
from tam_viz.video.library import GALLERY, read_folder


@pytest.fixture(scope="module")
def networks():
    return load("tanet-motionpairs", "cpu"), load("tsn-motionpairs", "cpu")


def test_the_showcases_of_the_repository_are_found_again(networks, tmp_path: Path) -> None:
    stored = read_showcases(GALLERY)
    named = {name for s in stored for name in (s.clip, s.second) if name}
    sources = [source for source in read_folder(GALLERY) if source.name in named]
    found = find_showcases(*networks, sources)
    assert found == stored  # titles, numbers and clips
    write_showcases(tmp_path, found)
    assert (tmp_path / SHOWCASES).read_bytes() == (GALLERY / SHOWCASES).read_bytes()


def test_the_twins_begin_with_the_same_frame(networks) -> None:
    spec = networks[0].card.input
    twins = [s.read(spec) for s in read_folder(GALLERY) if s.name.endswith("_twin.mp4")]
    assert len(twins) == 2
    assert np.array_equal(twins[0].frames[0], twins[1].frames[0])
    assert not np.array_equal(twins[0].frames[-1], twins[1].frames[-1])


def test_a_kind_that_is_not_there_is_told(networks) -> None:
    with pytest.raises(UserError, match="give more clips"):
        find_showcases(*networks, [])


@pytest.mark.parametrize("text", ["{", '[{"title": 1}]', "3"])
def test_a_damaged_list_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / SHOWCASES).write_text(text)
    with pytest.raises(UserError, match="is not a list of showcases"):
        read_showcases(tmp_path)
