"""A catalogue of one file on a server of our own."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

from tam_viz.experiments import importing
from tam_viz.models.engine import LoadedModel
from tam_viz.models.published import catalogue
from tam_viz.types import Audit, Offer, UserError
from tests.published import names


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def _not_audited(_: object) -> Audit:
    raise UserError("not asked for")


@pytest.fixture(autouse=True)
def _without_audits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import is audited by passes at the full size of its input; most tests look at none."""
    if request.node.get_closest_marker("audits") is None:
        monkeypatch.setattr(importing, "audited", _not_audited)


@pytest.fixture
def offered(
    tmp_path: Path, tiny_model: Callable[..., LoadedModel], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Offer]:
    served = tmp_path / "served"
    served.mkdir()
    state = names.under(names.mmaction2_tsm, tiny_model("tsm").net.state_dict())
    torch.save({"meta": {}, "state_dict": state}, served / "tsm.pth")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=served))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made = dataclasses.replace(
        catalogue.offer("mmaction2-tsm-r50-8f-50e-sthv2"),
        frames=4,
        address=f"http://127.0.0.1:{server.server_port}/tsm.pth",
        sha256=hashlib.sha256((served / "tsm.pth").read_bytes()).hexdigest()[:8],
    )
    monkeypatch.setattr(catalogue, "offers", lambda: {made.id: made})
    monkeypatch.setenv("TAM_VIZ_CACHE", str(tmp_path / "cache"))
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
