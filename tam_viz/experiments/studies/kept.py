"""Arrays kept on disk by what they depend on: in the project's folder, then in the user's cache.

A file that is damaged is as if it were not there, and a folder that cannot be written to keeps
nothing: what is kept saves time and decides nothing.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import safetensors
from safetensors.torch import save_file
from torch import Tensor

from tam_viz.files import replacing
from tam_viz.models.cards import OWN
from tam_viz.motionpairs.pool import cache_folder

LOG = logging.getLogger(__name__)
SHIPPED = OWN / "references"
MOST_BYTES = 256 << 20
"""Of all files in the cache together; the longest unused go first."""


def digest(parts: Iterable[object]) -> str:
    """A name for what depends on these parts and on nothing else."""
    whole = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        whole.update(hashlib.sha256(data).digest())
    return whole.hexdigest()[:32]


def recall(name: str) -> dict[str, Tensor] | None:
    """The arrays kept under a name; None if there are none."""
    for path in (SHIPPED / f"{name}.safetensors", _path(name)):
        try:
            with safetensors.safe_open(path, "pt") as file:
                arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            if path.parent != SHIPPED:
                now = time.time_ns()  # finer than the clock by which files are dated
                os.utime(path, ns=(now, now))
        except (OSError, safetensors.SafetensorError):
            continue
        return arrays
    return None


def keep(name: str, arrays: Mapping[str, Tensor], folder: Path | None = None) -> None:
    """Writes arrays under a name, whole or not at all; by default into the user's cache."""
    path = _path(name) if folder is None else folder / f"{name}.safetensors"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {key: array.detach().cpu().contiguous() for key, array in arrays.items()}
        with replacing(path) as partial:
            save_file(whole, partial)
        if folder is None:
            _shorten(path.parent)
    except OSError as error:
        LOG.info("nothing is kept in %s: %s", path.parent, error)


def _path(name: str) -> Path:
    return cache_folder() / "references" / f"{name}.safetensors"


def _shorten(folder: Path) -> None:
    files = [(path.stat(), path) for path in folder.glob("*.safetensors")]
    size = sum(status.st_size for status, _ in files)
    for status, path in sorted(files, key=lambda file: file[0].st_mtime_ns):
        if size <= MOST_BYTES:
            break
        path.unlink(missing_ok=True)
        size -= status.st_size
