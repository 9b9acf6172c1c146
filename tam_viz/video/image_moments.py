"""Moments in the names of images: `1305031102.175304.png`, `20230102_101155_333.jpg`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from jaxtyping import Float

_SINCE_1970 = re.compile(r"(?<!\d)(1\d{9})(?:[._]?(\d{1,9}))?(?!\d)")
"""Seconds, and parts of a second with or without a point before them."""

_DATED = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)\D{0,6}"
    r"(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)(?:[-_.,]?(\d{3}|\d{6}))?(?!\d)"
)
_PAUSE = 20.0
"""Steps between images of one clip are not so many times the usual one."""


def moments(stems: Sequence[str]) -> Float[np.ndarray, " n"] | None:
    """When images were taken, in seconds, if the names of all say it and they are of one clip."""
    times = [_moment(stem) for stem in stems]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or len(set(known)) < max(2, len(known)):
        return None
    steps = np.diff(sorted(known))
    if steps.max() > _PAUSE * np.median(steps):
        return None
    return np.array(known) - min(known)


def _moment(stem: str) -> float | None:
    since = _SINCE_1970.search(stem)
    if since is not None:
        return int(since[1]) + _fraction(since[2])
    dated = _DATED.search(stem)
    if dated is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in dated.groups()[:6])
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return at.timestamp() + _fraction(dated[7])


def _fraction(digits: str | None) -> float:
    return float(f"0.{digits or 0}")
