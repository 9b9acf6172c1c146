"""What tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tam_viz.experiments.importing import import_weights
from tam_viz.models.cards import find, read_card
from tam_viz.models.checkpoint import load_network
from tests.published.names import authors_tanet, under
from tests.support.pages import forget_folders


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A TANet under the authors' names, imported, with a published test of six views."""
    folder = find("tanet-motionpairs")  # as it is stored: what is loaded to run has folded norms
    state = under(authors_tanet, load_network(folder, read_card(folder)).state_dict())
    torch.save({"state_dict": state}, tmp_path / "w.pth.tar")
    import_weights(tmp_path / "w.pth.tar", "imported", tmp_path / "made")
    monkeypatch.setenv("TAM_VIZ_CHECKPOINTS", str(tmp_path / "made"))
    forget_folders()
    yield "imported"
    forget_folders()
