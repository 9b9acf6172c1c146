"""Decoding processes that stay alive and are given one file after another.

Starting Python takes five times as long as decoding a clip. A process that answered with frames
waits for the next file; one that did anything else, or had its share of files, is replaced, so that
no file can leave anything to the next one but what an ordinary file leaves.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from io import BufferedIOBase
from typing import IO, cast

from tam_viz.video.wire import Reply, receive
from tam_viz.video.worker import Request

COMMAND = (sys.executable, "-m", "tam_viz.video.worker")
SPARING = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""Part of the environment of the decoding process: neither BLAS nor the C library is to reserve
address space for threads that need none; it would count as memory."""
FILES = 512
"""That one process is given."""
IDLE = 2
"""Processes that wait for files, at most."""
_TAIL, _GRACE_S = 2000, 5.0


@dataclass(frozen=True, eq=False)
class RequestOutcome:
    """The outcome of a request.

    Attributes:
        answer: None if the process ended before it gave one.
        code: Exit code of a process that ended, else 0.
        errors: The end of what it wrote on standard error.
        timed_out: Whether it was ended because its time was over.
    """

    answer: Reply | None
    code: int = 0
    errors: bytes = b""
    timed_out: bool = False


class Decoder:
    """One decoding process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **SPARING},
        )
        self._errors, self._tail = self._process.stderr, b""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.files, self.pid = 0, self._process.pid

    def ask(self, request: Request, seconds: float) -> RequestOutcome:
        """The answer to one request; the process ends if it takes longer than so many seconds."""
        over = threading.Event()

        def end() -> None:
            over.set()
            self._process.kill()

        timer = threading.Timer(seconds, end)
        timer.start()
        self.files += 1
        try:
            answer = self._answer(request)
        finally:
            timer.cancel()
        if answer is not None:
            return RequestOutcome(answer)
        self.close(_GRACE_S)
        return RequestOutcome(None, self._process.returncode, self._tail, over.is_set())

    def _answer(self, request: Request) -> Reply | None:
        asks, answers = cast("tuple[IO[bytes], IO[bytes]]", self._pipes())
        try:
            asks.write(request.line())
            asks.flush()
            return receive(cast("BufferedIOBase", answers))
        except (OSError, ValueError):  # it has ended
            return None

    def alive(self) -> bool:
        """Whether it can be given another file."""
        return self._process.poll() is None

    def close(self, grace_s: float = 0.0) -> None:
        """Ends the process, if it does not end by itself within so many seconds."""
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        for pipe in (*self._pipes(), self._errors):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was written is not read any more
                    continue

    def _pipes(self) -> tuple[IO[bytes] | None, IO[bytes] | None]:
        return self._process.stdin, self._process.stdout

    def _listen(self) -> None:
        """Keeps the end of what the process writes on standard error, and reads all of it."""
        if self._errors is None:
            return
        while part := os.read(self._errors.fileno(), 1 << 16):
            self._tail = (self._tail + part)[-_TAIL:]


class DecoderPool:
    """Decoding processes that wait for files; several may be at work at once."""

    def __init__(self) -> None:
        self._lock, self._idle, self._owner = threading.Lock(), list[Decoder](), os.getpid()
        self._ready = False
        atexit.register(self.close)

    def ask(self, request: Request, seconds: float) -> RequestOutcome:
        """The answer of a process that waits, or of a new one."""
        decoder = self._taken()
        fresh = decoder.files == 0
        try:
            outcome = decoder.ask(request, seconds)
        except BaseException:
            decoder.close()
            raise
        if not fresh and outcome.answer is None and outcome.code == 0 and not outcome.timed_out:
            return self.ask(request, seconds)  # it had ended by itself before it was asked
        self._give_back(decoder, outcome)
        return outcome

    def warm(self) -> None:
        """Starts a process that waits, and from now on another one in place of each that ends."""
        self._ready = True
        with self._lock:
            if not self._idle:
                self._idle.append(Decoder())

    def waiting(self) -> list[int]:
        """Numbers of the processes that wait."""
        with self._lock:
            return [decoder.pid for decoder in self._idle]

    def close(self) -> None:
        """Ends the processes that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        if self._owner == os.getpid():  # else they are those of the process that was forked
            for decoder in idle:
                decoder.close()

    def _taken(self) -> Decoder:
        with self._lock:
            if self._owner != os.getpid():
                self._idle, self._owner = [], os.getpid()
            while self._idle:
                decoder = self._idle.pop()
                if decoder.alive():
                    return decoder
                decoder.close()
        return Decoder()

    def _give_back(self, decoder: Decoder, outcome: RequestOutcome) -> None:
        ordinary = outcome.answer is not None and outcome.answer.kind == "frames"
        if ordinary and decoder.files < FILES and decoder.alive():
            with self._lock:
                if len(self._idle) < IDLE:
                    self._idle.append(decoder)
                    return
        decoder.close()
        if self._ready:
            self.warm()


POOL = DecoderPool()
