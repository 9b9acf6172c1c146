"""What tests share: tiny networks, tiny clips, tiny videos; no weights, no network."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import video_net
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.motionpairs.write import write_clips
from tam_viz.types import Card, Clip, Generation, InputSpec, Truth
from tests.support.tiny import TINY


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, and no process that a test starts, writes to the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAM_VIZ_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Networks this small wait for each other's threads: where cores are shared, a second a run."""
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # for the processes that tests start
        yield


@pytest.fixture(autouse=True)
def _one_seed() -> None:
    torch.manual_seed(0)


_MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def _own_main() -> None:
    """A page under test takes the place of `__main__`, which every spawned process imports."""
    sys.modules["__main__"] = _MAIN


@pytest.fixture
def tiny_model() -> Callable[..., LoadedModel]:
    """Makes a network of four bottlenecks with batch norms that have seen something."""

    def make(
        temporal: str = "tam", spec: InputSpec = TINY, options: dict[str, int] | None = None
    ) -> LoadedModel:
        layers = (1, 1, 1, 1)
        net = video_net(
            temporal, frames=spec.frames, classes=16, layers=layers, width=8, options=options
        )
        net.train()
        with torch.no_grad():
            net(torch.randn(4, 3, spec.frames, spec.size, spec.size))
        name = f"tiny-{temporal}"
        card = Card(name, temporal, layers, 8, CLASSES, spec, options=options or {})
        return LoadedModel(card, net.eval(), torch.device("cpu"))

    return make


@pytest.fixture
def tiny_clip() -> Callable[..., Clip]:
    """Makes a clip of random pixels."""

    def make(seed: int = 0, spec: InputSpec = TINY) -> Clip:
        rng = np.random.default_rng(seed)
        t, s = spec.frames, spec.size
        return Clip(
            id=f"clip-{seed}",
            frames=rng.integers(0, 256, (t, s, s, 3), dtype=np.uint8),
            frame_indices=np.arange(t) * 4,
            times_s=np.arange(t) / 3.0,
            source=f"clip {seed}",
            video_frames=4 * t,
            duration_s=4 * t / 12,
            truth=Truth("moves left", (0.3, 0.8), Generation(2.0, (0.0, 0.0), 0.1)),
        )

    return make


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small mp4 of each of the sixteen classes."""
    folder = tmp_path_factory.mktemp("videos")
    for _ in write_clips(folder, 16, seed=3, size=64):
        pass
    return folder
