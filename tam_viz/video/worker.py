"""The decoding process: reads requests, decodes within limits, answers.

A file from a stranger may crash the decoder, hang it or make it eat all memory; here it takes
nothing else with it. Run as `python -m tam_viz.video.worker` by `tam_viz.video.pool`: one line
of JSON on standard input for each request, one answer (`wire`) on standard output; it ends with
its input.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tam_viz.types import InputSpec, UserError
from tam_viz.video.views import cut_views
from tam_viz.video.wire import Reply, send

NO_MEMORY = 4
"""Exit code where not even an answer could be written."""


GROWN = 512 << 20
"""Bytes of address space, beyond those at the start, with which no further file is taken."""

LEAST = 32 << 20
"""Bytes of address space that no file does without.

With fewer than these left, not even the stack can grow, and the system ends a process whose stack
cannot grow by the same signal as one that has a fault."""


@dataclass(frozen=True)
class Request:
    """A request to the decoding process: one view, or all of them for None.

    `fps` is that of a folder of images, where it is given.
    """

    path: str
    name: str
    spec: InputSpec
    view: int | None
    memory_bytes: int
    fps: float | None = None

    def line(self) -> bytes:
        """As it goes to the decoding process."""
        return json.dumps(dataclasses.asdict(self)).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Request:
        """Reads what `line` wrote."""
        data = json.loads(line)
        return cls(**{**data, "spec": InputSpec(**data["spec"])})


def serve(request: Request) -> Reply:
    """Decodes what a request asks for; every lack of memory on the way is told as one."""
    try:
        limit_memory(request.memory_bytes)
        return cut_views(request.path, request.name, request.spec, request.view, request.fps)
    except UserError as error:
        return Reply("refused", str(error))
    except MemoryError:
        return Reply("memory")
    except ImportError as error:
        if "failed to map" not in str(error):
            raise
        return Reply("memory")  # a library that is loaded late did not fit


def limit_memory(limit: int) -> None:
    """Lets the process have so many bytes of address space, where the system can.

    Raises:
        MemoryError: It has so many already, or nearly.
    """
    if _address_space() + LEAST > limit:
        raise MemoryError
    try:
        import resource  # noqa: PLC0415  # Unix only
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def _address_space() -> int:
    """Bytes of it that the process has; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    """Serves requests until standard input ends, or until files have left much memory taken."""
    answers, begun = os.fdopen(os.dup(1), "wb"), _address_space()
    os.dup2(2, 1)  # whatever a decoder prints must not mix with the answer
    try:
        with answers:
            for number, line in enumerate(sys.stdin.buffer):
                send(answers, serve(Request.parse(line)))
                gc.collect()  # a container and its streams hold each other, threads and all
                if number == 0:
                    gc.freeze()  # modules stay; looking them through takes as long as decoding
                if _address_space() - begun > GROWN:
                    break  # the next file is to have as much memory as this one had
    except MemoryError:
        os._exit(NO_MEMORY)
    return 0


if __name__ == "__main__":
    sys.exit(main())
