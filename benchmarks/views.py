"""All views of a published protocol, from the file to the answers, beside their bare passes.

    python benchmarks/views.py [--turns 7]

A video of ten seconds is read in ten clips of three crops, as published networks were tested, and
each of the thirty views runs with V and Θ recorded, as a page does it. The other side puts thirty
tensors of the same size through the network and does nothing else. The sides take turns.
"""

from __future__ import annotations

import dataclasses
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from benchmarks import sides, tanet50
from benchmarks.films import TEN_SECONDS, make
from tam_viz.capture.run import prepared, run
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip, InputSpec
from tam_viz.video.clip import read_views


def protocol() -> InputSpec:
    """Ten dense clips in three crops, each as high as the frame."""
    spec = tanet50.SPEC
    return dataclasses.replace(spec, size=spec.resize, sampling="dense", views=10, crops=3)


def bare_passes(loaded: LoadedModel, views: tuple[Clip, ...]) -> None:
    """As many passes, over one prepared view."""
    x = prepared(loaded, views[0])
    with loaded.lock, torch.inference_mode():
        for _ in views:
            loaded.net(x)


def main() -> None:
    """Prints the table and writes `results/views.json`."""
    loaded, spec = tanet50.loaded(), protocol()
    card = dataclasses.replace(loaded.card, published=spec)
    loaded = dataclasses.replace(loaded, card=card)
    with tempfile.TemporaryDirectory() as folder:
        path = make(Path(folder), "ten seconds", TEN_SECONDS)
        views = read_views(path, spec)
        taken = sides.in_turns(
            {
                "read": lambda: read_views(path, spec),
                "all": lambda: [run(loaded, view) for view in read_views(path, spec)],
                "bare": lambda: bare_passes(loaded, views),
            },
            sides.turns_asked(),
        )
    read, whole, bare = (statistics.median(taken[side]) for side in ("read", "all", "bare"))
    columns = ("views", "reading (s)", "reading and answers (s)", "bare passes (s)", "ratio")
    row = (len(views), read, whole, bare, sides.ratio(taken, "all", "bare"))
    sides.write("views", (columns, [row]))


if __name__ == "__main__":
    main()
