"""Small networks and small data sets to scan."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from tam_viz.models import cards, checkpoint
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Card


@pytest.fixture
def networks(
    tiny_model: Callable[..., LoadedModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Card]:
    """A TANet, a TSM and a TSN of four bottlenecks, in a folder of checkpoints."""
    folder = tmp_path / "checkpoints"
    for temporal in ("tam", "tsm", "none"):
        loaded = tiny_model(temporal)
        name = f"tiny-{temporal}"
        (folder / name).mkdir(parents=True)
        checkpoint.save(folder / name, dataclasses.replace(loaded.card, id=name), loaded.net)
    monkeypatch.setenv("TAM_VIZ_CHECKPOINTS", str(folder))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    return {path.name: cards.read_card(path) for path in sorted(folder.iterdir())}
