"""Pictures of a finding are drawn again from its tables, and strangers' tables draw nothing odd."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tam_viz.analysis.clip import attribution as analysis
from tam_viz.capture.attribution import grad_cam
from tam_viz.capture.deletion import frame_deletion
from tam_viz.findings.evidence import flat
from tam_viz.models.engine import LoadedModel
from tam_viz.panels.clip.attribution import deletion
from tam_viz.panels.edits import sweep as sweep_panels
from tam_viz.panels.edits.redrawn import About, redrawn
from tam_viz.panels.panel import Panel
from tam_viz.types import Clip
from tests.support.intervened import SPEC, WORDS, Study, study_of
from tests.support.steps import last


@pytest.fixture
def study(tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]) -> Study:
    return study_of(tiny_model, tiny_clip)


def about(study: Study, panel: Panel) -> About:
    card, clip = study.card, study.clip
    temporals = {card.id: card.temporal}
    return About(panel.classes, clip, {card.id: clip}, temporals, len(card.classes))


def through_json(table: pd.DataFrame) -> pd.DataFrame:
    """A table as it comes back out of the file of a finding."""
    columns = {name: flat(table)[name].tolist() for name in flat(table)}
    return pd.DataFrame(json.loads(json.dumps(columns)))


def intervened(study: Study) -> list[Panel]:
    said = {study.card.id: study.played, f"{study.card.id}, edited": study.played}
    return [
        sweep_panels.block_by_edit(study.sweep, study.subject),
        sweep_panels.swaps(*study.swaps, study.card.classes, ("moves left", "hides")),
        sweep_panels.swaps(*study.swaps, study.card.classes, ("moves left", None)),
        sweep_panels.tempi(said, {study.card.id: study.card}, study.subject, WORDS, study.strips),
    ]


def test_what_was_looked_at_on_intervene_is_drawn_again_as_it_was(study: Study) -> None:
    for panel in intervened(study):
        again = redrawn(panel.kind, through_json(panel.table), about(study, panel))
        assert again is not None, panel.title
        old, new = (json.loads(figure.to_json()) for figure in (panel.figure, again))
        if panel.kind == "tempi":  # which frame was frozen is said by the page's words alone
            old["layout"].pop("images")
            new["layout"].pop("images")
        levels = [[shape.pop("y0", 0.0) for shape in one["layout"]["shapes"]] for one in (old, new)]
        for one in (old, new):
            for shape in one["layout"]["shapes"]:
                shape.pop("y1", None)
        assert new["data"] == old["data"], panel.title
        assert levels[1] == pytest.approx(levels[0], abs=1e-4)
        for name, value in old["layout"].items():
            assert new["layout"][name] == value, (panel.title, name)


def test_losses_are_drawn_again_as_they_were(
    tiny_model: Callable[..., LoadedModel], study: Study
) -> None:
    loaded, clip = tiny_model(spec=SPEC), study.clip
    found = grad_cam(loaded, clip, "moves left", "hides")
    lost = last(frame_deletion(loaded, clip, "moves left", "neighbour", "hides"))
    for base in (lost, None):
        sums = analysis.frame_sums(found)
        tested = analysis.Tested(loaded.card, clip, lost, base, sums)
        panel = deletion([tested], "Grad-CAM", -1)
        again = redrawn(panel.kind, through_json(panel.table), about(study, panel))
        assert again is not None
        for before, after in zip(panel.figure.data, again.data, strict=True):
            np.testing.assert_allclose(after.y, before.y)
            assert after.name == before.name
        assert again.layout.annotations[0].text == panel.figure.layout.annotations[0].text


def test_a_table_that_does_not_fit_draws_nothing(study: Study) -> None:
    for panel in intervened(study):
        here, table = about(study, panel), through_json(panel.table)
        assert redrawn("something", table, here) is None
        assert redrawn(panel.kind, table.iloc[:0], here) is None
        for name in table:
            assert redrawn(panel.kind, table.drop(columns=name), here) is None or (
                panel.kind == "sweep" or name == "probability"
            )
            broken = table.copy()
            broken[name] = [None] * len(table)
            if name != "probability":
                assert redrawn(panel.kind, broken, here) is None, (panel.kind, name)
