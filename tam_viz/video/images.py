"""Reading chosen frames of a folder of images, by Pillow.

This runs in the decoding process only (`worker`), which has limits on time and memory.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from PIL import Image

from tam_viz.types import UserError
from tam_viz.video.frames import MAX_PIXELS, Choose, Frames

IMAGE_FPS = 25.0
_IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm")


def read_images(folder: Path, name: str, choose: Choose) -> Frames:
    """Reads a folder of images as a video, in the natural order of their names.

    Raises:
        UserError: The folder holds no images, or one of those wanted cannot be read.
    """
    files = image_files(folder)
    if not files:
        raise UserError(f"The folder '{name}' holds no images; expected {', '.join(_IMAGES)}.")
    indices = choose(len(files))
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    images = {int(i): _image(files[i]) for i in np.unique(indices)}
    notice = f"Images carry no clock; {IMAGE_FPS:.0f} per second are assumed."
    return Frames(
        [images[int(i)] for i in indices],
        indices,
        indices / IMAGE_FPS,
        len(files),
        len(files) / IMAGE_FPS,
        (notice,),
    )


def image_files(folder: Path) -> list[Path]:
    """The images in a folder, `frame2` before `frame10`."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in _IMAGES and path.is_file()]
    return sorted(
        found, key=lambda p: [int(s) if s.isdecimal() else s for s in re.split(r"(\d+)", p.name)]
    )


def _image(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, Image.DecompressionBombError, SyntaxError) as error:
        raise UserError(f"The image '{path.name}' cannot be read ({error}).") from error
