"""Panels on interventions: complete, small, and drawn without changing a number."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from tam_viz.analysis.edits.contrasts import ALL_OTHERS, Contrast, subject_of
from tam_viz.analysis.edits.sweep import Sweep
from tam_viz.analysis.formatting import signed
from tam_viz.models.engine import LoadedModel
from tam_viz.panels.edits import effect as panels
from tam_viz.panels.edits import sweep as sweep_panels
from tam_viz.types import Clip, Prediction, Run
from tests.support.intervened import PAIRS, Study, study_of


@pytest.fixture
def study(tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]) -> Study:
    return study_of(tiny_model, tiny_clip)


def test_every_panel_is_complete_and_small(study: Study) -> None:
    assert len(study.panels()) == 6
    for panel in study.panels():
        assert panel.title
        assert panel.see.endswith(".")
        assert panel.says.endswith(".")
        assert any(character.isdigit() for character in panel.says)
        assert len(panel.table)
        assert len(panel.figure.to_json()) < 300_000, panel.title
        assert panel.figure.layout.font.color is None
        assert panel.figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
        axes = [*panel.figure.select_xaxes(), *panel.figure.select_yaxes()]
        assert all(axis.fixedrange or not axis.visible for axis in axes), panel.title


def test_an_edited_network_is_not_the_one_trained_without(study: Study) -> None:
    says = [panels.NOT_TRAINED_SO in panel.how for panel in study.panels()]
    assert says == [True, False, False, True, False, False]  # the prediction, and block × edit


def test_answers_are_probabilities_on_one_scale(study: Study) -> None:
    figure = study.panels()[0].figure
    before, after, off = figure.data
    assert [trace.name for trace in figure.data] == ["before", "after", "TAM switched off"]
    assert figure.layout.xaxis.range == (0, 1.08)
    assert "<b>✓ moves left</b>" in before.y
    place = list(before.y).index("<b>✓ moves left</b>")
    for trace, done in ((before, study.before), (after, study.after), (off, study.after)):
        assert trace.x[place] == done.prediction.probabilities[0]


def test_edited_blocks_are_squares(study: Study) -> None:
    figure = study.panels()[1].figure
    edited = [trace for trace in figure.data if trace.name.startswith("by the edit")]
    assert [set(trace.marker.symbol) for trace in edited] == [{"square"}, {"square"}]
    assert list(edited[0].customdata) == ["layer1.0", "layer2.0", "layer3.0", "layer4.0"]


def test_cells_are_the_changes_and_tell_where_they_are(study: Study) -> None:
    figure = study.panels()[3].figure
    heat, cells, turned = figure.data
    change = study.sweep.change(study.subject)
    assert (np.array(heat.z)[:, :-1] == change).all()
    assert (np.array(heat.z)[:, -1] == study.sweep.noise_change(study.subject)).all()
    assert heat.zmin == -heat.zmax == -study.sweep.limit(study.subject)
    for x, y, (b, e) in zip(cells.x, cells.y, cells.customdata, strict=True):
        assert (y, x) == (b, e)
    assert len(cells.x) == change.size
    assert len(turned.x) == study.sweep.flips.sum()


def test_an_answer_that_turns_is_marked(study: Study) -> None:
    logits = study.sweep.logits.copy()
    logits[:] = study.sweep.before
    logits[2, 1, (int(study.sweep.before.argmax()) + 1) % 16] += 1000
    plain = study.sweep
    found = Sweep(plain.blocks, plain.edits, plain.classes, plain.before, logits, plain.noise)
    panel = sweep_panels.block_by_edit(found, study.subject)
    marks = panel.figure.data[-1]
    assert len(marks.x) == 1
    assert (round(marks.x[0]), round(marks.y[0])) == (1, 2)
    assert "prediction changes in 1 of" in panel.says


def test_where_no_answer_turns_the_largest_change_is_named(study: Study) -> None:
    plain, wrong = study.sweep, study.sweep.before.copy()
    wrong[3] = wrong.max() + 5  # a wrong answer that no edit turns
    logits = np.broadcast_to(wrong, plain.logits.shape).copy()
    logits[2, 1, 0] += 2
    found = Sweep(plain.blocks, plain.edits, plain.classes, wrong, logits, plain.noise)
    said = Prediction(wrong, wrong[None], plain.classes)
    panel = sweep_panels.block_by_edit(found, subject_of(said, "moves left", PAIRS))
    assert panel.title.endswith("change in the log-ratio 'moves left' : 'moves down'")
    assert panel.figure.data[0].colorbar.title.text == "change of log-ratio"
    now = signed(wrong[0] - wrong[3])
    assert f"(the true class) : 'moves down' (the predicted class) is {now}. " in panel.says
    assert f"change is that of '{found.columns[1]}' in layer3.0: +2.00" in panel.says
    assert "None of those in one block changes the prediction; " in panel.says
    assert "in all blocks together none of the edits makes it 'moves left'" in panel.says


def test_answers_that_turn_right_are_counted(study: Study) -> None:
    plain, wrong = study.sweep, study.sweep.before.copy()
    wrong[3] = wrong.max() + 5
    logits = np.broadcast_to(wrong, plain.logits.shape).copy()
    logits[2, 1, 0] += 1000
    logits[1, 1, 5] += 1000
    logits[-1, 2, 0] += 1000
    found = Sweep(plain.blocks, plain.edits, plain.classes, wrong, logits, plain.noise)
    said = Prediction(wrong, wrong[None], plain.classes)
    says = sweep_panels.block_by_edit(found, subject_of(said, "moves left", PAIRS)).says
    assert "prediction changes in 2 of" in says
    assert "in 1 of them to 'moves left'" in says
    assert f"in all blocks together '{found.columns[2]}' makes it 'moves left'" in says


def test_cumulative_swaps_begin_with_the_clip_itself(study: Study) -> None:
    figure = study.panels()[4].figure
    lines = [trace for trace in figure.data if len(trace.x) == 5]
    own = study.swaps[0].own
    assert all(line.y[0] == pytest.approx(float(own[0]) - float(own[8])) for line in lines[:3])


def test_a_class_without_a_pair_has_one_axis_of_dots(study: Study) -> None:
    alone = Contrast(against=ALL_OTHERS)
    lone = subject_of(study.before.prediction, study.clip.label, {}, alone)
    axes = [
        len(list(p.figure.select_xaxes())) for p in (study.tempi(study.subject), study.tempi(lone))
    ]
    assert axes == [3, 2]
    assert "log-odds of 'moves left': " in study.tempi(lone).says
    assert "log-ratio 'moves left' : 'moves right': " in study.tempi(study.subject).says


def test_a_change_of_sign_is_promised_for_pairs_that_are_reversals_alone(study: Study) -> None:
    subject = subject_of(study.before.prediction, "moves left", PAIRS)
    assert subject.rival == "moves right"
    assert "is the other played backwards" in study.tempi(subject).how
    behind = dataclasses.replace(subject, name="passes behind", rival="turns back behind")
    assert "backwards" not in study.tempi(behind).how


def test_a_class_that_only_the_network_says(study: Study) -> None:
    said: Prediction = study.before.prediction
    own = subject_of(said, None, {})
    panel = panels.answers(study.card, said, said, said, own, ())
    assert "▸ marks" in panel.see
    assert f"<b>▸ {said.top(1)[0][0]}</b>" in panel.figure.data[0].y
    assert "nothing edited" in panel.says


def test_drawing_changes_nothing(study: Study) -> None:
    def numbers(done: Run) -> list[np.ndarray]:
        return [done.prediction.logits.copy(), *(b.importance.copy() for b in done.tam.blocks)]

    before = [numbers(done) for done in (study.before, study.after)]
    logits = study.sweep.logits.copy()
    study.panels()
    for old, done in zip(before, (study.before, study.after), strict=True):
        assert all((a == b).all() for a, b in zip(old, numbers(done), strict=True))
    assert (study.sweep.logits == logits).all()
