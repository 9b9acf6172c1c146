"""Does TAM adapt? What Θ and V say of a clip, and what the network loses without it.

A spread of Θ over clips is no answer: an untrained TAM spreads as much. So every probe stands
beside that of an untrained network with recalibrated batch norms, and Θ and V are replaced while
the network runs, to see what its answers owe to them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from tam_viz.analysis.edits.edits import TAM_OFF
from tam_viz.analysis.tam.adaptivity import (
    RECORD,
    Adaptation,
    EditedAccuracy,
    Loss,
    Probes,
    Reliance,
    as_json,
)
from tam_viz.analysis.tam.inside_probe import InsideProbe, write_inside_probes
from tam_viz.capture.run import run
from tam_viz.experiments.studies.adaptation_probes import Facts, inside_probe, probe
from tam_viz.experiments.studies.adaptation_tables import adaptation_text
from tam_viz.experiments.studies.kernel_ablation import freeze
from tam_viz.experiments.studies.reference import mean_trace
from tam_viz.experiments.studies.untrained import untrained
from tam_viz.files import write_whole
from tam_viz.models.engine import LoadedModel
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.types import (
    ALL_BLOCKS,
    Clip,
    Edit,
    Step,
    Steps,
    TAMTrace,
    Target,
    UserError,
    part,
    result_of,
)

PROBE_SEED, PROBE_CLIPS = 3, 1920
EDIT_SEED, EDIT_CLIPS, FREEZE_CLIPS, MEAN_CLIPS = 2, 640, 320, 320


@dataclass(frozen=True, eq=False)
class AdaptationStudy:
    """The answer for one network, and the probes that can be asked about further clips.

    Attributes:
        answer: What `adaptation.json` holds.
        inside: Of the frames inside the event, for the network and for it untrained.
    """

    answer: Adaptation
    inside: tuple[InsideProbe, InsideProbe]


T = TypeVar("T")
Working = Generator[Step[Any], None, T]
"""A part of the measurement, which returns its result."""


def _edits(op: str, target: Target, donor: Clip | None = None) -> list[Edit]:
    return [Edit(ALL_BLOCKS, target, op, donor=donor)]


INTERVENTIONS: dict[str, Callable[[Clip, Clip], list[Edit]]] = {
    "as it is": lambda _same, _mirrored: [],
    "Θ = its mean over training clips": lambda _same, _mirrored: _edits("given", "kernel"),
    "Θ = [0, 1, 0]": lambda _same, _mirrored: _edits("centre", "kernel"),
    "Θ of another clip of the same class": lambda same, _: _edits("donor", "kernel", same),
    "Θ of a clip of the mirrored class": lambda _, other: _edits("donor", "kernel", other),
    "V = its mean over training clips": lambda _same, _mirrored: _edits("given", "importance"),
    "V = 1": lambda _same, _mirrored: _edits("one", "importance"),
    "V of another clip of the same class": lambda same, _: _edits("donor", "importance", same),
    "V of a clip of the mirrored class": lambda _, other: _edits("donor", "importance", other),
    "TAM off: V = its mean, Θ = [0, 1, 0]": lambda _same, _mirrored: [*TAM_OFF],
}
"""Edits of all blocks by name, from another clip of the same and one of the mirrored class."""
OF_THE_CLIP_ALONE = tuple(name for name in INTERVENTIONS if "of a" not in name)
"""Those that take nothing from another clip. They are measured on the shift set as well, where a
donor would have another shift."""


def measure(
    loaded: LoadedModel,
    probe_clips: int = PROBE_CLIPS,
    edit_clips: int = EDIT_CLIPS,
    freeze_clips: int = FREEZE_CLIPS,
) -> Steps[AdaptationStudy]:
    """Measures one network, step by step.

    Args:
        loaded: A network with TAM that was trained on MotionPairs.
        probe_clips: Clips for the probes, at least ten of each class.
        edit_clips: Clips for the edits of all blocks.
        freeze_clips: Clips for the edits of one block, at least two.

    Raises:
        UserError: The network has no TAM or other classes.
    """
    if not loaded.block_names or loaded.card.classes != CLASSES:
        raise UserError(
            f"{loaded.card.id} is not a TANet trained on MotionPairs; name one that is."
        )
    networks = {"trained": loaded, "untrained": untrained(loaded)}
    probed = yield from _probed(networks, probe_clips)
    means: dict[str, TAMTrace] = {}
    for name, network in networks.items():
        steps = mean_trace(network, "train", MEAN_CLIPS)
        says = f"{name} network, mean over training clips"
        means[name] = yield from part(steps, label=says)
    count = max(edit_clips, freeze_clips) + 2 * len(CLASSES)
    clips = [draw_clip(loaded.card.input, EDIT_SEED, i, "test") for i in range(count)]
    mean = means["trained"]
    outcomes = yield from _outcomes(loaded, clips, edit_clips, mean, tuple(INTERVENTIONS), "edits")
    far = [draw_clip(loaded.card.input, EDIT_SEED, i, "shift") for i in range(count)]
    shifted = yield from _outcomes(
        loaded, far, edit_clips, mean, OF_THE_CLIP_ALONE, "edits on the shift set"
    )
    relies: dict[str, Reliance] = {}
    for name, network in networks.items():
        says = f"{name} network, Θ of one block replaced"
        relies[name] = yield from _reliance(network, clips, freeze_clips, means[name], says)
    answer = Adaptation(
        id=loaded.card.id,
        blocks=list(loaded.block_names),
        trained=probed[0][0],
        untrained=probed[1][0],
        outcomes=outcomes,
        relies=relies["trained"],
        untrained_relies=relies["untrained"],
        relies_clips=freeze_clips,
        shifted=shifted,
    )
    yield Step(1, 1, AdaptationStudy(answer, (probed[0][1], probed[1][1])), "done")


def _probed(
    networks: Mapping[str, LoadedModel], count: int
) -> Working[list[tuple[Probes, InsideProbe]]]:
    spec = next(iter(networks.values())).card.input
    clips: list[Clip] = []
    for index in range(count):
        clips.append(draw_clip(spec, PROBE_SEED, index, "test"))
        yield Step(index + 1, count, label="drawing clips")
    facts, probed = Facts.of(clips), []
    for name, network in networks.items():
        traces: list[TAMTrace] = []
        for clip in clips:
            traces.append(run(network, clip).tam)
            yield Step(len(traces), count, label=f"{name} network")
        probed.append((probe(traces, facts), inside_probe(traces, facts)))
    return probed


def _outcomes(
    loaded: LoadedModel,
    clips: Sequence[Clip],
    count: int,
    mean: TAMTrace,
    names: Sequence[str],
    says: str,
) -> Working[dict[str, EditedAccuracy]]:
    outcomes: dict[str, EditedAccuracy] = {}
    for number, name in enumerate(names):
        answers = []
        for index in range(count):
            answers.append(_answer(loaded, clips, index, INTERVENTIONS[name], mean))
            yield Step(number * count + index + 1, count * len(names), label=says)
        outcomes[name] = EditedAccuracy(*(float(share) for share in np.mean(answers, axis=0)))
    return outcomes


def _reliance(
    loaded: LoadedModel, clips: Sequence[Clip], count: int, mean: TAMTrace, says: str
) -> Working[Reliance]:
    """What Θ that does not adapt costs, then what Θ of a clip of the mirrored class does."""
    lost = np.empty((2, count, len(loaded.block_names) + 1))
    for index in range(count):
        other = run(loaded, _donors(clips, index)[1]).tam
        for row, given in zip(lost, (mean, other), strict=True):
            row[index] = result_of(freeze(loaded, clips[index], index % len(CLASSES), given))
        yield Step(index + 1, count, label=says)
    return Reliance(*([Loss.of(column) for column in row.T] for row in lost))


def _donors(clips: Sequence[Clip], index: int) -> tuple[Clip, Clip]:
    """A later clip of the same class and one of the mirrored class."""
    label = index % len(CLASSES)
    following = index - label + len(CLASSES)
    return clips[following + label], clips[following + (label ^ 1)]  # neighbours make a pair


def _answer(
    loaded: LoadedModel,
    clips: Sequence[Clip],
    index: int,
    make: Callable[[Clip, Clip], list[Edit]],
    mean: TAMTrace,
) -> tuple[bool, bool, bool]:
    """Of one clip under an intervention: right; right within its pair; mirrored."""
    label = index % len(CLASSES)
    other = label ^ 1
    edits = make(*_donors(clips, index))
    logits = run(loaded, clips[index], edits, given=mean).prediction.logits
    best = int(logits.argmax())
    return best == label, bool(logits[label] > logits[other]), best == other


def write(folder: Path, study: AdaptationStudy) -> None:
    """Writes `adaptation.json`, `ADAPTATION.md` and `probes.npz` into a folder."""
    answer = study.answer
    write_whole(folder / RECORD, as_json(answer))
    text = f"# Does {answer.id} adapt?\n\nWritten by `tam-viz probe {answer.id}`.\n\n"
    write_whole(folder / "ADAPTATION.md", text + adaptation_text(answer) + "\n")
    write_inside_probes(folder, *study.inside)
