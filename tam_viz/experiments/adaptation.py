"""Does TAM adapt? What Θ and V say of a clip, and what the network loses without it.

A spread of Θ over clips is no answer: an untrained TAM spreads as much. So every probe stands
beside that of an untrained network with recalibrated batch norms, and Θ and V are replaced while
the network runs, to see what its answers owe to them.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int

from tam_viz.analysis import probes
from tam_viz.analysis.importance import inside_event
from tam_viz.capture.run import run
from tam_viz.experiments.reference import mean_trace, untrained
from tam_viz.models.engine import LoadedModel
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.types import ALL_BLOCKS, Clip, Edit, Run, TAMTrace, Target, UserError

PROBE_SEED, PROBE_CLIPS = 3, 1920
EDIT_SEED, EDIT_CLIPS, MEAN_CLIPS = 2, 640, 320


@dataclass(frozen=True)
class Probes:
    """What linear probes read off the blocks of a network, one value per block, held out.

    Attributes:
        direction: By pair of classes, how often Θ tells which of the two a clip is; ½ is chance.
        speed: Share of the variance of log₂ speed that Θ tells; 0 is chance.
        camera: The same of the camera's pan, mean of both axes.
        inside: Area under the ROC of V, centred by clip and channel, for frames inside the
            event, first and last frame left out; ½ is chance.
    """

    direction: dict[str, list[float]]
    speed: list[float]
    camera: list[float]
    inside: list[float]


@dataclass(frozen=True)
class Outcome:
    """Answers of a network under an edit of all its blocks.

    Attributes:
        top1: Share of right answers.
        within_pair: Share of clips whose true class beats the other of its pair.
        mirrored: Share of clips that are given the other class of their pair.
    """

    top1: float
    within_pair: float
    mirrored: float


@dataclass(frozen=True)
class Adaptation:
    """The whole answer for one network."""

    id: str
    blocks: list[str]
    trained: Probes
    untrained: Probes
    outcomes: dict[str, Outcome]


def _edits(op: str, target: Target, donor: Clip | None = None) -> list[Edit]:
    return [Edit(ALL_BLOCKS, target, op, donor=donor)]


INTERVENTIONS: dict[str, Callable[[Clip, Clip], list[Edit]]] = {
    "as it is": lambda _same, _mirrored: [],
    "Θ = its mean over training clips": lambda _same, _mirrored: _edits("mean", "kernel"),
    "Θ = [0, 1, 0]": lambda _same, _mirrored: _edits("centre", "kernel"),
    "Θ of another clip of the same class": lambda same, _: _edits("donor", "kernel", same),
    "Θ of a clip of the mirrored class": lambda _, other: _edits("donor", "kernel", other),
    "V = its mean over training clips": lambda _same, _mirrored: _edits("mean", "importance"),
    "V = 1": lambda _same, _mirrored: _edits("one", "importance"),
    "V of another clip of the same class": lambda same, _: _edits("donor", "importance", same),
    "V of a clip of the mirrored class": lambda _, other: _edits("donor", "importance", other),
}
"""Edits of all blocks by name, from another clip of the same and one of the mirrored class."""


def measure(
    loaded: LoadedModel, probe_clips: int = PROBE_CLIPS, edit_clips: int = EDIT_CLIPS
) -> Iterator[tuple[str, int, int, Adaptation | None]]:
    """Measures one network, yielding what is being done, how far it is and at last the answer.

    Args:
        loaded: A network with TAM that was trained on MotionPairs.
        probe_clips: Clips for the probes, at least ten of each class.
        edit_clips: Clips for the edits.

    Raises:
        UserError: The network has no TAM or other classes.
    """
    if not loaded.block_names or loaded.card.classes != CLASSES:
        raise UserError(
            f"{loaded.card.id} is not a TANet trained on MotionPairs; name one that is."
        )
    spec, found = loaded.card.input, []
    clips: list[Clip] = []
    for index in range(probe_clips):
        clips.append(draw_clip(spec, PROBE_SEED, index, "test"))
        yield "drawing clips", index + 1, probe_clips, None
    facts = Facts.of(clips)
    for name, network in (("trained", loaded), ("untrained", untrained(loaded))):
        traces: list[TAMTrace] = []
        for clip in clips:
            traces.append(_traced(run(network, clip)))
            yield f"{name} network", len(traces), probe_clips, None
        found.append(probe(traces, facts))
    outcomes: dict[str, Outcome] = {}
    mean: TAMTrace | None = None
    for done, total, mean in mean_trace(loaded, "train", MEAN_CLIPS):  # noqa: B007  # the last one
        yield "mean over training clips", done, total, None
    clips = [draw_clip(spec, EDIT_SEED, i, "test") for i in range(edit_clips + 2 * len(CLASSES))]
    for number, (name, make) in enumerate(INTERVENTIONS.items()):
        answers = []
        for index in range(edit_clips):
            answers.append(_answer(loaded, clips, index, make, mean))
            total = edit_clips * len(INTERVENTIONS)
            yield "edits", number * edit_clips + index + 1, total, None
        top1, within, mirrored = np.mean(answers, axis=0)
        outcomes[name] = Outcome(float(top1), float(within), float(mirrored))
    names = list(loaded.block_names)
    yield "done", 1, 1, Adaptation(loaded.card.id, names, found[0], found[1], outcomes)


def _answer(
    loaded: LoadedModel,
    clips: Sequence[Clip],
    index: int,
    make: Callable[[Clip, Clip], list[Edit]],
    mean: TAMTrace | None,
) -> tuple[bool, bool, bool]:
    """Of one clip under an intervention: right; right within its pair; mirrored."""
    label = index % len(CLASSES)
    other = label ^ 1  # two neighbours make a pair
    following = index - label + len(CLASSES)
    edits = make(clips[following + label], clips[following + other])
    logits = run(loaded, clips[index], edits, mean=mean).prediction.logits
    best = int(logits.argmax())
    return best == label, bool(logits[label] > logits[other]), best == other


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of n clips.

    Attributes:
        labels: Class numbers.
        speed: Log₂ of the speed.
        pan: Of the camera, (right, down).
        inside: True for the frames inside the event.
    """

    labels: Int[np.ndarray, " n"]
    speed: Float[np.ndarray, " n"]
    pan: Float[np.ndarray, "n 2"]
    inside: Bool[np.ndarray, "n t"]

    @classmethod
    def of(cls, clips: Sequence[Clip]) -> Facts:
        """Reads the facts off generated clips."""
        truths = [clip.truth for clip in clips if clip.truth is not None]
        made = [truth.made for truth in truths if truth.made is not None]
        return cls(
            labels=np.array([CLASSES.index(truth.label) for truth in truths]),
            speed=np.log2([how.speed for how in made]),
            pan=np.array([how.camera for how in made]),
            inside=np.stack([_within(clip) for clip in clips]),
        )


def _within(clip: Clip) -> Bool[np.ndarray, " t"]:
    inside = inside_event(clip)
    if inside is None:
        raise TypeError(f"{clip.source} was not generated")
    return inside


def probe(traces: Sequence[TAMTrace], facts: Facts) -> Probes:
    """Probes of every block.

    Args:
        traces: One for each clip.
        facts: What is known of the clips.
    """
    direction: dict[str, list[float]] = {motion.family: [] for motion in MOTIONS}
    told = Probes(direction, [], [], [])
    for name in traces[0].names:
        kernels = np.stack([trace[name].kernel.ravel() for trace in traces])
        maps = np.stack([trace[name].importance for trace in traces])
        for number, motion in enumerate(MOTIONS):
            rows = facts.labels // 2 == number
            second = facts.labels[rows] % 2 == 1
            direction[motion.family].append(probes.tell_apart(kernels[rows], second))
        told.speed.append(probes.variance_told(kernels, facts.speed))
        pans = [probes.variance_told(kernels, facts.pan[:, axis]) for axis in (0, 1)]
        told.camera.append(sum(pans) / 2)
        told.inside.append(_inside(maps, facts.inside))
    return told


def _inside(maps: Float[np.ndarray, "n c t"], inside: Bool[np.ndarray, "n t"]) -> float:
    centred = (maps - maps.mean(axis=2, keepdims=True))[:, :, 1:-1]  # the ends see zero padding
    frames = centred.transpose(0, 2, 1).reshape(-1, maps.shape[1])
    clip = np.repeat(np.arange(len(maps)), centred.shape[2])
    return probes.ranked_right(frames, inside[:, 1:-1].ravel(), clip)


def _traced(done: Run) -> TAMTrace:
    if done.trace is None:
        raise TypeError(f"{done.checkpoint_id} left no trace")
    return done.trace


def table(answer: Adaptation) -> str:
    """The answer as Markdown."""
    outcomes = [
        "| all blocks | top-1 | within pairs | given the mirrored class |",
        "|---|---|---|---|",
        *(
            f"| {name} | {o.top1:.3f} | {o.within_pair:.3f} | {o.mirrored:.3f} |"
            for name, o in answer.outcomes.items()
        ),
    ]
    rows: list[tuple[str, list[float], list[float]]] = [
        (f"Θ: which of the pair, {family}", values, answer.untrained.direction[family])
        for family, values in answer.trained.direction.items()
    ]
    rows += [
        ("Θ: speed (R²)", answer.trained.speed, answer.untrained.speed),
        ("Θ: camera (R²)", answer.trained.camera, answer.untrained.camera),
        ("V: inside the event (AUC)", answer.trained.inside, answer.untrained.inside),
    ]
    probed = [
        f"| trained (untrained) | {' | '.join(answer.blocks)} |",
        "|---" * (len(answer.blocks) + 1) + "|",
        *(
            f"| {name} | "
            + " | ".join(f"{_short(a)} ({_short(b)})" for a, b in zip(values, base, strict=True))
            + " |"
            for name, values, base in rows
        ),
    ]
    return "\n".join(outcomes) + "\n\n" + "\n".join(probed)


def _short(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"  # adding zero takes the sign off a zero


def write(folder: Path, answer: Adaptation) -> None:
    """Writes `adaptation.json` and `ADAPTATION.md` into a folder."""
    record = json.dumps(dataclasses.asdict(answer), indent=1, ensure_ascii=False)
    (folder / "adaptation.json").write_text(record + "\n", encoding="utf-8")
    text = f"# Does {answer.id} adapt?\n\nWritten by `tam-viz probe {answer.id}`.\n\n"
    (folder / "ADAPTATION.md").write_text(text + table(answer) + "\n", encoding="utf-8")
