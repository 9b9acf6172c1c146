"""Panels on adaptive kernels of a clip, beside a second clip and what was not learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.tam import kernel_words as words
from tam_viz.analysis.tam import kernels as analysis
from tam_viz.analysis.tam.kernels import Fixed
from tam_viz.panels.panel import Panel
from tam_viz.plots.shared import theme
from tam_viz.plots.tam import kernel_maps
from tam_viz.plots.tam import kernels as plots
from tam_viz.plots.tam import triangle as triangles
from tam_viz.plots.tam.kernel_maps import Band
from tam_viz.plots.tam.kernels import Spread
from tam_viz.plots.tam.triangle import Dots, Mark
from tam_viz.types import BlockTrace, TAMTrace

Kernels = Mapping[str, Float[np.ndarray, "_ _k"]]
"""Kernels, or differences of kernels, by block."""

UNTRAINED = "untrained"


@dataclass(frozen=True, eq=False)
class Second:
    """The clip beside the first one.

    Attributes:
        name: What it is called.
        trace: What the network decided on it.
        untrained: What the untrained network did, where it was asked.
    """

    name: str
    trace: TAMTrace
    untrained: TAMTrace | None = None


@dataclass(frozen=True, eq=False)
class KernelStudy:
    """What is looked at.

    Attributes:
        name: What the clip is called.
        trace: What the network decided on it.
        untrained: What the untrained network did, where it was asked.
        block: The chosen block.
        channel: The chosen channel of it.
        mean: The mean trace over clips, where it is known.
        second: The second clip, if there is one.
        difference: Whether to show how far the two clips differ instead of both.
        over: The clips that the mean is over.
        sameness: A sentence on whether the chosen block does the same to every clip.
        fitted: The clips that the untrained network's batch norms were fitted to.
    """

    name: str
    trace: TAMTrace
    untrained: TAMTrace | None
    block: str
    channel: int
    mean: TAMTrace | None = None
    second: Second | None = None
    difference: bool = False
    over: str = "test clips"
    sameness: str = ""
    fitted: str = "MotionPairs clips"

    @property
    def mean_name(self) -> str:
        """What the mean is called."""
        return f"mean over {self.over}"

    @property
    def plain(self) -> BlockTrace | None:
        """The chosen block of the untrained network, where it was asked."""
        return None if self.untrained is None else self.untrained[self.block]

    @property
    def number(self) -> int:
        """Of the chosen block, from 0."""
        return self.trace.names.index(self.block)

    @property
    def apart(self) -> Second | None:
        """The second clip where the difference is shown, else None."""
        return self.second if self.difference else None

    @property
    def minus(self) -> str:
        """What the difference is called."""
        return f"{self.name} − {self.second.name}" if self.second else ""


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
    says += [] if beside is None else [_moves(study, beside)]
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
        how="To the right a channel gives more weight to the future, to the left to the past, "
        "above to the present. "
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
        says=_moves(study, beside),
        table=analysis.share_table({study.minus: {name: moved[name] for name in chosen}}),
    )


def _moves(study: KernelStudy, beside: Second) -> str:
    base = None
    if study.untrained is not None and beside.untrained is not None:
        base = study.untrained, beside.untrained
    return words.describe_moves(study.trace, beside.trace, base)


def _marks(study: KernelStudy) -> list[Mark]:
    """The chosen channel on every clip and on average."""
    found = [(f"channel {study.channel}", study.trace, theme.FIRST, "circle-open")]
    if study.second is not None:
        label = f"channel {study.channel}, {study.second.name}"
        found.append((label, study.second.trace, theme.SECOND, "circle-open"))
    if study.mean is not None:
        label = f"channel {study.channel}, {study.mean_name}"
        found.append((label, study.mean, theme.REFERENCE, "x-thin-open"))
    marks = []
    for label, trace, colour, symbol in found:
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


def block_map(study: KernelStudy, shown: Sequence[int] | None = None, ranked_by: str = "") -> Panel:
    """The kernels of one block.

    Args:
        study: What is looked at.
        shown: The channels to show; by default all.
        ranked_by: What they were chosen by.
    """
    block, beside = study.trace[study.block], study.second
    order = np.argsort(analysis.lean(block.kernel), kind="stable")
    bands = [Band(study.name, block.kernel)]
    table = {study.name: block}
    if study.apart is not None:
        moved, base = differences(study, study.apart)
        bands.append(Band(study.minus, moved[study.block], change=True))
        if study.mean is not None:
            gone = block.kernel - study.mean[study.block].kernel
            bands.append(Band(f"{study.name} − {study.mean_name}", gone, change=True))
        if base is not None:
            bands.append(Band(f"{UNTRAINED}: {study.minus}", base[study.block], change=True))
    elif beside is not None:
        bands.append(Band(beside.name, beside.trace[study.block].kernel))
        table[beside.name] = beside.trace[study.block]
    if study.apart is None:
        if study.mean is not None:
            bands.append(Band(study.mean_name, study.mean[study.block].kernel))
        if study.plain is not None:
            bands.append(Band(UNTRAINED, study.plain.kernel))
    changes = [band.values for band in bands if band.change]
    below = (
        "Below it stand differences, blue where this clip gives a tap more weight and red where "
        "less."
        if changes
        else "All are on one scale."
    )
    count = len(block.kernel)
    zoomed = shown is not None and len(shown) < count
    which = f"{len(shown)} of {count} channels" if shown and zoomed else "every channel"
    part = (
        f" Shown are the first {len(shown)} channels by {ranked_by}; the low map at the foot has "
        f"all {count}."
        if shown and zoomed
        else ""
    )
    return Panel(
        title=f"Kernels: {which} of {study.block}",
        see="Each column is a channel's kernel, each row a tap: the more a cell stands out from "
        "the page, the more weight. Click a column to choose its channel.",
        how=f"Channels are sorted by future − past on {study.name}, in all maps alike.{part} "
        f"{below} The outlined column is the chosen channel.",
        figure=kernel_maps.kernel_maps(
            bands,
            order,
            study.number,
            study.channel,
            analysis.limit(*changes),
            shown if zoomed else None,
        ),
        says=" ".join(
            (
                *((study.sameness,) if study.sameness else ()),
                words.describe_kernels(block, study.plain),
                words.describe_channel(
                    block, study.channel, None if beside is None else beside.trace[study.block]
                ),
            )
        ),
        table=_side_by_side(table),
    )


def _side_by_side(blocks: Mapping[str, BlockTrace]) -> pd.DataFrame:
    """Θ of one block, a row per channel; where there are two clips, their names in front."""
    tables = {name: analysis.kernel_table(block) for name, block in blocks.items()}
    if len(tables) == 1:
        return next(iter(tables.values()))
    return pd.concat([table.add_prefix(f"{name}: ") for name, table in tables.items()], axis=1)


def taps(study: KernelStudy, rival: Fixed | None = None) -> Panel:
    """The distribution of each tap by block, beside kernels that are the same for every video."""
    if study.apart is not None:
        return _tap_changes(study, study.apart)
    parts = {} if study.untrained is None else {UNTRAINED: _shares(study.untrained)}
    parts[study.name] = _shares(study.trace)
    colours = {UNTRAINED: theme.UNTRAINED, study.name: theme.FIRST}
    marks = {f"channel {study.channel}": (theme.FIRST, _channel_shares(study, study.trace))}
    if study.second is not None:
        parts[study.second.name] = _shares(study.second.trace)
        colours[study.second.name] = theme.SECOND
        label = f"channel {study.channel}, {study.second.name}"
        marks[label] = (theme.SECOND, _channel_shares(study, study.second.trace))
    spreads = [_spread(label, colours[label], kernels) for label, kernels in parts.items()]
    low = 0.0
    if rival is not None:
        fixed = {name: analysis.signed_taps(rival.kernels[name]) for name in study.trace.names}
        parts[rival.name] = fixed
        spreads.append(_spread(rival.name, theme.model_colour("tconv"), fixed, fixed=True))
        low = -analysis.limit(np.minimum(spreads[-1].values[:, 1:4], 0.0))
    return Panel(
        title="Kernels: each tap, block by block",
        see="How much weight do the channels of each block give to the previous, the current and "
        "the next frame? The dotted line is ⅓: all three alike.",
        how="Boxes span the middle half of a block's channels and whiskers 5% to 95%; grey ones "
        f"are the untrained network. The diamond is the chosen channel. {_of(rival)}",
        figure=plots.tap_boxes(
            study.trace.names, spreads, marks, study.number, (low, 1.0), level=1 / 3
        ),
        says=words.describe_taps(study.trace, rival),
        table=_quantiles(parts),
    )


def _of(rival: Fixed | None) -> str:
    if rival is None:
        return (
            "No temporal convolution of the same shape is among the checkpoints, so no fixed "
            "kernels stand beside them."
        )
    return (
        f"Green marks, from quartile to quartile, are the kernels that {rival.name} learned, the "
        "same for every video. They may be negative, which Θ cannot, and of any size, which the "
        "next convolution takes up: each is divided by the sum of its absolute values."
    )


def _tap_changes(study: KernelStudy, beside: Second) -> Panel:
    moved, base = differences(study, beside)
    parts = {} if base is None else {UNTRAINED: _parts(base)}
    parts[study.minus] = _parts(moved)
    colours = {UNTRAINED: theme.UNTRAINED, study.minus: theme.FIRST}
    end = analysis.limit(*parts[study.minus].values())
    mark = analysis.shares(moved[study.block])[study.channel]
    return Panel(
        title="Kernels: each tap, block by block, difference",
        see=f"Θ on {study.name} minus Θ on {beside.name}. Kernels that are the same for every "
        "video, as in temporal convolution, would all lie on the dotted line.",
        how="Boxes span the middle half of a block's channels and whiskers 5% to 95%; grey ones "
        "are the untrained network. The diamond is the chosen channel.",
        figure=plots.tap_boxes(
            study.trace.names,
            [_spread(label, colours[label], kernels) for label, kernels in parts.items()],
            {f"channel {study.channel}": (theme.FIRST, mark)},
            study.number,
            (-end, end),
            level=0.0,
        ),
        says=_moves(study, beside),
        table=_quantiles(parts),
    )


def _spread(
    label: str, colour: str, parts: Mapping[str, Float[np.ndarray, "_ 3"]], *, fixed: bool = False
) -> Spread:
    values = np.stack([analysis.spread_over(part) for part in parts.values()])
    return Spread(label, colour, values, fixed)


def _quantiles(parts: Mapping[str, Mapping[str, Float[np.ndarray, "_ 3"]]]) -> pd.DataFrame:
    tables = {label: analysis.quantile_table(kernels) for label, kernels in parts.items()}
    return pd.concat(tables, names=["of"])


def _channel_shares(study: KernelStudy, trace: TAMTrace) -> Float[np.ndarray, " 3"]:
    return analysis.shares(trace[study.block].kernel)[study.channel]


def _shares(trace: TAMTrace) -> dict[str, np.ndarray]:
    return _parts(kernels_of(trace))


def _parts(kernels: Kernels) -> dict[str, np.ndarray]:
    return {name: analysis.shares(kernel) for name, kernel in kernels.items()}


def kernels_of(trace: TAMTrace, chosen: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Θ by block, of all of them or of those that are named."""
    return {name: trace[name].kernel for name in chosen or trace.names}


def differences(
    study: KernelStudy, beside: Second
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray] | None]:
    """Θ on the clip less Θ on the second one, of the network and of the untrained one."""
    base = None
    if study.untrained is not None and beside.untrained is not None:
        base = _less(study.untrained, beside.untrained)
    return _less(study.trace, beside.trace), base


def _less(first: TAMTrace, second: TAMTrace) -> dict[str, np.ndarray]:
    return {block.name: block.kernel - second[block.name].kernel for block in first.blocks}
