"""The answer of `tam-viz probe` as Markdown tables."""

from __future__ import annotations

from tam_viz.analysis.tam.adaptivity import ALL, Adaptation, Loss
from tam_viz.experiments.markdown import markdown


def adaptation_text(answer: Adaptation) -> str:
    """The whole answer as Markdown."""
    return "\n\n".join((_outcome_table(answer), _reliance_table(answer), probe_table(answer)))


def _outcome_table(answer: Adaptation) -> str:
    rows = [
        [name, f"{o.top1:.3f}", f"{o.within_pair:.3f}", f"{o.mirrored:.3f}", shifted(answer, name)]
        for name, o in answer.outcomes.items()
    ]
    columns = ["all blocks", "top-1", "within pairs", "given the mirrored class"]
    return markdown([*columns, "shift set: top-1"], rows)


def shifted(answer: Adaptation, name: str) -> str:
    """Top-1 on the shift set under an edit of all blocks; a dash where it was not measured."""
    return f"{answer.shifted[name].top1:.3f}" if name in answer.shifted else "–"


def _reliance_table(answer: Adaptation) -> str:
    losses = [
        column
        for relies in (answer.relies, answer.untrained_relies)
        for column in (relies.mean, relies.mirrored)
    ]
    blocks = [*answer.blocks, ALL]
    rows = [[name, *map(_loss, row)] for name, *row in zip(blocks, *losses, strict=True)]
    columns = ["log-odds of the true class lost (95%)", "Θ = its mean", "Θ of a mirrored clip"]
    columns += ["untrained: Θ = its mean", "untrained: Θ of a mirrored clip"]
    return markdown(columns, rows)


def _loss(loss: Loss) -> str:
    return f"{_short(loss.mean)} ({_short(loss.low)} to {_short(loss.high)})"


def probe_table(answer: Adaptation) -> str:
    """Scores of the probes by block, of the trained and the untrained network."""
    rows = [
        (f"Θ: which of the pair, {family}", values, answer.untrained.direction[family])
        for family, values in answer.trained.direction.items()
    ]
    rows += [
        ("Θ: speed (R²)", answer.trained.speed, answer.untrained.speed),
        ("Θ: camera (R²)", answer.trained.camera, answer.untrained.camera),
        ("V: inside the event (AUC)", answer.trained.inside, answer.untrained.inside),
    ]
    cells = [
        [name, *(f"{_short(a)} ({_short(b)})" for a, b in zip(values, untrained, strict=True))]
        for name, values, untrained in rows
    ]
    return markdown(["trained (untrained)", *answer.blocks], cells)


def _short(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"  # adding zero takes the sign off a zero
