"""Files damaged at random, of all forms: frames with sane times or a sentence, never more."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tam_viz.video.pool import COMMAND, SPARING
from tam_viz.video.wire import Reply, receive
from tam_viz.video.worker import Request
from tests.video.makers import SPEC
from tests.video.mutants import KINDS, mutant
from tests.video.numbered import FORMS, film

EACH = 5
"""Mutants of every form; `benchmarks/hostile.py` makes as many as one wants."""


def answers_to(lines: list[bytes]) -> Iterator[Reply]:
    """What decoding processes answer; each takes up where the one before ended."""
    while lines:
        done = subprocess.run(
            COMMAND,
            env={**os.environ, **SPARING},
            input=b"".join(lines),
            capture_output=True,
            check=True,
            timeout=100,
        )
        stream, left = io.BytesIO(done.stdout), len(lines)
        while (answer := receive(stream)) is not None:
            lines = lines[1:]
            yield answer
        assert len(lines) < left, "a decoding process ended without an answer"


def test_mutants_of_every_form(tmp_path: Path) -> None:
    """A decoding process answers every file, or ends in good order once much memory is taken."""
    rng = np.random.default_rng(5)
    lines: list[bytes] = []
    for name, form in FORMS.items():
        whole = film(tmp_path / f"whole.{form.ending}", form).read_bytes()
        for number in range(EACH):
            path = tmp_path / f"{len(lines)}-{number}.{form.ending}"
            path.write_bytes(mutant(whole, rng))
            lines.append(Request(str(path), name, SPEC, None, 4 << 30).line())
    kinds = []
    for answer in answers_to(lines):
        kinds.append(answer.kind)
        if answer.kind != "frames":
            continue
        indices, times = answer.arrays["indices"].ravel(), answer.arrays["times_s"].ravel()
        times = times[np.argsort(indices, kind="stable")]
        duration, count = answer.fields["duration_s"], answer.fields["video_frames"]
        assert isinstance(duration, float)
        assert isinstance(count, int)
        assert (np.diff(times) >= 0).all()
        assert 0 <= times[0] <= times[-1] < duration < 3600
        assert 0 < count <= 80  # a piece may be doubled
        assert answer.arrays["pixels"].shape == (1, 8, 32, 32, 3)
    assert len(kinds) == len(lines)
    assert {"frames", "refused"} == set(kinds)


def test_every_kind_of_damage_changes_a_file() -> None:
    rng = np.random.default_rng(0)
    data = rng.bytes(4000)
    for kind in KINDS:
        assert kind(data, rng) != data
