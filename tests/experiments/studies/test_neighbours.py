"""Right clips of a class are found by asking the network, the nearest in its logits first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tam_viz.capture.run import run
from tam_viz.experiments.studies.neighbours import right_neighbours
from tam_viz.models.engine import LoadedModel
from tam_viz.motionpairs.dataset import TEST_SEED
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.types import Card, Clip, UserError
from tests.support.steps import last


def test_only_right_clips_are_named_and_the_nearest_is_first(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    loaded, asked = tiny_model(), 6
    spec = loaded.card.input
    clip = draw_clip(spec, TEST_SEED, 3, "test")
    label = run(loaded, draw_clip(spec, TEST_SEED, 0, "test")).prediction.top(1)[0][0]

    def centred(one: Clip) -> np.ndarray:
        logits: np.ndarray = run(loaded, one).prediction.logits.astype(float)
        away: np.ndarray = logits - logits.mean()
        return away

    expected = []
    for index in range(CLASSES.index(label), asked * len(CLASSES), len(CLASSES)):
        other = draw_clip(spec, TEST_SEED, index, "test")
        assert other.label == label
        if run(loaded, other).prediction.top(1)[0][0] == label:
            expected.append((float(np.linalg.norm(centred(other) - centred(clip))), index))
    found = last(right_neighbours(loaded, clip, label, asked))
    assert found.asked == asked
    assert [index for index, _ in found.clips] == [index for _, index in sorted(expected)]
    assert [near for _, near in found.clips] == pytest.approx([d for d, _ in sorted(expected)])
    own = draw_clip(spec, TEST_SEED, found.clips[0][0], "test")
    without = last(right_neighbours(loaded, own, label, asked))
    assert found.clips[0][0] not in [index for index, _ in without.clips]


def test_networks_of_other_classes_are_told(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> None:
    loaded = tiny_model()
    card = loaded.card
    other = Card("kinetics", "tam", card.layers, card.width, ("a", "b"), card.input)
    for network, label in (
        (LoadedModel(other, loaded.net, loaded.device), "a"),
        (loaded, "arm wrestling"),
    ):
        with pytest.raises(UserError, match="was not trained on the class"):
            next(right_neighbours(network, tiny_clip(), label))
