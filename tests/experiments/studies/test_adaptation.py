"""Whether a TANet adapts is asked of the right blocks, the right clips and the right donors."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tam_viz.analysis.edits.edits import TAM_OFF
from tam_viz.analysis.tam.adaptivity import (
    Adaptation,
    EditedAccuracy,
    Loss,
    Probes,
    Reliance,
    read_adaptation,
)
from tam_viz.analysis.tam.inside_probe import InsideProbe, inside_scores, read_inside_probes
from tam_viz.experiments.studies import adaptation, adaptation_probes
from tam_viz.experiments.studies.adaptation import (
    INTERVENTIONS,
    OF_THE_CLIP_ALONE,
    AdaptationStudy,
)
from tam_viz.experiments.studies.adaptation_probes import Facts
from tam_viz.models.engine import LoadedModel
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.types import (
    BlockTrace,
    Clip,
    Edit,
    Generation,
    InputSpec,
    TAMTrace,
    UserError,
    result_of,
)
from tests.support.hooks import last_layer
from tests.support.there import there
from tests.support.tiny import TINY

ModelMaker = Callable[..., LoadedModel]


def test_a_network_is_measured_from_end_to_end(
    tiny_model: ModelMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adaptation, "MEAN_CLIPS", 16)
    loaded = tiny_model()
    steps = list(adaptation.measure(loaded, probe_clips=160, edit_clips=16, freeze_clips=4))
    assert [step.result for step in steps[:-1]] == [None] * (len(steps) - 1)
    for step in steps:
        assert 0 < step.done <= step.total, step.label
    found = result_of(steps)
    answer = found.answer
    assert answer.blocks == list(loaded.block_names)
    assert list(answer.outcomes) == list(INTERVENTIONS)
    assert list(answer.shifted) == list(OF_THE_CLIP_ALONE)
    for probes in (answer.trained, answer.untrained):
        assert set(probes.direction) == {motion.family for motion in MOTIONS}
        for values in (*probes.direction.values(), probes.inside):
            assert len(values) == 4
            assert all(0 <= value <= 1 for value in values)
    assert answer.trained != answer.untrained
    for relies in (answer.relies, answer.untrained_relies):
        for losses in (relies.mean, relies.mirrored):
            assert len(losses) == 5  # four blocks, and all of them
            assert all(loss.low <= loss.mean <= loss.high for loss in losses)
    assert answer.relies_clips == 4
    for probe in found.inside:
        assert probe.blocks == loaded.block_names
    for module in loaded.net.modules():
        assert not module._forward_hooks  # nothing stays behind


@pytest.mark.parametrize("temporal", ["none", "tsm"])
def test_a_network_without_tam_is_refused(tiny_model: ModelMaker, temporal: str) -> None:
    with pytest.raises(UserError, match="not a TANet trained on MotionPairs"):
        next(adaptation.measure(tiny_model(temporal)))


def test_a_network_of_other_classes_is_refused(tiny_model: ModelMaker) -> None:
    loaded = tiny_model()
    card = dataclasses.replace(loaded.card, classes=tuple(f"class {i}" for i in range(16)))
    with pytest.raises(UserError, match="not a TANet trained on MotionPairs"):
        next(adaptation.measure(dataclasses.replace(loaded, card=card)))


def test_donors_are_of_the_same_and_of_the_mirrored_class() -> None:
    same, mirrored = (draw_clip(TINY, 0, index, "test") for index in (0, 1))
    for name, make in INTERVENTIONS.items():
        edits = make(same, mirrored)
        if name.startswith("TAM off"):
            assert tuple(edits) == TAM_OFF
            continue
        assert len(edits) == (name != "as it is")
        assert (name in OF_THE_CLIP_ALONE) == all(edit.donor is None for edit in edits)
        for edit in edits:
            assert edit.target == ("kernel" if name.startswith("Θ") else "importance")
            if "same class" in name:
                assert edit.donor is same
            elif "mirrored class" in name:
                assert edit.donor is mirrored
            else:
                assert edit.donor is None


def test_an_answer_is_right_mirrored_or_neither(tiny_model: ModelMaker) -> None:
    loaded = tiny_model()
    clips = [draw_clip(TINY, 0, index, "test") for index in range(3 * len(CLASSES))]
    seen: list[tuple[Clip, Clip]] = []

    def note(same: Clip, mirrored: Clip) -> list[Edit]:
        seen.append((same, mirrored))
        return []

    last_layer(loaded).weight.data.zero_()
    for said, best in (
        (5, (True, True, False)),
        (4, (False, False, True)),
        (9, (False, True, False)),
    ):
        bias = torch.zeros(16)
        bias[said] = 2.0
        bias[5] += 1.0
        last_layer(loaded).bias.data.copy_(bias)
        got = adaptation._answer(loaded, clips, 5, note, TAMTrace(()))
        assert got == best
    labels = [(same.label, mirrored.label) for same, mirrored in seen]
    assert set(labels) == {(CLASSES[5], CLASSES[4])}
    assert clips[5].id not in {clip.id for pair in seen for clip in pair}


def generation_of(clip: Clip) -> Generation:
    return there(there(clip.truth).generation)


def test_facts_are_those_of_the_clips() -> None:
    spec = InputSpec(frames=8, resize=32, size=32)
    clips = [draw_clip(spec, 0, index, "test") for index in range(16)]
    facts = Facts.of(clips)
    assert facts.labels.tolist() == list(range(16))
    assert facts.inside.shape == (16, 8)
    assert facts.inside.any()
    assert not facts.inside.all()
    assert facts.pan.tolist() == [list(generation_of(clip).camera) for clip in clips]
    speeds = np.array([generation_of(clip).speed for clip in clips])
    np.testing.assert_allclose(2**facts.speed, speeds)


def test_probes_read_what_was_planted() -> None:
    """Θ that says the direction and the speed, V that says the event; a second block with noise."""
    n, rng = 320, np.random.default_rng(0)
    labels = np.arange(n) % 16
    speed = rng.uniform(-1, 1, n)
    inside = np.zeros((n, 8), dtype=bool)
    for row in inside:
        row[rng.integers(1, 4) : rng.integers(4, 8)] = True
    facts = Facts(labels, speed, rng.normal(size=(n, 2)), inside)
    traces = []
    for i in range(n):
        told = np.stack([[labels[i] % 2, speed[i], 0.0]] * 4)
        spread = rng.normal(size=(2, 4, 3))
        maps = np.stack([inside[i] * 1.0] * 4) + 0.1 * rng.normal(size=(4, 8))
        good = BlockTrace("good", maps.astype(np.float32), (told + 0.01 * spread[0]).astype("f4"))
        noise = rng.random((4, 8)).astype(np.float32)
        bad = BlockTrace("bad", noise, spread[1].astype(np.float32))
        traces.append(TAMTrace((good, bad)))
    found = adaptation_probes.probe(traces, facts)
    for planted, noisy in found.direction.values():
        assert planted == 1.0
        assert noisy < 0.85
    assert found.speed[0] > 0.99
    assert found.speed[1] < 0.1
    assert max(found.camera) < 0.1
    assert found.inside[0] > 0.95
    assert found.inside[1] < 0.6
    asked = adaptation_probes.inside_probe(traces, facts)
    said = np.stack([inside_scores(trace, asked) for trace in traces])
    assert np.isnan(said[:, :, [0, -1]]).all()
    right = (said[:, :, 1:-1] > 0) == inside[:, None, 1:-1]
    assert right[:, 0].mean() > 0.95
    assert right[:, 1].mean() < 0.65


def test_the_answer_is_written_whole_and_read_again(tmp_path: Path) -> None:
    found = found_of("mine")
    adaptation.write(tmp_path, found)
    text = re.sub(" +", " ", (tmp_path / "ADAPTATION.md").read_text(encoding="utf-8"))
    assert "| as it is | 0.500 | 0.750 | 0.250 |" in text
    assert "| Θ: which of the pair, depth | 0.90 (0.60) |" in text
    assert "| V: inside the event (AUC) | 0.75 (0.50) |" in text
    assert "| all blocks | 0.20 (0.10 to 0.30) | 0.60 (0.50 to 0.70) | 0.00 (-0.01 to 0.01)" in text
    data = json.loads((tmp_path / "adaptation.json").read_text(encoding="utf-8"))
    assert data == dataclasses.asdict(found.answer)
    assert read_adaptation(tmp_path) == found.answer
    trained, untrained = there(read_inside_probes(tmp_path))
    for read, written in zip((trained, untrained), found.inside, strict=True):
        assert read.blocks == written.blocks
        assert read.biases == written.biases
        assert [row.tolist() for row in read.weights] == [row.tolist() for row in written.weights]


def found_of(name: str) -> AdaptationStudy:
    """An answer that nobody measured."""
    probes = Probes({"depth": [0.9]}, [0.1], [0.2], [0.75])
    base = Probes({"depth": [0.6]}, [0.0], [0.01], [0.5])
    outcomes = {"as it is": EditedAccuracy(0.5, 0.75, 0.25)}
    mean, mirrored = [Loss(0.2, 0.1, 0.3)] * 2, [Loss(0.6, 0.5, 0.7)] * 2
    none = [Loss(0.0, -0.01, 0.01)] * 2
    answer = Adaptation(
        name,
        ["layer1.0"],
        probes,
        base,
        outcomes,
        Reliance(mean, mirrored),
        Reliance(none, none),
        320,
    )
    one, two = (InsideProbe(("layer1.0",), (np.array([w, -w]),), (w,)) for w in (0.5, 0.25))
    return AdaptationStudy(answer, (one, two))
