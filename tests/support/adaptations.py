"""An answer of `tam-viz probe` that is made up."""

from __future__ import annotations

import dataclasses

from tam_viz.analysis.tam.adaptivity import Adaptation, EditedAccuracy, Loss, Probes, Reliance

BLOCKS = ["layer1.0", "layer2.0"]


def adaptation() -> Adaptation:
    """An answer that nobody measured."""
    probes = Probes({"depth": [0.9, 0.7], "pace": [0.5, 0.7]}, [0.1] * 2, [0.2] * 2, [0.75] * 2)
    held = [Loss(0.2, 0.1, 0.3), Loss(0.4, -0.1, 0.9), Loss(0.5, 0.4, 0.6)]
    taken = [Loss(1.2, 1.1, 1.3)] * 3
    none = [Loss(-0.001, -0.01, 0.01)] * 3
    return Adaptation(
        id="mine",
        blocks=BLOCKS,
        trained=probes,
        untrained=dataclasses.replace(probes, direction={"depth": [0.6] * 2, "pace": [0.5] * 2}),
        outcomes={"as it is": EditedAccuracy(0.5, 0.75, 0.25)},
        relies=Reliance(held, taken),
        untrained_relies=Reliance(none, none),
        relies_clips=320,
    )
