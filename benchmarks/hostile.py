"""Damaged files through the front door: frames or a sentence, within the limits, never more.

    python benchmarks/hostile.py [files] [seed]

Numbered films in many containers are damaged in many ways: bits flipped, pieces cut out, doubled,
moved or zeroed, ends cut off, numbers in headers made absurd. Each is read by `read_clip`, as the
app reads an upload. Told are frames with times that are not finite, negative, falling or far
beyond what the file's frames can last, false sentences, decoders that crashed, and limits that were
met. 1,000 files take about ten minutes on two cores.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # the project comes first

from tam_viz.types import Clip, UserError
from tam_viz.video.clip import read_clip
from tests.video.makers import SPEC
from tests.video.mutants import mutant
from tests.video.numbered import FORMS, film

LONGEST_S = 3600.0
"""A damaged film of 40 frames cannot honestly be said to last longer."""


def wrong(clip: Clip) -> str:
    """The absurdity of a clip, in words; empty if there is none."""
    times = clip.times_s[np.argsort(clip.frame_indices, kind="stable")]
    if not np.isfinite(times).all() or not np.isfinite(clip.duration_s):
        return "a time that is not finite"
    if (times < 0).any() or (np.diff(times) < 0).any():
        return "times that are negative or fall"
    if not 0 < clip.duration_s <= LONGEST_S or times.max() > clip.duration_s:
        return f"a length of {clip.duration_s:g} s"
    if not 0 < clip.video_frames <= 400:
        return f"{clip.video_frames} frames"
    return ""


def main() -> int:
    """Prints what came of every file that is not as it should be, and a table."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    rng = np.random.default_rng(seed)
    table: Counter[str] = Counter()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        wholes = {
            name: film(Path(folder) / f"{i}.{form.ending}", form).read_bytes()
            for i, (name, form) in enumerate(FORMS.items())
        }
        for number in range(files):
            form = list(FORMS)[number % len(FORMS)]
            path = Path(folder) / f"mutant.{FORMS[form].ending}"
            path.write_bytes(mutant(wholes[form], rng))
            began = time.monotonic()
            try:
                clip = read_clip(path, SPEC)
                absurd = wrong(clip)
                outcome = "read, with a notice of damage" if _damage(clip) else "read"
            except UserError as error:
                absurd, outcome = "", _kind(str(error))
                if outcome in _SUSPECT:
                    absurd = str(error)
            table[outcome] += 1
            took = time.monotonic() - began
            if absurd or took > 20:
                bad += 1
                print(f"{number} ({form}, {took:.1f} s): {absurd}", flush=True)
    print(f"{files} files of {len(FORMS)} forms, seed {seed}: {bad} not as they should be")
    for outcome, count in table.most_common():
        print(f"| {outcome} | {count} |")
    return bad > 0


_SUSPECT = ("the decoder crashed", "time", "memory", "an error of the program")


def _damage(clip: Clip) -> bool:
    return any("damaged or cut short" in notice for notice in clip.notices)


def _kind(sentence: str) -> str:
    for part, kind in (
        ("crashed", _SUSPECT[0]),
        ("could not be decoded within", _SUSPECT[1]),
        ("GiB of memory", _SUSPECT[2]),
        ("ended with an error of the program", _SUSPECT[3]),
        ("ended the decoding", _SUSPECT[2]),
        ("can be decoded; the file is damaged", "no frame"),
        ("is not a video", "not a video"),
        ("cannot be decoded (", "not opened"),
        ("no video stream", "no video stream"),
    ):
        if part in sentence:
            return kind
    return sentence


if __name__ == "__main__":
    sys.exit(main())
