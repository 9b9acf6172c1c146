"""Folders of images as films: which images are the frames, in which order, and their times.

Folders of frames hold more than frames: optical flow (`flow_x_00001.jpg` of denseflow, beside
`img_00001.jpg`), depth and masks, a cover, what macOS and Windows leave behind. The frames are the
images whose names differ in their number alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float

from tam_viz.types import UserError
from tam_viz.video.image_moments import moments
from tam_viz.video.image_rate import given_rate, rate_of

IMAGES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".jp2", ".avif"),
)
_UNREAD = (
    *(".heic", ".heif", ".gif", ".svg", ".exr", ".hdr", ".jxl", ".psd", ".dng", ".cr2"),
    *(".nef", ".arw", ".raw", ".dcm", ".npy"),
)
_COLOUR = {"img", "image", "images", "im", "frame", "frames", "rgb", "color", "colour"}
_NOT_COLOUR = {
    *("flow", "flowx", "flowy", "x", "y", "u", "v", "depth", "disparity", "mask", "masks", "seg"),
    *("segmentation", "normal", "normals", "edge", "edges", "gt", "label", "labels", "pose"),
    *("heatmap", "warp", "warped", "diff", "thermal", "ir", "infrared", "thumb", "preview"),
}
_NO_PICTURES = {
    *("flow", "flowx", "flowy", "depth", "disparity", "mask", "masks", "seg", "segmentation"),
    *("normals", "heatmap"),
}
"""Of those the words that say so even where nothing lies beside."""


@dataclass(frozen=True, eq=False)
class ImageSequence:
    """The frames of a folder.

    Attributes:
        files: In their order in time.
        times_s: Of each, from the first one, in seconds.
        duration_s: From the first frame to the end of the last one, in seconds.
        notices: What a person should know of how they were chosen.
    """

    files: tuple[Path, ...]
    times_s: Float[np.ndarray, " n"]
    duration_s: float
    notices: tuple[str, ...]


def image_sequence(folder: Path, name: str, fps: float | None = None) -> ImageSequence:
    """The frames of a folder of images.

    Args:
        folder: The folder; folders inside it are not looked into.
        name: What to call it in a sentence.
        fps: Images per second; by default what `fps.txt` beside them says, else 25.

    Raises:
        UserError: There are no images, it cannot be told which of them are the frames, or the
            rate is no rate.
    """
    shown = [f for f in sorted(folder.iterdir()) if f.is_file() and not f.name.startswith(".")]
    images = [file for file in shown if file.suffix.lower() in IMAGES]
    if not images:
        raise UserError(_no_images(folder, name, shown))
    frames, notices = _one_kind(images, name)
    unread = sorted({f.suffix.lower() for f in shown if f.suffix.lower() in _UNREAD})
    if unread:
        notices.append(f"Files ending in {', '.join(unread)} are passed over.")
    times = moments([file.stem for file in frames])
    if times is not None:
        return _by_moments(frames, times, given_rate(folder, name, fps), notices)
    frames = sorted(frames, key=_natural)
    steps, gaps = _steps([_numbers(file.stem) for file in frames], name, frames)
    notices += gaps
    rate, assumed = rate_of(folder, name, fps)
    return ImageSequence(
        tuple(frames), steps / rate, float(steps[-1] + 1) / rate, (*assumed, *notices)
    )


def _by_moments(
    files: Sequence[Path],
    times: Float[np.ndarray, " n"],
    rate: float | None,
    notices: Sequence[str],
) -> ImageSequence:
    """Images in the order of the moments in their names, at those moments or at a given rate."""
    order = np.argsort(times)
    frames, times = tuple(files[i] for i in order), times[order]
    if rate is not None:
        steps = np.arange(len(frames), dtype=np.float64)
        return ImageSequence(frames, steps / rate, len(frames) / rate, tuple(notices))
    return ImageSequence(
        frames,
        times,
        float(times[-1] + np.median(np.diff(times))),
        ("The names of the images say when each was taken; times go by them.", *notices),
    )


def image_files(folder: Path) -> list[Path]:
    """The frames of a folder of images, in their order; see `image_sequence`."""
    return list(image_sequence(folder, folder.name).files)


def _no_images(folder: Path, name: str, shown: Sequence[Path]) -> str:
    unread = sorted({f.suffix.lower() for f in shown if f.suffix.lower() in _UNREAD})
    if unread:
        return (
            f"The folder '{name}' holds images that are not read ({', '.join(unread)}); save them "
            f"as PNG or JPEG."
        )
    inside = next(
        (
            d
            for d in sorted(folder.iterdir())
            if d.is_dir() and any(_is_image(f) for f in d.iterdir())
        ),
        None,
    )
    if inside is not None:
        return (
            f"The folder '{name}' holds no images itself, its folder '{inside.name}' does; name "
            f"the folder of one clip."
        )
    return f"The folder '{name}' holds no images; expected {', '.join(IMAGES)}."


def _is_image(file: Path) -> bool:
    return file.suffix.lower() in IMAGES and not file.name.startswith(".")


def _natural(file: Path) -> list[tuple[int, str]]:
    """Order of names by their numbers: `frame2` before `frame10`."""
    parts = re.split(r"(\d+)", file.name.casefold())
    return [(int(p), "") if p.isdecimal() else (0, p) for p in parts]


def _numbers(stem: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", stem))


def _family(file: Path) -> str:
    """A name without its numbers; empty for one that has none."""
    family = re.sub(r"\d+", "#", file.stem.casefold())
    return family if "#" in family else ""


def _one_kind(images: Sequence[Path], name: str) -> tuple[list[Path], list[str]]:
    """The images whose names differ in their numbers alone, and what else there is.

    Raises:
        UserError: Several kinds may be the frames.
    """
    families: dict[str, list[Path]] = {}
    for file in images:
        families.setdefault(_family(file), []).append(file)
    if len(families) == 1:
        strange = _words(next(iter(families))) & _NO_PICTURES
        return list(images), [_no_pictures(images)] if strange else []
    most = max(len(files) for files in families.values())
    frames = {f: files for f, files in families.items() if f and (len(files) > 1 or most < 4)}
    colour = [family for family in frames if _words(family) & _COLOUR - _NOT_COLOUR]
    colour = [family for family in colour if not _words(family) & _NOT_COLOUR]
    left = [family for family in frames if not _words(family) & _NOT_COLOUR]
    chosen = next((c for c in (list(frames), colour, left) if len(c) == 1), None)
    if chosen is None:
        listed = ", ".join(f"{_shown(files)} ({len(files)})" for files in families.values())
        raise UserError(
            f"The folder '{name}' holds images of several kinds: {listed}. Leave only the frames "
            f"of one clip in it."
        )
    rest = [files for family, files in families.items() if family != chosen[0]]
    passed = ", ".join(_shown(files) for files in rest[:4]) + ("" if len(rest) <= 4 else ", …")
    return families[chosen[0]], [
        f"The {len(families[chosen[0]])} images named like {_shown(families[chosen[0]])} are the "
        f"frames; other images ({passed}: {sum(map(len, rest))}) are passed over."
    ]


def _no_pictures(images: Sequence[Path]) -> str:
    return (
        f"By their names ({_shown(images)}) these are no pictures of a camera; they are given to "
        f"the network as they are."
    )


def _words(family: str) -> set[str]:
    return set(re.split(r"[^a-z]+", family))


def _shown(files: Sequence[Path]) -> str:
    return f"'{min(files, key=_natural).name}'"


def _steps(
    numbers: Sequence[tuple[int, ...]], name: str, files: Sequence[Path]
) -> tuple[Float[np.ndarray, " n"], list[str]]:
    """When each image was taken, in steps of the sequence, and a sentence on what is missing.

    Raises:
        UserError: The images are those of several sequences, or two have the same number.
    """
    even = np.arange(len(numbers), dtype=np.float64)
    if len(numbers) < 2 or not numbers[0]:
        return even, []
    columns = list(zip(*numbers, strict=True))
    counting = [column for column in columns if len(set(column)) == len(column)]
    if len(set(numbers)) < len(numbers):
        twice = [i for i, count in Counter(numbers).items() if count > 1]
        alike = [f"'{f.name}'" for f, n in zip(files, numbers, strict=True) if n == twice[0]]
        raise UserError(
            f"The folder '{name}' has images with the same number: {' and '.join(alike[:2])}. "
            f"Leave only the frames of one clip in it."
        )
    if not counting:
        if len(columns) >= 5:  # date and time of day
            return even, []
        raise UserError(_several(numbers, name, files))
    count = np.array(counting[-1], dtype=np.float64)
    apart = np.diff(count)
    if (apart < 0).any():
        raise UserError(_several(numbers, name, files))
    step, often = Counter(apart.tolist()).most_common(1)[0]
    if 2 * often <= len(apart) or (apart % step).any():
        return even, []
    steps = (count - count[0]) / step
    return steps, _gaps(count, step)


def _several(numbers: Sequence[tuple[int, ...]], name: str, files: Sequence[Path]) -> str:
    first = files[0]
    other = next(
        (f for f, n in zip(files, numbers, strict=True) if n[:-1] != numbers[0][:-1]), files[-1]
    )
    return (
        f"The folder '{name}' holds more than one sequence, such as those of '{first.name}' and "
        f"'{other.name}'; leave only the frames of one clip in it."
    )


def _gaps(count: Float[np.ndarray, " n"], step: float) -> list[str]:
    """A sentence on the numbers that are missing, if any are."""
    ends = [(a + step, b - step) for a, b in pairwise(count) if b - a > step]
    if not ends:
        return []
    missing = sum(int((b - a) / step) + 1 for a, b in ends)
    ranges = [f"{a:.0f}" if a == b else f"{a:.0f} to {b:.0f}" for a, b in ends[:3]]
    more = "" if len(ends) <= 3 else " and more"
    verb = "image is" if missing == 1 else "images are"
    return [
        f"{missing} {verb} missing in the sequence: {', '.join(ranges)}{more}. Times go by the "
        f"numbers."
    ]
