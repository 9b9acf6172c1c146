"""A scan by Ray on a cluster of two nodes, one of which is killed while it is at work."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tam_viz.motionpairs.dataset import TEST_SEED
from tam_viz.scan import on_ray
from tam_viz.scan.dataset import motionpairs
from tam_viz.scan.folder import begin
from tam_viz.scan.manifest import versions
from tam_viz.scan.network import Network, network_of
from tam_viz.scan.opened import open_scan
from tam_viz.scan.scan import scan
from tam_viz.types import Card, UserError
from tests.support.scans import files, whole

CLIPS = 64 * 5
Nodes = tuple[Any, Any]
"""A cluster of Ray, and its second node."""


@pytest.fixture
def cluster(networks: dict[str, Card], monkeypatch: pytest.MonkeyPatch) -> Iterator[Nodes]:
    """Two nodes of one core each; their processes find the tiny networks."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster  # noqa: PLC0415  # only where Ray is installed

    assert networks
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    nodes: Any = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    try:
        second = nodes.add_node(num_cpus=1)
        ray.init(address=nodes.address, log_to_driver=False, logging_level=logging.ERROR)
        yield nodes, second
    finally:
        ray.shutdown()
        nodes.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # Ray's own, of processes that were killed
def test_a_node_that_is_killed_changes_no_byte(
    networks: dict[str, Card], cluster: Nodes, tmp_path: Path
) -> None:
    nodes, second = cluster
    dataset = motionpairs("test", TEST_SEED, CLIPS)
    asked = [network_of(card, dataset, traces=True) for card in networks.values()]
    run, sets = tmp_path / "ray", []
    killed_at = None
    for step in scan(dataset, asked, run, workers=2, device="cpu", engine="ray"):
        sets.append(step.sets)
        if step.sets >= 2 and killed_at is None:  # both are at work by now
            nodes.remove_node(second, allow_graceful=False)
            killed_at = step.sets
    assert killed_at is not None
    assert sets[-1] == CLIPS // 64
    assert len(files(run)) == CLIPS // 64 * (len(networks) + 1)
    local = whole(tmp_path / "local", networks, CLIPS, traces=True)
    assert files(run) == files(local)
    assert open_scan(run).clips.equals(open_scan(local).clips)
    _what_a_machine_cannot_write_is_told(asked[0], tmp_path / "blocked")


def _what_a_machine_cannot_write_is_told(network: Network, run: Path) -> None:
    dataset = motionpairs("test", TEST_SEED, 16)
    begin(run, dataset, [network])
    (run / "clips").write_text("in the way")
    with pytest.raises(UserError, match="cannot be written to"):
        list(scan(dataset, [network], run, workers=1, device="cpu", engine="ray"))


def test_a_machine_with_other_libraries_is_refused() -> None:
    here = versions()
    on_ray._require(here)
    with pytest.raises(UserError, match=r"has torch 0\.0, and this one"):
        on_ray._require({**here, "torch": "0.0"})
