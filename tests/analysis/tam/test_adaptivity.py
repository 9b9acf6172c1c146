"""What `tam-viz probe` left is read as it was written, or not at all."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tam_viz.analysis.tam import adaptivity_words as words
from tam_viz.analysis.tam.adaptivity import Loss, read_adaptation
from tam_viz.analysis.tam.inside_probe import (
    InsideProbe,
    inside_scores,
    read_inside_probes,
    write_inside_probes,
)
from tam_viz.types import BlockTrace, TAMTrace, UserError
from tests.support.adaptations import BLOCKS, adaptation
from tests.support.there import there


def written(folder: Path, data: Any) -> None:
    (folder / "adaptation.json").write_text(json.dumps(data), encoding="utf-8")


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_adaptation(tmp_path) is None
    written(tmp_path, dataclasses.asdict(adaptation()))
    assert read_adaptation(tmp_path) == adaptation()


def without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda data: data.pop(name)


DAMAGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "of an older version": without("relies"),
    "no blocks": lambda data: data.update(blocks=[]),
    "a block less": lambda data: data["trained"]["inside"].pop(),
    "a loss less": lambda data: data["relies"]["mean"].pop(),
    "no number": lambda data: data["untrained"]["speed"].__setitem__(0, "fast"),
    "not finite": lambda data: data["relies"]["mean"][0].update(mean=float("inf")),
    "too large a number": lambda data: data.update(relies_clips=10**400),
    "a list for a table": lambda data: data.update(outcomes=[]),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_record_gets_a_sentence(what: str, tmp_path: Path) -> None:
    data = json.loads(json.dumps(dataclasses.asdict(adaptation())))
    DAMAGE[what](data)
    written(tmp_path, data)
    with pytest.raises(UserError, match="is not what `tam-viz probe` writes"):
        read_adaptation(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "nonsense", "[" * 100_000, " " * (5 << 20)])
def test_a_file_that_is_no_record_gets_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "adaptation.json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="is not what `tam-viz probe` writes"):
        read_adaptation(tmp_path)


def probe(scale: float = 1.0) -> InsideProbe:
    weights = (scale * np.array([1.0, -2.0]), scale * np.array([0.0, 0.5, 0.25]))
    return InsideProbe(tuple(BLOCKS), weights, (0.1 * scale, -0.2 * scale))


def trace() -> TAMTrace:
    rng = np.random.default_rng(0)
    return TAMTrace(
        tuple(
            BlockTrace(name, rng.random((c, 5)).astype(np.float32), np.full((c, 3), 1 / 3))
            for name, c in zip(BLOCKS, (2, 3), strict=True)
        )
    )


def test_scores_are_those_of_a_hand_written_sum() -> None:
    scores = inside_scores(trace(), probe())
    assert scores.shape == (2, 5)
    assert np.isnan(scores[:, [0, 4]]).all()
    for b, block in enumerate(trace().blocks):
        for t in range(1, 4):
            said = probe().biases[b]
            for c, row in enumerate(block.importance):
                said += probe().weights[b][c] * (row[t] - row.mean())
            assert scores[b, t] == pytest.approx(said, abs=1e-6)


def test_a_probe_of_another_network_is_refused() -> None:
    narrow = dataclasses.replace(probe(), weights=(np.zeros(2), np.zeros(2)))
    renamed = dataclasses.replace(probe(), blocks=("layer1.0", "layer1.1"))
    for other in (narrow, renamed):
        with pytest.raises(UserError, match="network of another shape"):
            inside_scores(trace(), other)


def test_probes_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert read_inside_probes(tmp_path) is None
    write_inside_probes(tmp_path, probe(), probe(0.5))
    for read, ours in zip(there(read_inside_probes(tmp_path)), (probe(), probe(0.5)), strict=True):
        assert (read.blocks, read.biases) == (ours.blocks, ours.biases)
        assert [w.tolist() for w in read.weights] == [w.tolist() for w in ours.weights]


def arrays(**changed: Any) -> dict[str, Any]:
    ablated: dict[str, Any] = {"blocks": np.array(BLOCKS)}
    for kind in ("trained", "untrained"):
        ablated[f"{kind}/biases"] = np.zeros(2)
        ablated |= {f"{kind}/{block}": np.zeros(2) for block in BLOCKS}
    return {name: value for name, value in {**ablated, **changed}.items() if value is not None}


@pytest.mark.parametrize(
    "changed",
    [
        {"blocks": None},
        {"blocks": np.array([1, 2])},
        {"trained/biases": np.zeros(3)},
        {"untrained/layer2.0": None},
        {"trained/layer1.0": np.zeros((2, 2))},
        {"trained/layer1.0": np.array([np.nan, 0])},
        {"trained/layer1.0": np.array(["a", "b"])},
        {"trained/layer1.0": np.array([{}, []], dtype=object)},  # a pickle: it is not opened
    ],
)
def test_damaged_probes_get_a_sentence(changed: dict[str, Any], tmp_path: Path) -> None:
    np.savez(tmp_path / "probes.npz", **arrays(**changed))
    with pytest.raises(UserError, match="is not what `tam-viz probe` writes"):
        read_inside_probes(tmp_path)


def test_a_file_that_is_no_archive_or_unpacks_to_too_much_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "probes.npz"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(UserError, match="is not what"):
        read_inside_probes(tmp_path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("blocks.npy", bytes(65 << 20))
    with pytest.raises(UserError, match="unpacks to more"):
        read_inside_probes(tmp_path)


def test_the_interval_holds_the_mean_and_narrows() -> None:
    rng = np.random.default_rng(0)
    few, many = (Loss.of(0.5 + rng.normal(size=n)) for n in (20, 2000))
    for loss in (few, many):
        assert loss.low < loss.mean < loss.high
    width = many.high - many.low
    assert width == pytest.approx(2 * 1.96 / 2000**0.5, rel=0.1)
    assert few.high - few.low > 3 * width
    assert Loss.of(np.full(5, 0.25)) == Loss(0.25, 0.25, 0.25)


def test_sentences_hold_the_numbers() -> None:
    said = words.describe_reliance(adaptation())
    assert "the true class fall by 0.50 [0.40, 0.60] (untrained 0.00 [−0.01" in said
    assert "most in layer2.0, by 0.40 [−0.10, 0.90], and in 1 of 2 blocks the interval" in said
    assert said.endswith("they fall by 1.20 [1.10, 1.30].")
    none = words.describe_ablated("a clip", "hides", True, BLOCKS, np.array([0.001, -0.002, 0.004]))
    assert none.count("do not change") == 2
    assert words.describe_readouts(adaptation()) == (
        "Mean over the pairs: layer1.0 0.70 (untrained 0.55), layer2.0 0.70 (untrained 0.55); ½ "
        "is chance."
    )
    ablated = words.describe_ablated("a clip", "hides", False, BLOCKS, np.array([0.1, -0.3, 0.5]))
    assert ablated == (
        "a clip: with Θ of all blocks at its mean, the log-odds of 'hides', the predicted class, "
        "fall by 0.50; of single blocks layer2.0 matters most: they rise by 0.30."
    )
