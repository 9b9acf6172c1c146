"""Panels on what in a clip an answer rests on; the untrained network stands beside each."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from tam_viz.analysis.clip import attribution as analysis
from tam_viz.analysis.clip.attribution import Explained, Tested
from tam_viz.analysis.formatting import listed
from tam_viz.analysis.tam.importance import inside_event
from tam_viz.panels.panel import Panel
from tam_viz.plots.clip import attribution as plots
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.blending import Strip
from tam_viz.plots.shared.overlay import overlay_strips
from tam_viz.types import Attribution, Clip, Method

_WHAT: dict[Method, str] = {
    "Grad-CAM": "Grad-CAM weights the last feature maps by the gradient of the score. They have "
    "{a}×{b} cells a frame: {drawn}. The paper keeps only what supports a class; here both signs "
    "are kept.",
    "integrated gradients": "Integrated gradients follow the score from a grey clip to this one "
    "and give each pixel its share. The scale ends at what one pixel in a hundred exceeds.",
}
_FILLINGS = {
    "mean colour": "grey, the mean colour of the training frames",
    "neighbour": "the frame before it (in place of the first, the second)",
}


def stored(attribution: Attribution, clip: Clip) -> go.Figure:
    """The map that a finding holds, over the frames that it holds."""
    end = analysis.colour_limit(attribution)
    name = f"{attribution.checkpoint_id}: {attribution.method}"
    return overlay_strips(
        [Strip(clip, attribution.maps, -end, end, name)],
        colours=theme.CHANGE,
        title=analysis.measure(attribution),
    )


_DRAWN = {
    False: "the map has no finer detail",
    True: "the picture is interpolated between them and has no finer detail",
}


def maps(
    explained: Explained, *, frame: int, limit: float | None = None, smooth: bool = False
) -> Panel:
    """Where in the frames a network's score for a class lies.

    Args:
        explained: The network, and what its score rests on.
        frame: Frame to point at, from 0.
        limit: End of all colour scales; by default each strip has its own.
        smooth: Whether cells of a map run into each other.
    """
    attribution = explained.result
    strips = [_strip(explained, attribution, explained.card.id, limit, smooth=smooth)]
    if explained.untrained is not None:
        name = "the same network untrained: a map that looks the same explains nothing"
        strips.append(_strip(explained, explained.untrained, name, limit, smooth=smooth))
    a, b = attribution.maps.shape[1:]
    what = _WHAT[attribution.method].format(a=a, b=b, drawn=_DRAWN[smooth])
    scale = (
        "Each strip has one scale for all its frames"
        if limit is None
        else "All strips of this page share one scale"
    )
    return Panel(
        title=f"{attribution.method[0].upper()}{attribution.method[1:]}: "
        f"{analysis.named(attribution)} in {explained.card.id}",
        see=f"Blue supports '{attribution.target}', red speaks against it, grey is neither. "
        "Gradients are not causes; the deletion test below really removes frames. Click a frame to "
        "choose it.",
        how=f"{what} {scale}; frames are never scaled individually.",
        figure=overlay_strips(
            strips,
            colours=theme.CHANGE,
            title=analysis.measure(attribution),
            highlight=frame if frame < len(explained.clip.frames) else None,
        ),
        says=analysis.describe_maps(explained),
        table=analysis.maps_table(explained),
    )


def _strip(
    explained: Explained,
    attribution: Attribution,
    name: str,
    limit: float | None,
    *,
    smooth: bool,
) -> Strip:
    end = limit or analysis.colour_limit(attribution)
    return Strip(explained.clip, attribution.maps, -end, end, name, smooth)


def deletion(tested: Sequence[Tested], method: Method, frame: int) -> Panel:
    """Losses of each network's score without each frame.

    Args:
        tested: The networks; at least one.
        method: What made the maps that the losses are compared with.
        frame: Frame to point at, from 0.
    """
    filling = tested[0].result.filling
    kind = listed(dict.fromkeys(analysis.measure(test.result) for test in tested))
    rows = [
        plots.FrameRow(
            name=f"{test.card.id} · {analysis.named(test.result)}",
            colour=theme.model_colour(test.card.temporal),
            clip=test.clip,
            inside=inside_event(test.clip),
            drops=test.result.drops,
            sums=test.sums,
            untrained=None if test.untrained is None else test.untrained.drops,
        )
        for test in tested
    ]
    return Panel(
        title="Deletion test: which frames the prediction needs",
        see=f"Filled bars: how far the {kind} falls when one frame is replaced by "
        f"{_FILLINGS[filling]}; below 0 it rises. Pale bars: the sum of {method} over the same "
        "frame.",
        how="Diamonds: how far it falls in the untrained network. Orange: frames inside the true "
        "event, where it is known. This is an intervention, not a gradient, but the edited clip is "
        "out of distribution: part of the loss may come from the gap rather than from the frame.",
        figure=plots.frame_bars(rows, method, frame, kind),
        says="\n\n".join(analysis.describe_deletion(test, method) for test in tested),
        table=analysis.deletion_table(tested, method),
        kind="deletion",
        classes=(tested[0].result.target, *filter(None, [tested[0].result.rival])),
    )
