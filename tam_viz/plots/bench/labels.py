"""Where to write the names of points so that they cover neither points nor each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

_WIDTH, _HEIGHT = 520.0, 480.0
"""Pixels of the smallest plot that names are placed for; on a wider one they only move apart."""
_LETTER, _LINE, _POINT = 7.0, 16.0, 16.0
_RINGS, _TURNS = (0.0, 12.0, 26.0, 42.0, 60.0, 80.0), 16

_Box = tuple[float, float, float, float]


def label_offsets(
    x: Sequence[float], y: Sequence[float], letters: Sequence[int]
) -> list[tuple[int, int]]:
    """Offsets in pixels, right and down, from each point to the middle of its name.

    Every name goes, in turn, to the nearest free spot around its point; where none is free, to
    the one that covers least.

    Args:
        x: Places of the points as shares of the plot's width, in [0, 1].
        y: The same of its height, upwards.
        letters: Length of each name.
    """
    points = [(a * _WIDTH, (1 - b) * _HEIGHT) for a, b in zip(x, y, strict=True)]
    taken = [_box(point, (0.0, 0.0), _POINT, _POINT) for point in points]
    chosen: list[tuple[int, int]] = []
    for point, n in zip(points, letters, strict=True):
        width = _LETTER * n
        boxes = [(offset, _box(point, offset, width, _LINE)) for offset in _offsets(width)]
        offset, box = min(boxes, key=lambda item: _covered(item[1], taken))
        taken.append(box)
        chosen.append((round(offset[0]), round(offset[1])))
    return chosen


def _offsets(width: float) -> list[tuple[float, float]]:
    """Places around a point, the nearest first, to the right before to the left."""
    offsets = []
    for ring in _RINGS:
        for turn in range(_TURNS):
            angle = math.pi * (turn // 2 + turn % 2) / (_TURNS // 2) * (1 if turn % 2 else -1)
            right, down = math.cos(angle), math.sin(angle)
            reach_x, reach_y = _POINT / 2 + 3 + ring + width / 2, _POINT / 2 + 2 + ring + _LINE / 2
            offsets.append((right * reach_x, down * reach_y))
    return offsets


def _box(
    point: tuple[float, float], offset: tuple[float, float], width: float, height: float
) -> _Box:
    x, y = point[0] + offset[0], point[1] + offset[1]
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _covered(box: _Box, taken: Sequence[_Box]) -> float:
    """Square pixels of a box that lie over others or beyond the plot."""
    left, top, right, bottom = box
    inside = _shared(box, (0.0, 0.0, _WIDTH, _HEIGHT))
    return sum(_shared(box, other) for other in taken) + (right - left) * (bottom - top) - inside


def _shared(first: _Box, second: _Box) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(0.0, width) * max(0.0, height)
