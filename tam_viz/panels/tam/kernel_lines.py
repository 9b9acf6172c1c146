"""Panels on adaptive kernels as lines: where they look by depth, what they pass by frequency."""

from __future__ import annotations

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.tam import kernel_words as words
from tam_viz.analysis.tam import kernels as analysis
from tam_viz.analysis.tam.kernels import FREQUENCIES, Fixed
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
from tam_viz.plots.tam import kernel_lines as plots
from tam_viz.plots.tam.kernel_lines import BandedLine, Point
from tam_viz.types import TAMTrace

BlockKernel = Float[np.ndarray, "c k"]

_GREY = "#8C8C8C"


def depth(study: KernelStudy) -> Panel:
    """Where kernels look by depth: future − past, the centre of mass of three taps in time."""
    if study.apart is not None:
        return _depth_change(study, study.apart)
    traces = {study.name: study.trace}
    colours = {study.name: theme.FIRST, UNTRAINED: _GREY, study.mean_name: _GREY}
    if study.second is not None:
        traces[study.second.name] = study.second.trace
        colours[study.second.name] = theme.SECOND
    points = [
        Point(
            f"channel {study.channel}, {name}",
            float(analysis.lean(trace[study.block].kernel)[study.channel]),
            colours[name],
        )
        for name, trace in traces.items()
    ]
    if study.mean is not None:
        traces[study.mean_name] = study.mean
    if study.untrained is not None:
        traces[UNTRAINED] = study.untrained
    dashes = {UNTRAINED: "dot", study.mean_name: "dash"}
    lines = [
        _depth_line(
            name, colours[name], kernels_of(trace), dashes.get(name, "solid"), name not in dashes
        )
        for name, trace in reversed(traces.items())
    ]
    return Panel(
        title="Kernels: where they look, by depth",
        see="Do the kernels of a block give more weight to the next frame (above 0) or to the "
        "previous one (below)? Where the lines of two clips part, kernels depend on the clip.",
        how="The value is future − past, the centre of mass of a kernel in time, from −1 (only "
        "the previous frame) to 1 (only the next one): its mean over a block's channels, with "
        "the middle half of them as a band. Where a clip departs from the mean over clips, its "
        "kernels are specific to it.",
        figure=plots.by_depth(
            study.trace.names,
            lines,
            points,
            study.number,
            1.05,
            "future − past",
            ("looks ahead", "looks back"),
        ),
        says=words.describe_lean(traces),
        table=analysis.lean_table(traces),
    )


def _depth_change(study: KernelStudy, beside: Second) -> Panel:
    moved, base = differences(study, beside)
    lines = [] if base is None else [_depth_line(UNTRAINED, _GREY, base, "dot", band=True)]
    lines.append(_depth_line(study.minus, theme.FIRST, moved))
    means = {line.label: dict(zip(study.trace.names, line.values, strict=True)) for line in lines}
    channel = float(analysis.lean(moved[study.block])[study.channel])
    return Panel(
        title="Kernels: where they look, by depth, difference",
        see=f"Future − past on {study.name} minus that on {beside.name}. Fixed kernels would lie "
        "on 0.",
        how="Mean over a block's channels; bands span the middle half of them.",
        figure=plots.by_depth(
            study.trace.names,
            lines,
            [Point(f"channel {study.channel}", channel, theme.FIRST)],
            study.number,
            analysis.limit(*(analysis.lean(kernel) for kernel in moved.values())),
            "difference of future − past",
            ("more into the future", "more into the past"),
        ),
        says=words.describe_change_of_lean(moved),
        table=pd.DataFrame(means).rename_axis("block"),
    )


def _depth_line(
    label: str, colour: str, kernels: Kernels, dash: str = "solid", band: bool = True
) -> BandedLine:
    leans = [analysis.lean(kernel) for kernel in kernels.values()]
    quartiles = np.stack([np.quantile(lean, [0.25, 0.75]) for lean in leans], axis=1)
    means = np.array([lean.mean() for lean in leans])
    return BandedLine(label, colour, means, quartiles if band else None, dash)


def frequencies(study: KernelStudy, rival: Fixed | None = None) -> Panel:
    """The gain of the kernels of the chosen block for slow and fast changes."""
    if study.apart is not None:
        return _frequency_change(study, study.apart)
    block, channel = study.trace[study.block].kernel, f"channel {study.channel}"
    lines = [
        _landmark("average", np.full((1, block.shape[1]), 1 / block.shape[1])),
        _landmark("TSN, TSM", np.eye(block.shape[1])[[block.shape[1] // 2]]),
    ]
    if study.plain is not None:
        lines.append(_median(f"{study.block}, {UNTRAINED}", _GREY, study.plain.kernel, "dot"))
    if rival is not None:
        fixed = analysis.signed_shares(rival.kernels[study.block])
        lines.append(_median(rival.name, theme.model_colour("tconv"), fixed, "dashdot"))
    if study.mean is not None:
        lines.append(_of_channel(f"{channel}, {study.mean_name}", _GREY, study.mean, study, "dash"))
    if study.second is not None:
        kernel = study.second.trace[study.block].kernel
        name = study.second.name
        lines.append(_median(f"{study.block}, {name}", theme.SECOND, kernel, "dot"))
        lines.append(_of_channel(f"{channel}, {name}", theme.SECOND, study.second.trace, study))
    lines.append(_median(f"{study.block}, {study.name}", theme.FIRST, block, "dot", band=True))
    lines.append(_of_channel(f"{channel}, {study.name}", theme.FIRST, study.trace, study))
    return Panel(
        title=f"Kernels: gain for slow and fast changes, {study.block}",
        see="Gain of the kernel at each temporal frequency, from constant (left) to alternating "
        "every frame (right). Θ is non-negative and sums to 1: static content passes with gain 1, "
        "changes can only be damped.",
        how="A kernel without negative weights cannot subtract one frame from another; differences "
        "between frames are left to later layers. Solid lines are the chosen channel, dotted ones "
        "the median of the block's channels with its quartiles. Keeping or shifting a frame (TSN, "
        "TSM) has gain 1 everywhere, averaging damps fast changes."
        + (
            f" {rival.name} can subtract frames; its kernels are divided by the sum of their "
            "absolute values."
            if rival is not None
            else ""
        ),
        figure=plots.by_frequency(FREQUENCIES, lines, (0.0, 1.05), "gain |H|"),
        says=words.describe_response(
            study.trace[study.block],
            study.channel,
            None if study.second is None else study.second.trace[study.block],
            study.plain,
        ),
        table=_line_table(lines),
    )


def _frequency_change(study: KernelStudy, beside: Second) -> Panel:
    def change(first: BlockKernel, second: BlockKernel) -> Float[np.ndarray, "c f"]:
        response: np.ndarray = analysis.response(first, FREQUENCIES)
        response -= analysis.response(second, FREQUENCIES)
        return response

    moved = change(study.trace[study.block].kernel, beside.trace[study.block].kernel)
    lines = []
    if study.plain is not None and beside.untrained is not None:
        plain = change(study.plain.kernel, beside.untrained[study.block].kernel)
        lines.append(_median_line(f"{study.block}, {UNTRAINED}", _GREY, plain, "dot"))
    lines.append(_median_line(study.block, theme.FIRST, moved, "dot", band=True))
    lines.append(BandedLine(f"channel {study.channel}", theme.FIRST, moved[study.channel]))
    end = analysis.limit(moved)
    return Panel(
        title=f"Kernels: gain for slow and fast changes, {study.block}, difference",
        see=f"Gain on {study.name} minus gain on {beside.name}, at each temporal frequency. A "
        "kernel and its mirror image in time have the same gain, so a clip and its reversal may "
        "differ little here and much in the other pictures.",
        how="Solid: the chosen channel; dotted: the median of the block's channels with its "
        "quartiles.",
        figure=plots.by_frequency(FREQUENCIES, lines, (-end, end), "difference of |H|"),
        says=words.describe_response(
            study.trace[study.block],
            study.channel,
            beside.trace[study.block],
            study.plain,
        ),
        table=_line_table(lines),
    )


def _landmark(note: str, kernel: BlockKernel) -> BandedLine:
    values = analysis.response(kernel, FREQUENCIES)[0]
    return BandedLine(note, theme.QUIET, values, width=1.0, note=note)


def _of_channel(
    label: str, colour: str, trace: TAMTrace, study: KernelStudy, dash: str = "solid"
) -> BandedLine:
    kernel = trace[study.block].kernel[[study.channel]]
    return BandedLine(label, colour, analysis.response(kernel, FREQUENCIES)[0], dash=dash)


def _median(
    label: str, colour: str, kernel: BlockKernel, dash: str, *, band: bool = False
) -> BandedLine:
    return _median_line(label, colour, analysis.response(kernel, FREQUENCIES), dash, band=band)


def _median_line(
    label: str, colour: str, values: Float[np.ndarray, "c f"], dash: str, *, band: bool = False
) -> BandedLine:
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75], axis=0)
    quartiles = np.stack([low, high]) if band else None
    return BandedLine(label, colour, middle, quartiles, dash, width=1.5)


def _line_table(lines: list[BandedLine]) -> pd.DataFrame:
    columns = {line.label: line.values for line in lines}
    return pd.DataFrame(columns, index=pd.Index(FREQUENCIES, name="cycles per frame"))
