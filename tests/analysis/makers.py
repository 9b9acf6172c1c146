"""Results of a bench that nobody measured, in the form in which they are written."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from tam_viz.analysis.bench.results import Measured
from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.motionpairs.scene import LEVELS, SHIFTS

ALL = ("tam", "tsm", "tconv", "none", "pool", "se", "nonlocal", "tdn")
REPEATED = ("tam", "none")
BUDGETS = (160, 320)


def record(
    modules: Sequence[str] = ALL, seeds: int = 3, *, budgets: bool = False
) -> dict[str, Any]:
    """Each module is a little below the one before it, further seeds 0.01 above the first."""
    rows = [(place, name, 0) for place, name in enumerate(modules)]
    smaller = [
        _row(place, name, 0, 0.05) | {"clips": clips, "budget": True, "id": f"{name}-{clips}"}
        for place, name in enumerate(modules)
        if budgets and name in REPEATED
        for clips in BUDGETS
    ]
    rows += [
        (place, name, seed)
        for seed in range(1, seeds)
        for place, name in enumerate(modules)
        if name in REPEATED
    ]
    return {
        "seed": 2,
        "device": "cpu",
        "torch": "2.6",
        "threads": 2,
        "networks": [
            *(_row(*row, step=0.05 if len(modules) <= len(ALL) else 0.02) for row in rows),
            *smaller,
        ],
    }


def _row(place: int, name: str, seed: int, step: float) -> dict[str, Any]:
    top1 = round(0.9 - step * place + 0.01 * seed, 4)
    return {
        "id": f"{name}-motionpairs",
        "sha256": "0" * 64,
        "temporal": name,
        "network": name.upper(),
        "seed": seed,
        "clips": 640,
        "parameters": 900_000 + place,
        "macs": 110_000_000 + 2_000_000 * place,
        "ms_per_clip": 10.0 + place,
        "test": dataclasses.asdict(_scores(1600, top1, LEVELS)),
        "shift": dataclasses.asdict(_scores(1600, round(top1 - 0.1, 4), SHIFTS)),
    }


def _scores(n: int, top1: float, kinds: Sequence[str]) -> Measured:
    return Measured(
        n=n,
        top1=top1,
        interval=(round(top1 - 0.03, 4), round(top1 + 0.03, 4)),
        within_pair=round(top1 + 0.05, 4),
        by_class=dict.fromkeys(CLASSES, top1),
        by_family={motion.family: top1 - 0.01 * i for i, motion in enumerate(MOTIONS)},
        by_kind={kind: top1 - 0.02 * i for i, kind in reversed(list(enumerate(kinds)))},
    )
