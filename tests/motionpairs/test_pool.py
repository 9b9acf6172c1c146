"""Clips are drawn once, into whole files, and read back as they were drawn."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from tam_viz.motionpairs import pool as pools
from tam_viz.motionpairs.dataset import batch
from tam_viz.motionpairs.pool import Pool
from tam_viz.types import UserError


@pytest.fixture(autouse=True)
def _small_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAM_VIZ_CACHE", str(tmp_path))
    monkeypatch.setattr(pools, "SHARD", 8)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_clips_are_those_of_the_set(tmp_path: Path) -> None:
    pool = Pool(3, 20, "train", 4, 32)
    frames, labels = pool.take(np.array([0, 7, 8, 19]))
    drawn, known = batch(3, 0, 20, split="train", frames=4, size=32)
    assert (frames == drawn[[0, 7, 8, 19]]).all()
    assert (labels == known[[0, 7, 8, 19]]).all()
    assert isinstance(pool.shard(1), np.memmap)
    assert len(files(tmp_path)) == 3


def test_a_file_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Pool(0, 16, "train", 4, 32)
    assert first.missing() == [0, 1]
    first.draw(0)
    assert first.missing() == [1]
    monkeypatch.setattr(pools, "batch", lambda *_, **__: pytest.fail("drawn again"))
    monkeypatch.setattr(pools, "_generation", lambda: files(tmp_path)[0].parent.name[12:])
    assert Pool(0, 16, "train", 4, 32)[5][0].shape == (4, 32, 32, 3)


def test_a_drawing_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(file: BinaryIO, _clips: np.ndarray) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    pool = Pool(0, 8, "train", 4, 32)
    monkeypatch.setattr(np, "save", fails)
    with pytest.raises(UserError, match="No space left on device"):
        pool.draw(0)
    assert files(tmp_path) == []
    assert pool.missing() == [0]


def test_another_generator_reads_other_files(monkeypatch: pytest.MonkeyPatch) -> None:
    Pool(0, 8, "train", 4, 32).draw(0)
    monkeypatch.setattr(pools, "_generation", lambda: "another")
    assert Pool(0, 8, "train", 4, 32).missing() == [0]
