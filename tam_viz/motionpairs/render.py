"""From a scene to pixels, at any size and any moments.

Pillow does the affine warps and the compositing; noise comes from a pool, because drawing a
normal number for every pixel would cost more than everything else together.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int16, UInt8
from PIL import Image

from tam_viz.motionpairs import textures
from tam_viz.motionpairs.motions import Track
from tam_viz.motionpairs.scene import Scene

_MARGIN = 0.22
"""Background beyond each edge of the frame, in frame widths; more than the camera ever moves
to one side."""


def render(scene: Scene, u: Float[np.ndarray, " t"], size: int) -> UInt8[np.ndarray, "t s s 3"]:
    """Draws the scene at times `u` in [0, 1] as RGB frames of `size` pixels a side."""
    phase = 1 - u if scene.backwards else u
    camera = scene.camera(phase)
    backdrop = _backdrop(scene, size)
    frames = [_view(backdrop, shift, size) for shift in camera]
    for track, index in zip(scene.tracks, scene.sprites, strict=True):
        poses = scene.poses(track, phase)
        stamp = _stamp(scene.pool, track, index, poses[:, 2].mean() * 2 * size)
        for frame, (x, y, half, angle), shift in zip(frames, poses, camera, strict=True):
            _paste(frame, stamp, (x + shift[0]) * size, (y + shift[1]) * size, half * size, angle)
    return _expose(np.stack([np.asarray(frame) for frame in frames]), scene)


def coverage(scene: Scene, u: Float[np.ndarray, " t"], size: int) -> Float[np.ndarray, "t s s"]:
    """Where what moves in the event is seen at times `u`: 1 on it, 0 beside it or behind a box."""
    phase = 1 - u if scene.backwards else u
    camera = scene.camera(phase)
    frames = [Image.new("RGB", (size, size)) for _ in u]
    for track, index in zip(scene.tracks, scene.sprites, strict=True):
        poses = scene.poses(track, phase)
        stamp = _stamp(scene.pool, track, index, poses[:, 2].mean() * 2 * size)
        shown = track.what == "object" and not track.drifts
        flat = Image.new("RGB", stamp.size, "white" if shown else "black")
        flat.putalpha(stamp.getchannel("A"))
        for frame, (x, y, half, angle), shift in zip(frames, poses, camera, strict=True):
            _paste(frame, flat, (x + shift[0]) * size, (y + shift[1]) * size, half * size, angle)
    covered: np.ndarray = np.stack([np.asarray(frame)[..., 0] for frame in frames]) / 255.0
    return covered


def _backdrop(scene: Scene, size: int) -> Image.Image:
    texture = textures.background(scene.pool, scene.background)
    side = math.ceil(size * (1 + 2 * _MARGIN))
    flat = texture.resize((1, 1), Image.Resampling.BOX).resize(texture.size)
    faded = Image.blend(flat, texture, scene.contrast)
    return faded.resize((side, side), Image.Resampling.BILINEAR)


def _view(backdrop: Image.Image, shift: Float[np.ndarray, 2], size: int) -> Image.Image:
    corner = _MARGIN * size - shift * size
    window = (corner[0], corner[1], corner[0] + size, corner[1] + size)
    return backdrop.resize((size, size), Image.Resampling.BILINEAR, box=window)


def _stamp(pool: int, track: Track, index: int, wanted_px: float) -> Image.Image:
    """The sprite near the size at which it will be seen, so that bilinear warps do not alias."""
    master = textures.occluder() if track.what == "occluder" else textures.sprite(pool, index)
    side = min(master.width, max(4, math.ceil(wanted_px * 1.15)))
    return master.resize((side, side), Image.Resampling.BOX)


def _paste(
    frame: Image.Image, stamp: Image.Image, x: float, y: float, half: float, angle: float
) -> None:
    """Draws `stamp` with half side `half` pixels, turned by `angle`, centred on (x, y)."""
    reach = math.ceil(half * (abs(math.cos(angle)) + abs(math.sin(angle)))) + 1
    left, top = math.floor(x) - reach, math.floor(y) - reach
    side = 2 * reach + 1
    scale = stamp.width / (2 * half)
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    dx, dy = left - x, top - y
    centre = stamp.width / 2
    to_stamp = (cos, sin, centre + cos * dx + sin * dy, -sin, cos, centre - sin * dx + cos * dy)
    patch = stamp.transform(
        (side, side), Image.Transform.AFFINE, to_stamp, Image.Resampling.BILINEAR
    )
    frame.paste(patch, (left, top), patch)


@lru_cache(maxsize=1)
def _noise_pool() -> Int16[np.ndarray, " n"]:
    """Standard normal noise times 1024, shared by all clips, each at an offset of its own."""
    rng = np.random.default_rng(20211011)
    return (rng.standard_normal(1 << 20) * 1024).astype(np.int16)


def _expose(frames: UInt8[np.ndarray, "t s s 3"], scene: Scene) -> UInt8[np.ndarray, "t s s 3"]:
    """Gain, flicker and noise of the camera."""
    rng = np.random.default_rng(scene.noise_seed)
    gains = scene.gain + scene.flicker * rng.standard_normal(len(frames))
    exposed = frames * gains.astype(np.float32)[:, None, None, None]
    pool = _noise_pool()
    starts = rng.integers(pool.size, size=len(frames))
    pixels = frames[0].size
    for i, start in enumerate(starts):
        grain = np.take(pool, np.arange(start, start + pixels), mode="wrap")
        exposed[i] += grain.reshape(exposed[i].shape) * np.float32(255 * scene.noise / 1024)
    return np.clip(exposed, 0, 255, out=exposed).astype(np.uint8)
