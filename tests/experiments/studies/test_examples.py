"""What the first page offers is what is measured now."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tam_viz.analysis.clip.examples import BACKWARDS, SHOWCASES, read_showcases, write_showcases
from tam_viz.capture.run import run
from tam_viz.experiments.studies import examples
from tam_viz.experiments.studies.examples import SOLVED, find_showcases, share_right
from tam_viz.models.engine import LoadedModel, load
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.types import UserError
from tam_viz.video.library import GALLERY, read_folder


@pytest.fixture(scope="module")
def networks() -> tuple[LoadedModel, LoadedModel]:
    return load("tanet-motionpairs", "cpu"), load("tsn-motionpairs", "cpu")


def test_the_showcases_of_the_repository_are_found_again(
    networks: tuple[LoadedModel, LoadedModel], tmp_path: Path
) -> None:
    stored = read_showcases(GALLERY)
    named = {name for s in stored for name in (s.clip, s.second) if name not in ("", BACKWARDS)}
    sources = [source for source in read_folder(GALLERY) if source.name in named]
    found = find_showcases(networks[0], networks[1], sources)
    assert found == stored  # titles, numbers and clips
    write_showcases(tmp_path, found)
    assert (tmp_path / SHOWCASES).read_bytes() == (GALLERY / SHOWCASES).read_bytes()


def test_the_network_solves_the_pair_whose_kernels_are_shown(
    networks: tuple[LoadedModel, LoadedModel],
) -> None:
    """On clips that nobody chose."""
    shown = next(s for s in read_showcases(GALLERY) if s.page == "Adaptive_kernels")
    clip = next(s for s in read_folder(GALLERY) if s.name == shown.clip).read(
        networks[0].card.input
    )
    pair = next(motion.classes for motion in MOTIONS if clip.label in motion.classes)
    right = [
        run(
            networks[0], draw_clip(clip_spec, 2, CLASSES.index(label) + 16 * turn, "test")
        ).prediction.top(1)[0][0]
        == label
        for clip_spec in [networks[0].card.input]
        for label in pair
        for turn in range(50)
    ]
    assert np.mean(right) >= SOLVED
    assert f"it names {np.mean(right):.0%} correctly" in shown.says
    assert share_right(networks[0], pair) == np.mean(right)


def test_kernels_of_a_pair_that_the_network_does_not_solve_are_not_shown(
    networks: tuple[LoadedModel, LoadedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {s.clip for s in read_showcases(GALLERY)}
    sources = [source for source in read_folder(GALLERY) if source.name in named]
    monkeypatch.setattr(examples, "SOLVED", 1.01)
    with pytest.raises(UserError, match="that the network solves"):
        find_showcases(networks[0], networks[1], sources)


def test_the_twins_begin_with_the_same_frame(networks: tuple[LoadedModel, LoadedModel]) -> None:
    spec = networks[0].card.input
    twins = [s.read(spec) for s in read_folder(GALLERY) if s.name.endswith("_twin.mp4")]
    assert len(twins) == 2
    assert np.array_equal(twins[0].frames[0], twins[1].frames[0])
    assert not np.array_equal(twins[0].frames[-1], twins[1].frames[-1])


def test_a_kind_that_is_not_there_is_told(networks: tuple[LoadedModel, LoadedModel]) -> None:
    with pytest.raises(UserError, match="give more clips"):
        find_showcases(networks[0], networks[1], [])


@pytest.mark.parametrize("text", ["{", '[{"title": 1}]', "3"])
def test_a_damaged_list_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / SHOWCASES).write_text(text)
    with pytest.raises(UserError, match="is not a list of showcases"):
        read_showcases(tmp_path)
