"""tam_viz: see what every Temporal Adaptive Module of a video network decided on a clip.

    import tam_viz

    model = tam_viz.load("tanet-motionpairs")
    run = tam_viz.analyze(model, "clip.mp4")
    print(run.prediction.top(5))
    print(run.trace["layer3.1"].importance.shape, run.trace["layer3.1"].kernel.shape)

Importing the package loads neither torch nor Streamlit; the first call does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tam_viz.analysis.edits.edit_text import parse_edits
    from tam_viz.capture.run import run, run_tensor
    from tam_viz.experiments.studies.compare import analyze
    from tam_viz.experiments.studies.tam_off import tam_off
    from tam_viz.models.engine import load
    from tam_viz.scan.opened import open_scan
    from tam_viz.types import Edit, UserError
    from tam_viz.video.clip import read_clip

_HOMES = {
    "load": "tam_viz.models.engine",
    "analyze": "tam_viz.experiments.studies.compare",
    "run": "tam_viz.capture.run",
    "tam_off": "tam_viz.experiments.studies.tam_off",
    "run_tensor": "tam_viz.capture.run",
    "open_scan": "tam_viz.scan.opened",
    "parse_edits": "tam_viz.analysis.edits.edit_text",
    "read_clip": "tam_viz.video.clip",
    "Edit": "tam_viz.types",
    "UserError": "tam_viz.types",
}

__all__ = [
    "Edit",
    "UserError",
    "analyze",
    "load",
    "open_scan",
    "parse_edits",
    "read_clip",
    "run",
    "run_tensor",
    "tam_off",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # what a lazy module attribute is
    if name not in _HOMES:
        raise AttributeError(f"module 'tam_viz' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
