"""TAM off is V at its mean over clips and Θ at [0, 1, 0]; what it claims is measured here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch

import tam_viz
from tam_viz.capture.run import run, run_tensor
from tam_viz.experiments.kinds import CLIPS as MEAN_CLIPS
from tam_viz.experiments.studies.tam_off import mean_of, tam_off, training_mean
from tam_viz.models.engine import LoadedModel, load
from tam_viz.models.preprocess import clip_tensor
from tam_viz.motionpairs.dataset import TEST_SEED
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.types import ALL_BLOCKS, Card, Clip, Edit, UserError

Model = Callable[..., LoadedModel]
Make = Callable[..., Clip]
DOUBLED = (Edit(ALL_BLOCKS, "importance", "one"), Edit(ALL_BLOCKS, "kernel", "centre"))
CLIPS = 160


@pytest.mark.parametrize("taps", [3, 5])
def test_v_is_the_mean_and_the_kernel_its_centre(
    taps: int, tiny_model: Model, tiny_clip: Make
) -> None:
    loaded = tiny_model(options={"taps": taps})
    clips = [draw_clip(loaded.card.input, 0, i, "train") for i in range(MEAN_CLIPS)]
    traces = [run(loaded, clip).tam for clip in clips]
    done = run(loaded, tiny_clip(), tam_off(loaded))
    centre = [float(k == taps // 2) for k in range(taps)]
    for block in done.tam.blocks:
        mean = np.mean([trace[block.name].importance.astype(float) for trace in traces], axis=0)
        np.testing.assert_allclose(block.importance, mean, rtol=1e-5)
        assert (block.kernel == centre).all()


def test_the_edits_carry_all_that_is_needed(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    edits = tam_viz.tam_off(loaded)
    done = tam_viz.run(loaded, clip, edits)
    assert done.edits == edits == tam_off(loaded)
    assert len({edits, tam_off(loaded)}) == 1
    view = clip_tensor(clip, loaded.card.input)[0].transpose(0, 1)
    assert (run_tensor(loaded, view, edits).prediction.logits == done.prediction.logits).all()
    by_hand = run(loaded, clip, list(edits), given=training_mean(loaded).trace)
    assert (by_hand.prediction.logits == done.prediction.logits).all()
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in loaded.net.modules())


def test_with_tam_off_the_order_of_the_frames_of_a_motion_matters_as_little_as_to_tsn(
    tiny_model: Model, tiny_clip: Make
) -> None:
    """No frame is mixed with another: what a frame says does not depend on the others."""
    loaded, clip = tiny_model(), tiny_clip()
    edits = tam_off(loaded)
    plain = run(loaded, clip, edits).prediction.frame_logits
    frames = clip.frames.copy()
    frames[1:] = 0
    other = Clip("other", frames, clip.frame_indices, clip.times_s, "", 1, 1.0)
    first = run(loaded, other, edits).prediction.frame_logits[0]
    np.testing.assert_allclose(first, plain[0], atol=1e-5)
    assert np.abs(run(loaded, other).prediction.frame_logits[0] - first).max() > 1e-3


def test_clips_of_the_network_s_own_kind_are_given(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    clips = [tiny_clip(1), tiny_clip(2)]
    rows = [run(loaded, clip).tam["layer3.0"].importance for clip in clips]
    given = run(loaded, tiny_clip(), tam_off(loaded, clips)).tam["layer3.0"].importance
    np.testing.assert_allclose(given, (rows[0] + rows[1]) / 2, rtol=1e-6)
    assert mean_of(loaded, clips).over == "2 clips"
    assert mean_of(loaded, clips) == mean_of(loaded, clips) != mean_of(loaded, clips[:1])


def test_what_cannot_be_switched_off_is_told(tiny_model: Model, tiny_clip: Make) -> None:
    with pytest.raises(UserError, match="tiny-tsm has no TAM to switch off"):
        tam_off(tiny_model("tsm"))
    loaded = tiny_model()
    card = loaded.card
    other = Card("kinetics", "tam", card.layers, card.width, ("a", "b"), card.input)
    foreign = LoadedModel(other, loaded.net, torch.device("cpu"))
    with pytest.raises(UserError, match=r"not trained on MotionPairs.*give some"):
        tam_off(foreign)
    with pytest.raises(UserError, match="at least one clip"):
        tam_off(foreign, [])
    mean = training_mean(loaded)
    with pytest.raises(UserError, match="takes no given trace"):
        run(loaded, tiny_clip(), [Edit(ALL_BLOCKS, "kernel", "centre", given=mean)])
    wide = load("tanet-motionpairs", "cpu")
    clip = draw_clip(wide.card.input, TEST_SEED, 0, "test")
    with pytest.raises(UserError, match="needs a trace of the same network"):
        run(wide, clip, tam_off(loaded))


def right(loaded: LoadedModel, clips: Sequence[Clip], edits: Sequence[Edit] = ()) -> np.ndarray:
    """Whether a network names each clip rightly, as numbers."""
    found = [run(loaded, clip, edits).prediction.top(1)[0][0] == clip.label for clip in clips]
    return np.array(found, dtype=float)


@pytest.mark.slow
def test_tanet_with_tam_off_is_as_good_as_tsn_and_with_v_at_1_it_is_not() -> None:
    """Accuracy on the same test clips, differences compared with their own sampling error.

    The difference of two networks on n clips is the mean of n numbers that are −1, 0 or 1; three
    standard errors of that mean are what chance allows.
    """
    tanet, tsn = load("tanet-motionpairs", "cpu"), load("tsn-motionpairs", "cpu")
    clips = [draw_clip(tanet.card.input, TEST_SEED, i, "test") for i in range(CLIPS)]
    plain = right(tsn, clips)

    def distance(accuracy: np.ndarray) -> float:
        gaps = accuracy - plain
        error = float(gaps.std(ddof=1)) / math.sqrt(CLIPS)
        return abs(float(gaps.mean())) / error

    off = right(tanet, clips, tam_off(tanet))
    assert distance(off) < 3
    assert off.mean() > 2 / len(CLASSES)
    doubled = right(tanet, clips, DOUBLED)
    assert distance(doubled) > 3
    assert doubled.mean() < off.mean()
