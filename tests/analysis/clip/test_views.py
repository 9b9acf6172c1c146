"""Several views of one video: averaged as published, and what differs is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from tam_viz.analysis.clip.predictions import describe_clip
from tam_viz.analysis.clip.protocol import protocol_table
from tam_viz.analysis.clip.views import averaged, describe_views, seen_alike, together
from tam_viz.types import Card, Clip, InputSpec, Metric, Prediction, Run, Truth
from tests.support.there import there

NAMES = ("a", "b", "c")


def said(*logits: float) -> Prediction:
    values = np.array(logits, dtype=np.float32)
    return Prediction(values, values[None], NAMES)


def runs(*predictions: Prediction) -> list[Run]:
    return [Run(f"view {i}", "net", (), p, None, 0.5) for i, p in enumerate(predictions)]


def test_logits_and_probabilities_are_averaged_as_they_are_named() -> None:
    views = [said(4.0, 0.0, 0.0), said(0.0, 1.0, 0.0), said(0.0, 2.0, 0.0)]
    by_logits, by_probability = averaged(views, "logits"), averaged(views, "probabilities")
    np.testing.assert_allclose(by_logits.logits, [4 / 3, 1.0, 0.0], rtol=1e-6)
    expected = np.mean([view.probabilities for view in views], axis=0)
    np.testing.assert_allclose(by_probability.probabilities, expected, rtol=1e-5)
    assert not np.allclose(by_logits.probabilities, by_probability.probabilities)
    assert by_logits.frame_logits.shape == (3, 3)


def test_one_view_is_itself() -> None:
    (run,) = runs(said(1.0, 2.0, 3.0))
    assert together([run], "probabilities") is run
    assert describe_views([run], "logits") == "net: one view."


def test_together_has_the_time_of_all_and_the_maps_of_the_middle() -> None:
    made = runs(said(4.0, 0.0, 0.0), said(0.0, 1.0, 0.0), said(0.0, 0.5, 0.0))
    joined = together(made, "logits")
    assert joined.clip_id == "view 1"
    assert joined.seconds == 1.5
    assert joined.prediction.top(1)[0][0] == "a"
    sentence = describe_views(made, "logits")
    assert sentence.startswith("net: 1 of 3 views say 'a' on their own, with a probability from ")


@pytest.fixture
def card() -> Card:
    metric = Metric("published_top1", 0.761, "Kinetics-400, as stated by its authors")
    spec = InputSpec(8, 256, 224)
    return Card("net", "tam", (1, 1, 1, 1), 8, NAMES, spec, metrics=(metric,), origin="a file")


def test_the_protocol_card_says_what_was_given(card: Card, tiny_clip: Callable[..., Clip]) -> None:
    spec = InputSpec(
        4, 256, 256, sampling="dense", views=10, crops=3, toolkit="opencv", average="probabilities"
    )
    clip = dataclasses.replace(
        tiny_clip(),
        frame_indices=np.array([40, 56, 10, 26]),
        video_frames=62,
        crop=(42, 0, 298, 256, 341, 256),
        mirrored=True,
        reader="PyAV 18.1.0 (FFmpeg 8.1.2)",
    )
    table = protocol_table([(card, spec, clip)], ["Kinetics-400"])["net"]
    assert table["read by"] == "PyAV 18.1.0 (FFmpeg 8.1.2)"
    assert table["frames"] == "stride 16, in a window of 64 frames"
    assert table["in the video, from 0"] == "40, 56, 10, 26"
    wraps = "not chronological: wraps round the end of the video (62 frames)"
    assert table["frame order"] == wraps
    assert table["resized"] == "shorter side to 256, bilinear, not antialiased (OpenCV)"
    assert table["square"] == "x 42 to 298, y 0 to 256 of 341×256, mirrored"
    assert table["views"] == "30: 10 clips × 3 crops"
    assert table["views averaged"] == "their probabilities"
    assert table["accuracy"] == "published_top1 0.7610: Kinetics-400, as stated by its authors"


def test_the_protocol_card_of_a_short_and_of_a_drawn_clip(
    card: Card, tiny_clip: Callable[..., Clip]
) -> None:
    short = dataclasses.replace(tiny_clip(), frame_indices=np.array([0, 0, 1, 1]), video_frames=2)
    table = protocol_table([(card, card.input, short)], ["MotionPairs"])["net"]
    assert table["frame order"] == "chronological, frames repeated (the video has 2)"
    assert table["square"] == "drawn at 224×224"
    assert table["read by"] == "nothing, it is drawn"
    assert table["views averaged"] == "one view only"
    plain = protocol_table([(card, card.input, tiny_clip())], ["MotionPairs"])["net"]
    assert plain["frame order"] == "chronological"


def test_networks_are_grouped_by_the_frames_and_the_square_that_they_see(
    tiny_clip: Callable[..., Clip],
) -> None:
    clip = dataclasses.replace(tiny_clip(), crop=(42, 0, 298, 256, 341, 256))
    smaller = dataclasses.replace(clip, id="b", crop=(21, 0, 149, 128, 171, 128))
    other_frames = dataclasses.replace(clip, id="c", frame_indices=np.array([0, 1, 2, 3]))
    other_square = dataclasses.replace(clip, id="d", crop=(0, 0, 256, 256, 341, 256))
    mirrored = dataclasses.replace(clip, id="e", mirrored=True)
    found = seen_alike([clip, other_frames, smaller, other_square, mirrored])
    assert found == [[0, 2], [1], [3], [4]]


def test_a_clip_is_described_in_words_for_its_numbers(tiny_clip: Callable[..., Clip]) -> None:
    clip = tiny_clip()
    assert "distractors and noise: very weak (0.10 on a scale of 0 to 1)" in describe_clip(clip)
    truth = there(clip.truth)
    made = dataclasses.replace(there(truth.generation), camera=(-0.01, 0.01), difficulty=1.0)
    hard = dataclasses.replace(clip, truth=dataclasses.replace(truth, generation=made))
    assert "the camera is almost still" in describe_clip(hard)
    assert "very strong (1.00" in describe_clip(hard)
    assert describe_clip(dataclasses.replace(clip, truth=None)).endswith("This clip has no label.")
    given = dataclasses.replace(clip, truth=Truth("arm wrestling", visitors=True))
    assert describe_clip(given).endswith("You gave it its label.")
