"""The frame rate of a folder of images."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from tam_viz.texts import read_text
from tam_viz.types import UserError

ASSUMED_FPS = 25.0


RATE_FILE = "fps.txt"
"""File beside the images that holds their rate: `12.5`, `30000/1001` or `fps = 12.5`."""


_FASTEST = 10_000.0
_BYTES = 1 << 16
_RATE = re.compile(
    r"(?:(?:fps|frame[ _-]?rate|rate)\s*[=:]\s*)?(\d+(?:\.\d+)?(?:\s*/\s*\d+)?)(?:\s*fps)?", re.I
)


def rate_of(folder: Path, name: str, fps: float | None) -> tuple[float, list[str]]:
    """Images per second, and a sentence if that is assumed.

    Raises:
        UserError: It is no rate.
    """
    given = given_rate(folder, name, fps)
    if given is not None:
        return given, []
    return ASSUMED_FPS, [
        f"Images carry no clock; {ASSUMED_FPS:.0f} per second are assumed. The file "
        f"'{RATE_FILE}' beside them can give another rate."
    ]


def given_rate(folder: Path, name: str, fps: float | None) -> float | None:
    """Images per second as a person or a file beside them says; None if neither does.

    Raises:
        UserError: It is no rate.
    """
    if fps is not None:
        return _sound(fps, f"{fps:g}", "The rate of the images")
    path = folder / RATE_FILE
    if not path.exists():
        return None
    text = read_text(path, _BYTES, "a frame rate").strip()
    given = _RATE.fullmatch(text)
    try:
        top, _, bottom = ("" if given is None else given[1]).partition("/")
        rate = float(Fraction(top.strip()) / Fraction(bottom.strip() or 1))
    except (ValueError, ZeroDivisionError):
        rate = 0.0
    return _sound(rate, text[:40], f"'{name}/{RATE_FILE}'")


def _sound(rate: float, text: str, what: str) -> float:
    if not 0 < rate <= _FASTEST:
        raise UserError(
            f"{what} should be images per second, above 0 and at most {_FASTEST:.0f}, such as 12.5 "
            f"or 30000/1001; it is '{text}'."
        )
    return rate
