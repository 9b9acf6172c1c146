"""Panels on what in a clip an answer rests on; the untrained network stands beside each."""

from __future__ import annotations

from collections.abc import Sequence

from tam_viz.analysis import attribution as analysis
from tam_viz.analysis.attribution import Explained, Method, Tested
from tam_viz.analysis.importance import inside_event
from tam_viz.panels.panel import Panel
from tam_viz.plots import attribution as plots
from tam_viz.plots import theme
from tam_viz.plots.overlay import Strip, overlay_strips

_WHAT: dict[Method, str] = {
    "Grad-CAM": "Grad-CAM weights the last feature maps, here {a}×{b} places a frame, by the "
    "slope of the score; the picture runs smoothly from place to place. The paper keeps only what "
    "speaks for a class, here both signs are kept.",
    "integrated gradients": "Integrated gradients follow the score from a grey clip to this one "
    "and give each pixel its part. The scale ends at what one pixel of a hundred exceeds.",
}
_FILLINGS = {
    "mean colour": "grey, the mean colour of the training frames",
    "neighbour": "the frame before it (in place of the first, the second)",
}


def maps(explained: Explained, *, frame: int, limit: float | None = None) -> Panel:
    """Where in the frames a network's score for a class lies.

    Args:
        explained: The network, and what its score rests on.
        frame: Frame to point at, from 0.
        limit: End of all colour scales; by default each strip has its own.
    """
    found = explained.found
    strips = [_strip(explained, found, explained.card.id, limit)]
    if explained.untrained is not None:
        name = "the same network untrained: a map that looks the same explains nothing"
        strips.append(_strip(explained, explained.untrained, name, limit))
    a, b = found.maps.shape[1:]
    scale = (
        "Each strip has one scale for all its frames"
        if limit is None
        else "All strips of this page share one scale"
    )
    return Panel(
        title=f"{found.method[0].upper()}{found.method[1:]}: '{found.target}' in "
        f"{explained.card.id}",
        see="Blue speaks for the class, red against it; where nothing does, the frame is as it "
        f"was. {_WHAT[found.method].format(a=a, b=b)} {scale}; no frame is made brighter by "
        "itself. Slopes are not causes: the frames are deleted in earnest below. Click a frame to "
        "choose it.",
        figure=overlay_strips(
            strips,
            colours=theme.CHANGE,
            title="log-odds",
            highlight=frame if frame < len(explained.clip.frames) else None,
        ),
        says=analysis.describe_maps(explained),
        table=analysis.maps_table(explained),
    )


def _strip(
    explained: Explained, found: analysis.Attribution, name: str, limit: float | None
) -> Strip:
    end = limit or analysis.reach(found)
    return Strip(explained.clip, found.maps, -end, end, name)


def deletion(tested: Sequence[Tested], method: Method, frame: int) -> Panel:
    """What each network's score loses without each frame.

    Args:
        tested: The networks; at least one.
        method: What made the maps that the losses are held against.
        frame: Frame to point at, from 0.
    """
    filling = tested[0].found.filling
    rows = [
        plots.FrameRow(
            name=f"{one.card.id} · {one.found.target}",
            colour=theme.model_colour(one.card.temporal),
            clip=one.clip,
            inside=inside_event(one.clip),
            drops=one.found.drops,
            sums=one.sums,
            untrained=one.untrained.drops,
        )
        for one in tested
    ]
    return Panel(
        title="Which frames the answer needs",
        see="Filled bars: what the log-odds of the class lose when one frame is replaced by "
        f"{_FILLINGS[filling]}; below 0 they gain. Pale bars: what {method} says of the same "
        "frame. Diamonds: what the untrained network loses. Orange: the true event, where it is "
        "known. This is an experiment, not a slope, yet on a clip such as the network never saw: "
        "what is lost may be the frame, or the clip's being whole.",
        figure=plots.frame_bars(rows, method, frame),
        says="\n\n".join(analysis.describe_deletion(one, method) for one in tested),
        table=analysis.deletion_table(tested, method),
    )
