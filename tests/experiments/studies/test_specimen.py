"""What is first shown of a network is chosen by measuring it, and measured again here."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from tam_viz.analysis.clip.specimen import (
    CLEAR,
    SPECIMEN,
    Merits,
    event_variation,
    object_correlation,
    read_specimen,
    second_taps,
    write_specimen,
)
from tam_viz.capture.features import clip_features
from tam_viz.capture.run import run
from tam_viz.experiments.studies.specimen import choose_specimen, merits_of
from tam_viz.models.cards import find
from tam_viz.models.engine import LoadedModel, load
from tam_viz.motionpairs import textures
from tam_viz.motionpairs.dataset import video
from tam_viz.motionpairs.gallery import SEED, gallery_clips
from tam_viz.motionpairs.motions import reversed_label
from tam_viz.motionpairs.render import coverage, render
from tam_viz.types import BlockTrace, UserError
from tam_viz.video.library import GALLERY, VideoFile, read_folder
from tam_viz.video.tempo import middle, retimed
from tests.support.there import there


@pytest.fixture(scope="module")
def tanet() -> LoadedModel:
    return load("tanet-motionpairs", "cpu")


@pytest.fixture(scope="module")
def gallery() -> dict[str, VideoFile]:
    return {source.name: source for source in read_folder(GALLERY)}


def test_what_is_stored_is_what_the_rule_chooses(
    tanet: LoadedModel, gallery: dict[str, VideoFile], tmp_path: Path
) -> None:
    stored = read_specimen(find("tanet-motionpairs"))
    assert stored is not None
    assert stored.sha256 == tanet.card.sha256
    others = [gallery[name] for name in ("moves_left_1.mp4", "hides_1.mp4", "approaches_1.mp4")]
    found = choose_specimen(tanet, [*others, gallery[stored.clip]])
    write_specimen(tmp_path, found)
    assert (tmp_path / SPECIMEN).read_text() == (find(tanet.card.id) / SPECIMEN).read_text()


def test_the_first_thing_shown_shows_what_tam_does(
    tanet: LoadedModel, gallery: dict[str, VideoFile]
) -> None:
    """Each of the four, computed here from the network and the clip."""
    stored = there(read_specimen(find("tanet-motionpairs")))
    clip = gallery[stored.clip].read(tanet.card.input)
    back = retimed(clip, "reversed")
    plain, again = run(tanet, clip), run(tanet, back)
    assert plain.prediction.top(1)[0][0] == clip.label
    assert again.prediction.top(1)[0][0] == reversed_label(clip.label)
    inside = clip_features(tanet, clip)[stored.block]
    kernel = inside.kernel[stored.channel]
    assert np.sort(kernel)[-2] >= 0.2  # two taps are seen
    moved = 0.5 * np.abs(kernel - again.tam[stored.block].kernel[stored.channel]).sum()
    assert moved >= 0.15  # it differs for the second clip
    start, end = there(there(clip.truth).event_s)
    during = (clip.times_s >= start) & (clip.times_s <= end)
    during[[0, -1]] = False  # padded
    still = run(tanet, retimed(clip, "frozen", middle(8))).tam[stored.block]
    v, frozen = inside.importance[stored.channel], still.importance[stored.channel]
    varies = [np.abs(one - one[1:-1].mean())[during].mean() for one in (v, frozen)]
    assert varies[0] - varies[1] >= 0.05
    x = inside.x[stored.channel]
    u = (clip.frame_indices + 0.5) / clip.video_frames
    covered = coverage(gallery_clips()[stored.clip].scene(), u, 64)
    cells = covered.reshape(8, x.shape[1], -1, x.shape[2], 64 // x.shape[2]).mean((2, 4))
    assert np.corrcoef(x.ravel(), cells.ravel())[0, 1] >= 0.3
    on = cells > 0.5
    assert x[on].mean() > 2 * x[cells == 0].mean()  # it lies on the object


def test_the_score_is_the_worst_of_the_four() -> None:
    assert CLEAR.score == 1.0
    for name in ("second_tap", "moved", "on_object", "event"):
        poor = dataclasses.replace(Merits(0.5, 1.0, 1.0, 1.0), **{name: 0.0})
        assert poor.score == 0.0


def test_the_measures_by_hand() -> None:
    kernel = np.array([[0.0, 0.0, 1.0], [0.2, 0.5, 0.3]], dtype=np.float32)
    np.testing.assert_allclose(second_taps(kernel), [0.0, 0.3], atol=1e-6)
    rng = np.random.default_rng(0)
    covered = rng.random((2, 3, 3))
    x = np.stack([2 * covered + 1, -covered, np.ones_like(covered)])
    np.testing.assert_allclose(object_correlation(x, covered), [1.0, -1.0, 0.0], atol=1e-9)
    v = np.array([[0.9, 0.5, 0.7, 0.3, 0.5, 0.9]])
    block = BlockTrace("layer1.0", v, kernel[:1])
    frozen = BlockTrace("layer1.0", np.full((1, 6), 0.5), kernel[:1])
    inside = np.array([False, False, True, True, False, False])
    np.testing.assert_allclose(event_variation(block, frozen, inside), [0.2], atol=1e-9)
    assert event_variation(block, frozen, np.zeros(6, bool)).tolist() == [0.0]


def test_where_the_object_is_is_where_the_picture_changes() -> None:
    scene = gallery_clips()["comes_out_1.mp4"].scene()
    u = np.linspace(0.01, 0.99, 6)
    covered = coverage(scene, u, 64)
    assert covered.shape == (6, 64, 64)
    assert covered.min() == 0.0
    assert covered.max() == 1.0
    seen = covered.sum((1, 2))
    assert seen[-1] > 2 * seen[0]  # it comes out from behind the box
    frames = render(scene, u, 64).astype(float)
    changed = np.abs(frames[-1] - frames[0]).sum(-1)
    new = (covered[-1] > 0.9) & (covered[0] < 0.1)
    assert changed[new].mean() > 3 * changed[(covered[-1] + covered[0]) == 0].mean()


def test_no_object_of_the_gallery_points_somewhere() -> None:
    for name, drawn in gallery_clips().items():
        scene = drawn.scene()
        shapes = [
            textures.shape_of(scene.pool, sprite)
            for track, sprite in zip(scene.tracks, scene.sprites, strict=True)
            if track.what == "object"
        ]
        assert shapes, name
        assert not set(shapes) & {"arrow", "triangle"}, name


def test_the_files_are_the_clips_that_the_rule_names(gallery: dict[str, VideoFile]) -> None:
    assert list(gallery) == list(gallery_clips())
    for name in ("moves_left_1.mp4", "passes_behind_twin.mp4"):
        drawn = gallery_clips()[name]
        _, truth = video(SEED, drawn.index, drawn.label, size=32)
        assert there(gallery[name].truth).label == truth.label
        assert there(gallery[name].truth).event_s == pytest.approx(truth.event_s, abs=1e-4)
        clip = gallery[name].read(load("tanet-motionpairs", "cpu").card.input)
        u = (clip.frame_indices + 0.5) / clip.video_frames
        assert np.abs(clip.frames.astype(int) - render(drawn.scene(), u, 64)).mean() < 6


def test_a_network_without_tam_or_without_success_is_refused(
    tanet: LoadedModel, gallery: dict[str, VideoFile]
) -> None:
    with pytest.raises(UserError, match="has no TAM"):
        choose_specimen(load("tsn-motionpairs", "cpu"), [])
    with pytest.raises(UserError, match="none to show first"):
        choose_specimen(tanet, [])
    assert len(merits_of(tanet, gallery["recedes_1.mp4"], "layer3.0")) == 64


@pytest.mark.parametrize("text", ["{", "3", '{"sha256": "a"}', "null"])
def test_a_damaged_file_is_refused_in_words(tmp_path: Path, text: str) -> None:
    assert read_specimen(tmp_path) is None
    (tmp_path / SPECIMEN).write_text(text)
    with pytest.raises(UserError, match="tam-viz showcase"):
        read_specimen(tmp_path)
