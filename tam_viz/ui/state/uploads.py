"""Videos that visitors give: kept on disk under the hash of their bytes, within a limit.

The name that came with a file is only ever shown. The files are gone when the server ends.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import streamlit as st

from tam_viz.files import write_whole
from tam_viz.literal import visible
from tam_viz.video.library import VideoFile

LIMIT_BYTES = 4 << 30
"""All uploads of all visitors together; the oldest make room for new ones."""

PREFIX = "upload-"
"""How the keys of uploads begin."""

_KEY = "uploads"


@st.cache_resource(show_spinner=False)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="tam_viz-uploads-")


def mine() -> dict[str, VideoFile]:
    """The uploads of this visitor by key."""
    uploads: dict[str, VideoFile] = st.session_state.setdefault(_KEY, {})
    return uploads


def keep(name: str, data: bytes) -> str:
    """Stores an upload and returns its key."""
    key = f"{PREFIX}{hashlib.sha256(data).hexdigest()[:16]}"
    folder = Path(_folder().name)
    path = folder / key
    if not path.exists():
        _make_room(folder, len(data))
        write_whole(path, data)
    mine()[key] = VideoFile(visible(name), path)
    return key


def drop(key: str) -> None:
    """Forgets an upload that could not be read."""
    mine().pop(key).path.unlink(missing_ok=True)


def _make_room(folder: Path, wanted: int) -> None:
    oldest_first = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    used = sum(path.stat().st_size for path in oldest_first)
    while oldest_first and used + wanted > LIMIT_BYTES:
        gone = oldest_first.pop(0)
        used -= gone.stat().st_size
        gone.unlink(missing_ok=True)
