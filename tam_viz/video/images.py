"""Reading chosen frames of a folder of images, by Pillow.

This runs in the decoding process only (`worker`), which has limits on time and memory.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL
from jaxtyping import Shaped
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from tam_viz.types import UserError
from tam_viz.video.frames import MAX_PIXELS, Choose, Frames, Prepare
from tam_viz.video.image_sequence import image_sequence

_FORMATS = ("JPEG", "MPO", "PNG", "BMP", "DIB", "WEBP", "TIFF", "PPM", "TGA", "JPEG2000", "AVIF")
_BITS = (8, 10, 12, 14, *range(16, 33))
_PICTURES = "pictures"
"""Key in `info` of an image: how many pictures its file holds."""

_WITH_EXTRAS = ("JPEG", "MPO")
"""What phones write has a small or a second picture beside the one that was taken."""

_LOOKED_AT = 16
"""Images that the range of numbers is taken from."""

_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


def read_images(
    folder: Path,
    name: str,
    choose: Choose,
    prepare: Prepare = lambda image: image,
    *,
    fps: float | None = None,
) -> Frames:
    """Reads a folder of images as a video, in the natural order of their names.

    Images are turned as their EXIF orientation says. Transparent parts are black. Numbers of more
    than 8 bits are scaled so that the range of the folder goes from black to white.

    Args:
        folder: The folder.
        name: What to call it in a sentence.
        choose: Which frames of so many are wanted.
        prepare: Makes an image small; only what it returns is kept in memory.
        fps: Images per second; see `image_sequence`.

    Raises:
        UserError: The folder holds no sequence of images, or one of those wanted cannot be read.
    """
    sequence = image_sequence(folder, name, fps)
    indices = choose(len(sequence.files))
    levels = Levels(sequence.files)
    images: dict[int, Image.Image] = {}
    sizes: list[tuple[int, int]] = []
    for index in np.unique(indices):
        image = levels.read(sequence.files[index])
        sizes.append(image.size)
        images[int(index)] = prepare(image)
    return Frames(
        [images[int(i)] for i in indices],
        indices,
        sequence.times_s[indices],
        len(sequence.files),
        sequence.duration_s,
        (*sequence.notices, *_mixed(sizes), *levels.notices),
        f"Pillow {PIL.__version__}",
    )


def _mixed(sizes: Sequence[tuple[int, int]]) -> list[str]:
    """A sentence on images of several sizes, if there are any."""
    distinct = sorted(set(sizes))
    if len(distinct) < 2:
        return []
    first, last = (f"{width}×{height}" for width, height in (distinct[0], distinct[-1]))
    return [
        f"The images differ in size ({first} and {last} among them); each is resized and cropped "
        f"by its own."
    ]


class Levels:
    """Images of one folder in RGB of 0 to 255, and what was done to bring them there."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._white: float | None = None
        self._said: dict[str, None] = {}

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences on what was done, each once."""
        return tuple(self._said)

    def read(self, path: Path) -> Image.Image:
        """An image, upright, in RGB.

        Raises:
            UserError: It cannot be read.
        """
        image = _upright(path)
        if image.info[_PICTURES] > 1:
            self._said["The images hold several pictures each; the first one of each is taken."] = (
                None
            )
        if image.mode.startswith(("I", "F")):
            return self._scaled(image, path)
        if image.has_transparency_data:
            image = image.convert("RGBA")
            if np.asarray(image)[..., 3].min() < 255:
                self._said["Transparent parts of the images are shown black."] = None
            black = Image.new("RGBA", image.size, (0, 0, 0, 255))
            return Image.alpha_composite(black, image).convert("RGB")
        try:
            return _from_print(image) if image.mode == "CMYK" else image.convert("RGB")
        except ValueError as error:
            raise _unreadable(path, error) from error

    def _scaled(self, image: Image.Image, path: Path) -> Image.Image:
        """One channel of large or fractional numbers, its range of the whole folder."""
        values = np.asarray(image)
        if image.mode == "F":
            if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
                raise _unreadable(path, "its fractions do not lie between 0 and 1")
            self._said["The images hold fractions; 0 to 1 are shown as black to white."] = None
            white = 1.0
        else:
            white = self._white = self._white or self._range()
            if values.min() < 0:
                raise _unreadable(path, "it holds numbers below 0")
        grey = np.clip(np.rint(values * (255.0 / white)), 0, 255).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")

    def _range(self) -> float:
        """The number that is white: of the smallest number of bits that holds what is there."""
        spread = np.unique(np.linspace(0, len(self._files) - 1, _LOOKED_AT).astype(int))
        largest = max(_largest(self._files[i]) for i in spread)
        bits = next(bits for bits in _BITS if largest < 1 << bits)
        white = (1 << bits) - 1
        self._said[
            f"The images hold numbers of more than 8 bits, the largest found is {largest}; 0 to "
            f"{white} ({bits} bits) are shown as black to white."
        ] = None
        return float(white)


def _largest(path: Path) -> int:
    values: Shaped[np.ndarray, ...] = np.asarray(_upright(path))
    return int(values.max())


def _upright(path: Path) -> Image.Image:
    """An image as it is stored, turned as its EXIF orientation says.

    Raises:
        UserError: It cannot be read, or is too large.
    """
    Image.init()
    try:
        with Image.open(path, formats=[f for f in _FORMATS if f in Image.OPEN]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UserError(
                    f"The image '{path.name}' has {image.width}×{image.height} pixels; at most "
                    f"{MAX_PIXELS // 1_000_000} million are read."
                )
            several = 1 if image.format in _WITH_EXTRAS else getattr(image, "n_frames", 1)
            image.load()
            image.info[_PICTURES] = several
            try:
                return ImageOps.exif_transpose(image)
            except (*_DAMAGE, KeyError, TypeError):  # damaged EXIF beside sound pixels
                return image.copy()
    except UnidentifiedImageError as error:
        raise _unreadable(path, "it is no image, whatever its name says") from error
    except _DAMAGE as error:
        raise _unreadable(path, error) from error


def _from_print(image: Image.Image) -> Image.Image:
    """CMYK in RGB, by the colour profile that came with it where there is one."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            converted = None  # no profile of inks
        if converted is not None:
            return converted
    return image.convert("RGB")


def _unreadable(path: Path, reason: object) -> UserError:
    return UserError(f"The image '{path.name}' cannot be read ({reason}).")
