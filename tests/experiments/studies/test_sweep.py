"""Sweeps and swaps are what single runs say, one after the other, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tam_viz.analysis.edits.contrasts import Subject, between, log_odds
from tam_viz.analysis.edits.patching import ALL_THREE, DECISIONS, FEATURES, PATCHED, Patched
from tam_viz.analysis.edits.swaps import SWAPPED, Swaps
from tam_viz.analysis.edits.sweep import AS_IT_IS, BOTH, THETA, Sweep, V, describe_sweep
from tam_viz.capture.operations import OPS
from tam_viz.capture.run import run
from tam_viz.experiments.studies.sweep import all_edits, noisy, patched, swaps, sweep, tempi
from tam_viz.models.engine import LoadedModel
from tam_viz.types import ALL_BLOCKS, Clip, Edit, Target, UserError
from tam_viz.video.tempo import TEMPI, retimed
from tests.support.steps import last, leave

Model = Callable[..., LoadedModel]
Make = Callable[..., Clip]
NAMES = ("layer1.0", "layer2.0", "layer3.0", "layer4.0")


def hooks(loaded: LoadedModel) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in loaded.net.modules())


def assert_close(found: np.ndarray, expected: np.ndarray) -> None:
    """Batches of another size round otherwise in the last digits."""
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_all_edits(tiny_clip: Make) -> None:
    assert {(e.target, e.op) for e in all_edits(tiny_clip(), given=True)} == {
        (target, op) for target, ops in OPS.items() for op in ops
    }
    assert not {"donor", "given", "level"} & {edit.op for edit in all_edits()}


def test_every_cell_is_a_run(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip, donor = tiny_model(), tiny_clip(0), tiny_clip(1)
    mean = run(loaded, tiny_clip(2)).trace
    edits = all_edits(donor, given=True)
    found = last(sweep(loaded, clip, edits, given=mean))
    assert isinstance(found, Sweep)
    assert found.blocks == (*NAMES, ALL_BLOCKS)
    assert found.logits.shape == (5, len(edits), 16)
    for i, block in enumerate(found.blocks):
        for j, edit in enumerate(edits):
            one = Edit(block, edit.target, edit.op, donor=edit.donor)
            alone = run(loaded, clip, [one], given=mean).prediction.logits
            assert_close(found.logits[i, j], alone)
        assert_close(found.noise[i], run(loaded, noisy(clip, i)).prediction.logits)
    plain = run(loaded, clip).prediction.logits
    assert_close(found.before, plain)
    change = log_odds(found.logits[1, 2], 3) - log_odds(plain, 3)
    single = Subject("recedes", 3, "true")
    assert found.change(single)[1, 2] == pytest.approx(float(change), abs=1e-5)
    subject = Subject("recedes", 3, "true", "hides", 8, "said")
    change = between(found.logits[1, 2], 3, 8) - between(plain, 3, 8)
    assert found.change(subject)[1, 2] == pytest.approx(float(change), abs=1e-5)
    fair = [i for i, e in enumerate(edits) if e.op != "one" and e.target != "input"]
    assert found.fair.tolist() == fair
    assert found.limit(subject) >= abs(found.change(subject)[:-1, fair]).max()
    inputs = [i for i, e in enumerate(edits) if e.target == "input"]
    turned = found.flips[:-1, inputs].sum()
    says = describe_sweep(found, subject)
    assert bool(inputs) == (f"change the prediction in {turned} of" in says)
    assert hooks(loaded) == 0


def test_a_sweep_that_is_left_leaves_nothing(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    steps = sweep(loaded, tiny_clip(), all_edits())
    for _ in range(3):
        next(steps)
    leave(steps)
    assert hooks(loaded) == 0


def test_noise_is_small_and_the_same_every_time(tiny_clip: Make) -> None:
    clip = tiny_clip()
    made = noisy(clip, 1)
    moved = made.frames.astype(int) - clip.frames
    assert set(np.unique(moved)) == {-2, -1, 0, 1, 2}
    assert (made.frames == noisy(clip, 1).frames).all()
    assert made.id != noisy(clip, 2).id != clip.id


def test_swaps_are_runs_with_donors(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip, other = tiny_model(), tiny_clip(0), tiny_clip(1)
    found = last(swaps(loaded, clip, other))
    assert isinstance(found, Swaps)
    targets: dict[str, list[Target]] = {
        V: ["importance"],
        THETA: ["kernel"],
        BOTH: ["importance", "kernel"],
    }
    assert tuple(targets) == SWAPPED

    def given(blocks: tuple[str, ...], what: str) -> np.ndarray:
        edits = [Edit(b, t, "donor", donor=other) for t in targets[what] for b in blocks]
        return run(loaded, clip, edits).prediction.logits

    for what in SWAPPED:
        for i, name in enumerate(NAMES):
            assert_close(found.single[what][i], given((name,), what))
            assert_close(found.up_to[what][i], given(NAMES[: i + 1], what))
        assert_close(found.up_to[what][-1], given((ALL_BLOCKS,), what))
    assert_close(found.own, run(loaded, clip).prediction.logits)
    assert_close(found.other, run(loaded, other).prediction.logits)


def test_patches_are_runs_with_donors(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip, other = tiny_model(), tiny_clip(0), tiny_clip(1)
    found = last(patched(loaded, clip, other))
    assert isinstance(found, Patched)

    def given(donors: dict[Target, Clip]) -> np.ndarray:
        rows = [
            run(loaded, clip, [Edit(b, t, "donor", donor=donor) for t, donor in donors.items()])
            for b in NAMES
        ]
        return np.stack([row.prediction.logits for row in rows])

    expected = {
        DECISIONS: given({"importance": other, "kernel": other}),
        FEATURES: given({"input": other, "importance": clip, "kernel": clip}),
        ALL_THREE: given({"input": other}),
    }
    assert tuple(expected) == tuple(PATCHED)
    for what, rows in expected.items():
        assert_close(found.rows[what], rows)
    same = last(patched(loaded, clip, tiny_clip(0)))
    for rows in same.rows.values():
        assert_close(rows, np.broadcast_to(same.own, rows.shape))
    assert hooks(loaded) == 0


def test_a_clip_given_its_own_stays_as_it_is(tiny_model: Model, tiny_clip: Make) -> None:
    found = last(swaps(tiny_model(), tiny_clip(), tiny_clip()))
    for rows in (*found.single.values(), *found.up_to.values()):
        assert_close(rows, np.broadcast_to(found.own, rows.shape))


def test_the_clip_in_another_time(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    said = last(tempi(lambda c: run(loaded, c).prediction, clip, 2))
    assert tuple(said) == (AS_IT_IS, *TEMPI)
    for name in TEMPI:
        alone = run(loaded, retimed(clip, name, 2)).prediction.logits
        assert (said[name].logits == alone).all()


def test_a_network_that_averages_frames_does_not_care_for_their_order(
    tiny_model: Model, tiny_clip: Make
) -> None:
    loaded = tiny_model("none")
    said = last(tempi(lambda c: run(loaded, c).prediction, tiny_clip()))
    for name in ("reversed", "shuffled"):
        np.testing.assert_allclose(said[name].logits, said[AS_IT_IS].logits, atol=1e-5)
    assert np.abs(said["frozen"].logits - said[AS_IT_IS].logits).max() > 1e-3


def test_a_network_without_tam_is_told(tiny_model: Model, tiny_clip: Make) -> None:
    for steps in (
        sweep(tiny_model("tsm"), tiny_clip(), all_edits()),
        swaps(tiny_model("tsm"), tiny_clip(0), tiny_clip(1)),
    ):
        with pytest.raises(UserError, match="tiny-tsm has no TAM"):
            next(steps)
