"""The panels of all kernels between past, present and future."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tam_viz.analysis.tam import kernel_words as words
from tam_viz.analysis.tam import kernels as analysis
from tam_viz.panels.panel import Panel
from tam_viz.panels.tam.kernel_study import (
    UNTRAINED,
    Kernels,
    KernelStudy,
    Second,
    differences,
    kernels_of,
)
from tam_viz.plots.shared import theme
from tam_viz.plots.tam import triangle as triangles
from tam_viz.plots.tam.triangle import Dots, Mark


def simplex(study: KernelStudy, *, alone: bool = False) -> Panel:
    """Every kernel between past, present and future; of the chosen block alone if `alone`."""
    chosen = (study.block,) if alone else study.trace.names
    which = study.block if alone else "all blocks"
    if study.apart is not None:
        return _shifts(study, study.apart, chosen, which)
    beside = study.second
    traces = {study.name: study.trace} | ({} if beside is None else {beside.name: beside.trace})
    figure = triangles.triangle(
        study.trace.names,
        study.number,
        _dots(study.name, kernels_of(study.trace), study, chosen),
        None if beside is None else _dots(beside.name, kernels_of(beside.trace), study, chosen),
        None
        if study.untrained is None
        else _dots(UNTRAINED, kernels_of(study.untrained), study, chosen),
        analysis.LANDMARKS,
        _marks(study),
    )
    pink = "" if beside is None else f" Pink dots are {beside.name}."
    grey = ""
    if study.untrained is not None:
        grey = f" Grey dots are an untrained network, batch norms recalibrated on {study.fitted}."
    lines = (
        f" The ring marks the chosen channel{_cross(study)}."
        if beside is None
        else f" Lines lead to the pink dots from those of {study.block}, and rings mark the chosen "
        f"channel on both clips{_cross(study)}."
    )
    says = [words.describe_simplex([study.trace[name] for name in chosen])]
    says += [] if beside is None else [describe_moves(study, beside)]
    return Panel(
        title=f"Kernels: between past, present and future, {which}",
        see="Each dot is the kernel of a channel: the nearer to a corner, the more weight it gives "
        f"to that frame.{pink} Click a large dot to choose a channel of {study.block}.",
        how=f"Coloured dots are {study.name}, from yellow for early blocks to violet for late "
        f"ones, large for {study.block}.{grey}{lines} Diamonds are fixed kernels: TSN keeps the "
        "present, TSM shifts an eighth of the channels each way, the average weights three frames "
        "alike.",
        figure=figure,
        says=" ".join(says),
        table=analysis.share_table({of: kernels_of(trace, chosen) for of, trace in traces.items()}),
    )


def _cross(study: KernelStudy) -> str:
    return "" if study.mean is None else f", the cross its {study.mean_name}"


def _shifts(study: KernelStudy, beside: Second, chosen: Sequence[str], which: str) -> Panel:
    moved, base = differences(study, beside)
    clouds = [analysis.simplex_xy(moved[name]) for name in moved]
    x, y = (np.concatenate([p[:, axis] for p in clouds]) for axis in (0, 1))
    chosen_xy = analysis.simplex_xy(moved[study.block])[study.channel]
    return Panel(
        title=f"Kernels: between past, present and future, {which}, difference",
        see=f"Each dot is a channel's kernel on {study.name} minus its kernel on {beside.name}. "
        "Kernels that are the same for every video would all lie in the middle. Click a large dot "
        f"to choose a channel of {study.block}.",
        how="Dots to the right give more weight to the future, to the left to the past, further "
        "up to the present. "
        + (
            ""
            if base is None
            else "Grey dots are the untrained network, whose kernels change from clip to clip as "
            "well, without having learned to."
        ),
        figure=triangles.shifts(
            study.trace.names,
            study.number,
            _dots(study.minus, moved, study, chosen),
            None if base is None else _dots(UNTRAINED, base, study, chosen),
            [
                Mark(
                    f"channel {study.channel}",
                    (float(chosen_xy[0]), float(chosen_xy[1])),
                    theme.FIRST,
                )
            ],
            analysis.limit(x, 2 * y),
        ),
        says=describe_moves(study, beside),
        table=analysis.share_table({study.minus: {name: moved[name] for name in chosen}}),
    )


def describe_moves(study: KernelStudy, beside: Second) -> str:
    """How far kernels move from clip to clip, beside those of the untrained network."""
    base = None
    if study.untrained is not None and beside.untrained is not None:
        base = study.untrained, beside.untrained
    return words.describe_moves(study.trace, beside.trace, base)


def _marks(study: KernelStudy) -> list[Mark]:
    """The chosen channel on every clip and on average."""
    kernels = [(f"channel {study.channel}", study.trace, theme.FIRST, "circle-open")]
    if study.second is not None:
        label = f"channel {study.channel}, {study.second.name}"
        kernels.append((label, study.second.trace, theme.SECOND, "circle-open"))
    if study.mean is not None:
        label = f"channel {study.channel}, {study.mean_name}"
        kernels.append((label, study.mean, theme.REFERENCE, "x-thin-open"))
    marks = []
    for label, trace, colour, symbol in kernels:
        x, y = analysis.simplex_xy(trace[study.block].kernel)[study.channel]
        marks.append(Mark(label, (float(x), float(y)), colour, symbol))
    return marks


def _dots(label: str, kernels: Kernels, study: KernelStudy, chosen: Sequence[str]) -> Dots:
    names = study.trace.names
    return Dots(
        label,
        np.concatenate([analysis.simplex_xy(kernels[name]) for name in chosen]),
        np.concatenate([np.full(len(kernels[name]), names.index(name)) for name in chosen]),
        np.concatenate([np.arange(len(kernels[name])) for name in chosen]),
    )
