"""The clips of a finding, read from what a stranger says of them.

What a file says of its pixels cannot be trusted, so a clip gets an id of its own content: results
are cached by the id, for all visitors.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zipfile
from typing import get_args

import numpy as np

from tam_viz.findings.finding import ROLES, Kept
from tam_viz.findings.json_fields import Fields, MalformedError
from tam_viz.findings.zip_members import array
from tam_viz.types import Average, Clip, Generation, InputSpec, Sampling, Toolkit, Truth


def read_spec(item: Fields) -> InputSpec:
    """What a network is given.

    Raises:
        MalformedError: A field is not what it must be.
    """
    red, green, blue = item.numbers("mean", 3)
    spread = item.numbers("std", 3)
    if min(spread) <= 0:
        raise MalformedError(f"std of {item.where} must be above 0")
    sampling: tuple[Sampling, ...] = get_args(Sampling)
    toolkit: tuple[Toolkit, ...] = get_args(Toolkit)
    average: tuple[Average, ...] = get_args(Average)
    return InputSpec(
        frames=item.whole("frames", 1, 256),
        resize=item.whole("resize", 1, 4096),
        size=item.whole("size", 8, 1024),
        mean=(red, green, blue),
        std=(spread[0], spread[1], spread[2]),
        sampling=item.choice("sampling", sampling),
        views=item.whole("views", 1, 100),
        interval=item.whole("interval", 1, 1000),
        crops=item.whole("crops", 1, 10),
        toolkit=item.choice("toolkit", toolkit),
        average=item.choice("average", average),
        stretch=item.whole("stretch", 0, 4096),
    )


def read_kept(item: Fields, arrays: zipfile.ZipFile) -> Kept:
    """A clip with its frames.

    Raises:
        MalformedError: A field is not what it must be, or the frames are not there.
    """
    spec = read_spec(item.record("input"))
    shape = (spec.frames, spec.size, spec.size, 3)
    pixels = array(arrays, f"{item.text('arrays')}/frames", shape, np.uint8)
    crop = item.maybe("crop", lambda name: item.wholes(name, 6, -(1 << 16), 1 << 16))
    view = item.whole("view", 0, spec.all_views - 1)
    clip = Clip(
        id="",
        frames=pixels,
        frame_indices=np.array(item.wholes("frame_indices", spec.frames, 0, 1 << 31), np.int64),
        times_s=np.array(item.numbers("times_s", spec.frames), np.float64),
        source=item.text("source", 300),
        video_frames=item.whole("video_frames", 0, 1 << 31),
        duration_s=item.number("duration_s"),
        notices=item.texts("notices", 32, 1000),
        truth=item.maybe("truth", lambda name: _truth(item.record(name))),
        crop=None if crop is None else (crop[0], crop[1], crop[2], crop[3], crop[4], crop[5]),
        mirrored=item.flag("mirrored"),
        reader=item.maybe("reader", item.text) or "",  # older findings do not have it
    )
    roles = tuple(role for role in ROLES if role in item.texts("roles", len(ROLES)))
    return Kept(
        clip=dataclasses.replace(clip, id=_content(clip, spec, view)),
        spec=spec,
        view=view,
        roles=roles,
        video_sha256=item.text("video_sha256", 64),
        origin=item.text("id"),
    )


def _content(clip: Clip, spec: InputSpec, view: int) -> str:
    """Hash of all that is said of a clip, and of its pixels."""
    content = [dataclasses.asdict(spec), view, clip.source, clip.video_frames, clip.duration_s]
    content += [clip.notices, clip.crop, clip.mirrored, clip.frame_indices.tolist()]
    content += [clip.reader] if clip.reader else []
    content += [
        clip.times_s.tolist(),
        None if clip.truth is None else dataclasses.asdict(clip.truth),
    ]
    digest = hashlib.sha256(json.dumps(content).encode())
    digest.update(clip.frames.tobytes())
    return digest.hexdigest()[:32]


def _truth(item: Fields) -> Truth:
    event = item.maybe("event_s", lambda name: item.numbers(name, 2))
    return Truth(
        label=item.text("label"),
        event_s=None if event is None else (event[0], event[1]),
        generation=item.maybe("made", lambda name: _generation(item.record(name))),
        visitors=item.maybe("visitors", item.flag) or False,
    )


def _generation(item: Fields) -> Generation:
    right, down = item.numbers("camera", 2)
    return Generation(item.number("speed"), (right, down), item.number("difficulty"))
