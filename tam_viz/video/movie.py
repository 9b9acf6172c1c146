"""What a browser plays of a video: the file itself, or a small preview that is made of it.

The preview is made in a process of its own (`preview_worker`), as strangers' files are decoded.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Any, cast

from tam_viz.types import UserError
from tam_viz.video.containers import require_video
from tam_viz.video.preview_worker import PreviewRequest
from tam_viz.video.wire import Reply, receive

LOG = logging.getLogger(__name__)
_SECONDS, _GRACE_S = 20.0, 20.0
_MEMORY_BYTES = 4 << 30
Report = Callable[[float], None]
"""Is told the share that is done, in [0, 1]."""


@dataclass(frozen=True, eq=False)
class Movie:
    """A video for the player of a browser.

    Attributes:
        data: The file.
        media_type: Under which browsers know it.
        preview: Whether it was made because browsers do not play the file itself.
        seconds: Length of the preview.
        whole_s: Length of the video that it is made of.
    """

    data: bytes
    media_type: str
    preview: bool = False
    seconds: float = 0.0
    whole_s: float = 0.0


class Played(ABC):
    """A source of clips whose video is made ready for a player."""

    @abstractmethod
    def player(self, report: Report = lambda _: None) -> Movie | None:
        """What a browser plays of it; None where nothing can be had.

        Args:
            report: Told how far the making of a preview is.
        """

    def movie(self) -> tuple[bytes, str] | None:
        """The same as its bytes and their media type: the file itself, or a small preview."""
        shown = self.player()
        return None if shown is None else (shown.data, shown.media_type)


def describe_preview(shown: Movie) -> str:
    """Why a preview is shown, and how much of the video it holds."""
    part = ""
    if shown.whole_s - shown.seconds > 1.0:
        part = f" of its first {shown.seconds:.0f} s"
    return (
        f"Browsers do not play this file, so this is a small preview{part}. The networks see the "
        f"file itself."
    )


def movie(path: Path, name: str, report: Report = lambda _: None) -> Movie | None:
    """What a browser plays of a video file or a folder of images.

    Args:
        path: The file or folder.
        name: What to call it in the log.
        report: Told how far the making of a preview is.

    Returns:
        None where no frame of it can be shown.
    """
    try:
        if not path.is_dir():
            require_video(path, name)
    except UserError:
        return None
    request = PreviewRequest(str(path.absolute()), name, _SECONDS, _MEMORY_BYTES)
    answer = _ask(request, report)
    if answer is None or answer.kind != "movie":
        LOG.info("no preview of %s: %s", name, "ended" if answer is None else answer.text)
        return None
    fields = cast("dict[str, Any]", answer.fields)
    if not answer.arrays:
        return Movie(path.read_bytes(), fields["media_type"])
    data = answer.arrays["movie"].tobytes()
    return Movie(data, fields["media_type"], True, fields["seconds"], fields["whole_s"])


def _ask(request: PreviewRequest, report: Report) -> Reply | None:
    """The last answer of a process that has so long and no longer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tam_viz.video.preview_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    end = threading.Timer(request.seconds + _GRACE_S, process.kill)
    end.start()
    try:
        assert process.stdin is not None  # both are pipes
        assert process.stdout is not None
        with process.stdin, process.stdout:
            process.stdin.write(request.line())
            process.stdin.close()
            while (
                answer := receive(cast("BufferedIOBase", process.stdout))
            ) is not None and answer.kind == "progress":
                report(cast("float", answer.fields["share"]))
            return answer
    except (BrokenPipeError, ValueError):  # it ended before it answered
        return None
    finally:
        end.cancel()
        process.kill()
        process.wait()
