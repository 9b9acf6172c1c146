"""What is measured in batches is what single runs with edits say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tam_viz.analysis.edits.contrasts import Subject, log_odds
from tam_viz.analysis.edits.dependence import MEAN, ZERO
from tam_viz.capture.run import run
from tam_viz.capture.variants import variant_logits
from tam_viz.experiments.studies.dependence import channel_effects, frame_effects
from tam_viz.models.engine import LoadedModel
from tam_viz.panels.edits import dependence as panels
from tam_viz.types import BlockTrace, Clip, Edit, TAMTrace, UserError
from tests.support.steps import last

Model = Callable[..., LoadedModel]
Make = Callable[..., Clip]
TO = Subject("recedes", 3, "true")


def hooks(loaded: LoadedModel) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in loaded.net.modules())


def test_each_channel_is_a_run(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    mean = run(loaded, tiny_clip(1)).tam
    steps = list(channel_effects(loaded, clip, "layer2.0", mean))
    assert (steps[-1].done, steps[-1].total) == (16, 16)
    found = last(steps)
    for channel in (0, 7, 8, 15):
        edits = [Edit("layer2.0", t, "given", (channel,)) for t in ("importance", "kernel")]
        alone = run(loaded, clip, edits, given=mean).prediction.logits
        np.testing.assert_allclose(found.logits[channel], alone, atol=1e-5)
        lost = log_odds(found.before, 3) - log_odds(alone, 3)
        assert found.effect(TO)[channel] == pytest.approx(float(lost), abs=1e-4)
    panel = panels.channels(found, TO, 5, "2 clips")
    shown = list(panel.figure.data[0].customdata)
    effect = np.abs(found.effect(TO))
    assert shown[0] == int(effect.argmax())
    assert 5 in shown
    assert len(panel.table) == 16
    assert hooks(loaded) == 0


def test_each_frame_of_each_block_is_a_run(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    mean = run(loaded, tiny_clip(1)).tam
    found = last(frame_effects(loaded, clip, mean))
    own = run(loaded, clip)
    for b, name in enumerate(found.blocks):
        for way, given in (
            (ZERO, np.zeros_like(mean[name].importance)),
            (MEAN, mean[name].importance),
        ):
            for t in range(4):
                v = own.tam[name].importance.copy()
                v[:, t] = given[:, t]
                put = TAMTrace((BlockTrace(name, v, own.tam[name].kernel),))
                alone = run(loaded, clip, [Edit(name, "importance", "given")], given=put)
                np.testing.assert_allclose(
                    found.logits[way][b, t], alone.prediction.logits, atol=1e-5
                )
    panel = panels.frames(found, TO, "2 clips")
    drawn = [trace for trace in panel.figure.data if trace.type == "heatmap"]
    for map_, way in zip(drawn, (ZERO, MEAN), strict=True):
        assert (np.array(map_.z) == found.change(way, TO)).all()
    assert drawn[0].zmax == drawn[1].zmax
    assert panel.says.count("changes the prediction in") == 2
    assert hooks(loaded) == 0


def test_what_does_not_fit_is_told(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    v, theta = np.zeros((1, 8, 4), np.float32), np.zeros((1, 8, 3), np.float32)
    with pytest.raises(UserError, match="no TAM block 'layer9'"):
        variant_logits(loaded, clip, "layer9", v, theta)
    with pytest.raises(UserError, match="do not fit it"):
        variant_logits(loaded, clip, "layer2.0", v, theta)
    with pytest.raises(UserError, match="has no TAM"):
        next(frame_effects(tiny_model("tsm"), clip, run(loaded, clip).tam))
    assert hooks(loaded) == 0
