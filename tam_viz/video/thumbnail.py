"""A clip as a small moving picture."""

from __future__ import annotations

import io

from PIL import Image

from tam_viz.types import InputSpec, Source

_SPEC = InputSpec(frames=12, resize=96, size=96)
_FRAME_MS, _QUALITY = 140, 70


def thumbnail(source: Source) -> bytes:
    """Twelve frames of a video, 96 pixels wide, as an animated WebP that plays for ever.

    Raises:
        UserError: The video cannot be read.
    """
    first, *rest = (Image.fromarray(frame) for frame in source.read(_SPEC).frames)
    buffer = io.BytesIO()
    first.save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=rest,
        duration=_FRAME_MS,
        loop=0,
        quality=_QUALITY,
    )
    return buffer.getvalue()
