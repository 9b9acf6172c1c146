"""The clips of a finding, read from what a stranger says of them.

What a file says of its pixels cannot be trusted, so a clip gets an id of its own content: results
are cached by the id, for all visitors.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zipfile

import numpy as np

from tam_viz.findings.finding import ROLES, KeptClip
from tam_viz.findings.record import ClipRecord, TruthRecord
from tam_viz.findings.zip_members import array
from tam_viz.types import Clip, InputSpec, Truth


def read_kept(item: ClipRecord, arrays: zipfile.ZipFile) -> KeptClip:
    """A clip with its frames.

    Raises:
        MalformedError: The frames are not there, or others.
    """
    spec = item.input
    shape = (spec.frames, spec.size, spec.size, 3)
    clip = Clip(
        id="",
        frames=array(arrays, f"{item.arrays}/frames", shape, np.uint8),
        frame_indices=np.array(item.frame_indices, np.int64),
        times_s=np.array(item.times_s, np.float64),
        source=item.source,
        video_frames=item.video_frames,
        duration_s=item.duration_s,
        notices=item.notices,
        truth=None if item.truth is None else _truth(item.truth),
        crop=item.crop,
        mirrored=item.mirrored,
        reader=item.reader,
    )
    return KeptClip(
        clip=dataclasses.replace(clip, id=_content(clip, spec, item.view)),
        spec=spec,
        view=item.view,
        roles=tuple(role for role in ROLES if role in item.roles),
        video_sha256=item.video_sha256,
        origin=item.id,
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


def _truth(item: TruthRecord) -> Truth:
    return Truth(item.label, item.event_s, item.made, item.visitors)
