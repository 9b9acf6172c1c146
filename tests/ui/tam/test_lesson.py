"""The text of the lesson fits its live numbers, its experiments, and its pictures."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tam_viz.analysis.tam.lesson import live_numbers
from tam_viz.analysis.tam.lesson_outcomes import ExperimentOutcome
from tam_viz.capture.features import clip_features
from tam_viz.capture.run import run
from tam_viz.experiments.studies.tam_off import training_mean
from tam_viz.models.engine import LoadedModel, load
from tam_viz.types import ALL_BLOCKS, BlockTrace, Clip
from tam_viz.ui import controls
from tam_viz.ui.state import drawings
from tam_viz.ui.tam.lesson import filled, lessons, read_lesson
from tam_viz.ui.tam.lesson_experiments import EXPERIMENTS
from tam_viz.ui.tam.lesson_scene import off
from tam_viz.ui.tam.lesson_steps import STEPS
from tam_viz.video.library import GALLERY, read_folder

FOUND = {
    "shuffled": ("change",),
    "blanked": ("changed", "most"),
    "same_numbers": ("donor", "theta_one", "theta_other", "gap"),
    "backwards": ("theta_forwards", "theta_backwards", "mirrored", "kept", "neither"),
    "impulse": ("went_in", "came_out"),
    "taken_out": ("said", "sure", "then", "then_sure", "said_then", "last", "last_sure"),
    "one_level": ("said", "sure", "with_v", "with_v_sure", "with_theta", "with_theta_sure"),
}
KEYS = ("try", "name", "title", "equation", "shapes", "cost", "here")
WHOLE = "".join(f'{k} = "-"\n' for k in KEYS) + "parts = []\n"


@pytest.fixture
def numbers(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> dict[str, str]:
    features = clip_features(tiny_model(), tiny_clip())["layer2.0"]
    flat = BlockTrace("layer2.0", np.full((16, 4), 0.5), np.full((16, 3), 1 / 3))
    computed = dict.fromkeys(("carried", "ends", "adapted", "off"), "computed")
    return computed | live_numbers(
        features,
        flat,
        channel=1,
        frame=2,
        network="n",
        blocks=("layer1.0", "layer2.0"),
        network_macs=10**9,
    )


def test_every_step_has_its_pictures_and_every_experiment_its_question() -> None:
    assert [step.id for step in lessons()] == list(STEPS)
    asked = {q.answer for step in lessons() for q in step.questions if isinstance(q.answer, str)}
    assert asked == set(EXPERIMENTS) == set(FOUND)


def test_every_name_in_braces_is_a_live_number(numbers: dict[str, str]) -> None:
    for step in lessons():
        for text in (step.text, step.shapes, step.cost, step.invites):
            assert "{" not in filled(text, numbers), step.id
        for question in step.questions:
            known = dict(numbers)
            for text in (question.asks, *question.choices):
                filled(text, known)
            if isinstance(question.answer, str):
                known |= dict.fromkeys(FOUND[question.answer], "1")
            else:
                assert 0 <= question.answer < len(question.choices)
            for text in question.explains:
                assert "{" not in filled(text, known), step.id


def test_every_step_says_what_it_must() -> None:
    for step in lessons():
        assert step.questions, step.id
        assert step.equation.count("{") == step.equation.count("}")
        assert all(len(q.choices) in (2, 3, 4) for q in step.questions)
        digits = sum(len(q.choices) for q in step.questions)
        assert digits <= 9, step.id  # one key for each choice
        for text in (step.text, step.cost, *(q.asks for q in step.questions)):
            assert text.rstrip().endswith((".", "?", "}")), step.id


def test_sentences_are_short() -> None:
    for step in lessons():
        for sentence in re.split(r"(?<=[.?!:]) |\n+", step.text):
            assert len(sentence.split()) <= 26, sentence


def test_a_missing_number_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        filled("{nothing}", {})


@pytest.mark.parametrize(
    ("front", "error"),
    [
        ('title = "t"\n', "questions"),
        ('try = "t"\nparts = []\nquestions = []\n', "name"),
        (f"{WHOLE}more = 1\nquestions = []\n", "more"),
        (
            'try = "t"\n[[questions]]\nasks = "?"\nchoices = ["a", "b", "c"]\nanswer = 0\n'
            'explains = ["a", "b"]\n',
            "2 explanations for 3 choices",
        ),
    ],
)
def test_a_broken_step_is_an_error(front: str, error: str, tmp_path: Path) -> None:
    path = tmp_path / "1_broken.md"
    path.write_text(f"+++\n{front}+++\ntext\n", encoding="utf-8")
    with pytest.raises((KeyError, TypeError, ValueError), match=error):
        read_lesson(path)


@pytest.mark.parametrize(
    ("came", "drawn"),
    [
        ([0.2, 0.3, 0.5], (0.2, 0.3, 0.5)),
        ([2, -1, 0.5], (1.0, 0.0, 0.5)),
        ([0.2, 0.3], None),
        ([0.2, 0.3, "x"], None),
        ([0.2, 0.3, float("nan")], None),
        ("0.2", None),
        (None, None),
    ],
)
def test_only_a_drawing_is_taken_for_one(came: object, drawn: tuple[float, ...] | None) -> None:
    assert controls.as_drawn(came, 3) == drawn


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("0.2,0.3,0.5", (0.2, 0.3, 0.5)), ("", None), ("a,b", None), ("nan,1", None)],
)
def test_a_drawing_is_read_from_the_address(text: str, drawn: tuple[float, ...] | None) -> None:
    assert drawings._parsed(text) == drawn


def test_every_step_is_a_place_in_the_block() -> None:
    markup = controls._text("block", "html")
    parts = set(re.findall(r'data-part="(\w+)"', markup))
    for drawn in markup.split("</svg>")[:2]:  # wide and tall
        assert set(re.findall(r'data-part="(\w+)"', drawn)) == parts
        assert "shortcut" in drawn
    for step in lessons():
        assert step.parts, step.id
        assert set(step.parts) <= parts, step.id
        assert step.here, step.id
    assert {part for step in lessons() for part in step.parts} >= {"local", "global", "shortcut"}


WORDS = (
    *("location-sensitive", "location-invariant", "short-term", "long-range", "excitation"),
    *("α", "β", "K", "logits", "shortcut", "negative", "batch norm"),
)


@pytest.mark.parametrize("word", WORDS)
def test_the_words_of_the_paper_are_explained(word: str) -> None:
    texts = " ".join(step.text for step in lessons())
    assert re.search(rf"(?<!\w){word}(?!\w)", texts)


def test_the_block_takes_its_colours_from_the_page() -> None:
    text = controls._text("block", "css")
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb", text, re.IGNORECASE)
    assert "--st-text-color" in text
    assert "@container" in text  # as wide as there is room: on a phone it stands upright


@pytest.mark.parametrize("name", ["triangle", "bars"])
def test_controls_take_their_colours_from_the_page(name: str) -> None:
    texts = [controls._text(part, "css") for part in ("shared", name)]
    markup = controls._text(name, "html")
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb", "".join(texts), re.IGNORECASE)
    assert "--st-text-color" in texts[0]
    assert json.dumps(markup)  # plain text
    script = controls._text("shared", "js") + controls._text(name, "js")
    assert script.count("export default") == 1
    assert 'role="slider"' in markup + script


def test_with_tam_off_the_gallery_is_not_all_of_one_class() -> None:
    """With V at 1 nearly all of it was: features of twice the size are no network without TAM."""
    loaded = load("tanet-motionpairs", "cpu")
    mean, edits = training_mean(loaded).trace, off(ALL_BLOCKS)
    said = Counter(
        run(loaded, source.read(loaded.card.input), edits, given=mean).prediction.top(1)[0][0]
        for source in read_folder(GALLERY)
    )
    assert said.most_common(1)[0][1] < said.total() / 2
    assert len(said) >= 5


def test_one_block_is_switched_off_alone() -> None:
    assert [(e.block, e.target, e.op) for e in off("layer2.0")] == [
        ("layer2.0", "importance", "given"),
        ("layer2.0", "kernel", "centre"),
    ]


def test_a_finding_is_data() -> None:
    assert ExperimentOutcome(1, {"a": "b"}) == ExperimentOutcome(1, {"a": "b"})
