"""A page says where a network ran, if that is not where it was to run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import pytest
import torch

from tam_viz.capture.batches import attempt
from tam_viz.models.engine import LoadedModel
from tam_viz.ui.state import cache


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    cache.loaded_networks().clear()
    yield
    cache.loaded_networks().clear()


def test_a_network_that_left_the_gpu_is_told_of(tiny_model: Callable[..., LoadedModel]) -> None:
    loaded = dataclasses.replace(tiny_model(), device=torch.device("cuda"))  # by its name alone
    assert cache.ran_elsewhere("tiny") is None
    cache.loaded_networks()["tiny"] = loaded
    assert cache.ran_elsewhere("tiny") is None

    def work(there: LoadedModel, items: Sequence[int]) -> list[int]:
        if there.device.type == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return list(items)

    assert attempt(loaded, [1], work) == [1]
    assert "does not fit into the memory of the GPU" in (cache.ran_elsewhere("tiny") or "")
