"""Panels on adaptive kernels of a clip, beside a second clip and what was not learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.tam import kernel_words as words
from tam_viz.analysis.tam import kernels as analysis
from tam_viz.analysis.tam.kernels import Fixed
from tam_viz.panels.panel import Panel
from tam_viz.panels.tam.kernel_study import (
    UNTRAINED,
    Kernels,
    KernelStudy,
    Second,
    differences,
    kernels_of,
)
from tam_viz.panels.tam.kernel_triangle import describe_moves
from tam_viz.plots.shared import theme
from tam_viz.plots.tam import kernel_maps
from tam_viz.plots.tam import kernels as plots
from tam_viz.plots.tam.kernel_map_axes import Band
from tam_viz.plots.tam.kernels import Spread
from tam_viz.types import BlockTrace, TAMTrace


def block_map(study: KernelStudy, shown: Sequence[int] | None = None, ranked_by: str = "") -> Panel:
    """The kernels of one block.

    Args:
        study: What is looked at.
        shown: The channels to show; by default all.
        ranked_by: What they were chosen by.
    """
    block, beside = study.trace[study.block], study.second
    order = np.argsort(analysis.lean(block.kernel), kind="stable")
    table = {study.name: block}
    if beside is not None and study.apart is None:
        table[beside.name] = beside.trace[study.block]
    apart = study.apart
    bands = [Band(study.name, block.kernel)]
    bands += _references(study) if apart is None else _differences(study, apart)
    changes = [band.values for band in bands if band.change]
    below = (
        "Below it: differences, blue where this clip gives a tap more weight, red where less."
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
        "the background, the more weight. Click a column to choose its channel.",
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
                words.describe_channel_kernel(
                    block, study.channel, None if beside is None else beside.trace[study.block]
                ),
            )
        ),
        table=_side_by_side(table),
    )


def _references(study: KernelStudy) -> list[Band]:
    """The kernels that stand below those of the clip."""
    block, bands = study.block, []
    if study.second is not None:
        bands.append(Band(study.second.name, study.second.trace[block].kernel))
    if study.mean is not None:
        bands.append(Band(study.mean_name, study.mean[block].kernel))
    if study.plain is not None:
        bands.append(Band(UNTRAINED, study.plain.kernel))
    return bands


def _differences(study: KernelStudy, apart: Second) -> list[Band]:
    """How far the kernels of the clip are from those of the second one and from the mean."""
    block = study.block
    moved, base = differences(study, apart)
    bands = [Band(study.minus, moved[block], change=True)]
    if study.mean is not None:
        from_mean = study.trace[block].kernel - study.mean[block].kernel
        bands.append(Band(f"{study.name} − {study.mean_name}", from_mean, change=True))
    if base is not None:
        bands.append(Band(f"{UNTRAINED}: {study.minus}", base[block], change=True))
    return bands


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
            "No temporal convolution of the same shape is among the checkpoints, so there are no "
            "fixed kernels to compare with."
        )
    return (
        f"Green marks, from quartile to quartile, are the kernels that {rival.name} learned, the "
        "same for every video. Unlike Θ they can be negative and of any size; the next "
        "convolution absorbs their scale, so each is divided by the sum of its absolute values."
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
        says=describe_moves(study, beside),
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
