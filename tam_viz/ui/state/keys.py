"""Keys of arguments in Streamlit's caches: ids, not contents.

Clips and means hold arrays, which take milliseconds to hash; their ids stand for them. `KEYS` is
the `hash_funcs` of every cached function that is given one of these.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tam_viz.analysis.bench.answers import Answers
from tam_viz.findings.source import FindingSource
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.types import Clip, Edit, Mean
from tam_viz.video.library import VideoFile


def _of_edit(edit: Edit) -> tuple[object, ...]:
    donor = None if edit.donor is None else edit.donor.id
    given = None if edit.given is None else edit.given.id
    return edit.block, edit.target, edit.op, edit.channels, donor, edit.seed, given


def _of_file(path: Path) -> tuple[str, int]:
    """A file is another one when it changes; of a folder, when files come and go."""
    return str(path), path.stat().st_mtime_ns if path.exists() else 0


KEYS: dict[str | type[Any], Callable[[Any], Any]] = {
    Answers: lambda answers: answers.sha256,
    Clip: lambda clip: clip.id,
    DrawnClip: lambda source: source.key,
    Edit: _of_edit,
    FindingSource: lambda source: source.key,
    Mean: lambda mean: mean.id,
    VideoFile: lambda source: source.key,
    type(Path()): _of_file,
}
