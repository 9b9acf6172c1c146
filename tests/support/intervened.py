"""A tiny network that is edited, and everything that can be drawn of that."""

from __future__ import annotations

from collections.abc import Callable

from tam_viz.analysis.edits.contrasts import Subject, subject_of
from tam_viz.analysis.edits.sweep import AS_IT_IS
from tam_viz.capture.run import run
from tam_viz.experiments.studies.sweep import all_edits, swaps, sweep, tempi
from tam_viz.experiments.studies.tam_off import tam_off
from tam_viz.models.engine import LoadedModel
from tam_viz.panels.edits import effect as panels
from tam_viz.panels.edits import sweep as sweep_panels
from tam_viz.panels.panel import Panel
from tam_viz.types import Clip, InputSpec
from tam_viz.video.tempo import TEMPI, retimed
from tests.support.steps import last

SPEC = InputSpec(8, 64, 64)
WORDS = {AS_IT_IS: AS_IT_IS, **{name: tempo.says for name, tempo in TEMPI.items()}}
PAIRS = {"moves left": "moves right"}


class Study:
    """One tiny network, two clips, and everything that can be drawn of them."""

    def __init__(self, loaded: LoadedModel, clip: Clip, second: Clip) -> None:
        self.card, self.clip = loaded.card, clip
        self.before, self.second = run(loaded, clip), run(loaded, second)
        self.off = tam_off(loaded)
        self.after = run(loaded, clip, self.off)
        self.sweep = last(sweep(loaded, clip, all_edits(second)))
        self.swaps = (
            last(swaps(loaded, clip, second)),
            last(swaps(loaded, second, clip)),
        )
        self.played = last(tempi(lambda c: run(loaded, c).prediction, clip, 1))
        self.strips = [clip.frames, *(retimed(clip, name, 1).frames for name in TEMPI)]
        self.subject = subject_of(self.before.prediction, clip.label, PAIRS)

    def tempi(self, subject: Subject) -> Panel:
        said = {self.card.id: self.played, "edited": self.played}
        return sweep_panels.tempi(said, {self.card.id: self.card}, subject, WORDS, self.strips)

    def panels(self) -> list[Panel]:
        before, after, second = self.before.tam, self.after.tam, self.second.tam
        return [
            panels.answers(
                self.card,
                self.before.prediction,
                self.after.prediction,
                self.after.prediction,
                self.subject,
                self.off,
                "played backwards",
            ),
            panels.downstream(before, after, second, self.off, "layer2.0"),
            panels.channel(before["layer2.0"], after["layer2.0"], second["layer2.0"], 3),
            sweep_panels.block_by_edit(self.sweep, self.subject),
            sweep_panels.swaps(*self.swaps, self.card.classes, ("moves left", "hides")),
            self.tempi(self.subject),
        ]


_MADE: list[Study] = []


def study_of(make_model: Callable[..., LoadedModel], make_clip: Callable[..., Clip]) -> Study:
    """The one that all tests of a process look at; what makes it is new for each of them."""
    if not _MADE:
        _MADE.append(Study(make_model(spec=SPEC), make_clip(0, SPEC), make_clip(1, SPEC)))
    return _MADE[0]
