"""The parts of the page of importance maps, and what a click on its pictures chooses."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tam_viz.analysis.tam.importance import centred, channel_order, colour_limit
from tam_viz.analysis.tam.inside_probe import InsideProbe, read_inside_probes
from tam_viz.analysis.tam.ranking import importance_apart, top
from tam_viz.literal import sentence
from tam_viz.models.cards import find
from tam_viz.panels.tam import importance as panels
from tam_viz.panels.tam import importance_channel
from tam_viz.panels.tam import two_checkpoints as two_panels
from tam_viz.panels.tam.importance_references import ControlTraces, block_beside
from tam_viz.types import BlockTrace, Card, Clip, TAMTrace
from tam_viz.ui.figure import clicked, show
from tam_viz.ui.pickers import pick_order
from tam_viz.ui.state import cache
from tam_viz.ui.state.choices import pick
from tam_viz.ui.state.references import References
from tam_viz.ui.state.selection import Selection
from tam_viz.ui.tam.other_checkpoint import both_checkpoints, pick_checkpoint
from tam_viz.ui.tam.ranking import pick_ranking, show_list

_VARIATION, _DECODED = "variation", "probe"
_VIEWS = {_VARIATION: "temporal variation of V", _DECODED: "linear probe: event vs. no event"}
"""Summaries of blocks: keys and labels."""
_ALL, _ROWS = 64, 48
"""A block of so many channels is shown whole; of a larger one so many channels are shown, since
more rows could not be told apart."""
_SCALES = {"block": "of this block", "all": "of all blocks", "full": "of all that V can do"}


def choose_block(key: str) -> None:
    """Takes the block whose row was clicked."""
    name = clicked(key)
    if name is not None:
        st.session_state["block"] = name


def choose_channel(key: str) -> None:
    """Takes the channel whose row was clicked."""
    channel = clicked(key)
    if channel is not None:
        st.session_state["channel"] = int(channel)


def choose_frame(key: str) -> None:
    """Takes the frame that was clicked."""
    frame = clicked(key)
    if frame is not None:
        st.session_state["frame"] = int(frame) + 1


def controls(selection: Selection, clip: Clip, references: References) -> ControlTraces[TAMTrace]:
    """The references of V of the clip.

    Raises:
        UserError: The network cannot be run.
    """
    mean = references.mean
    return ControlTraces(
        cache.frozen_trace(selection.card.id, clip, selection.frame),
        selection.frame,
        references.untrained,
        None if mean is None else mean.trace,
        fitted=references.fitted,
        over="clips" if mean is None else mean.over,
    )


def show_blocks(
    selection: Selection, clip: Clip, trace: TAMTrace, beside: ControlTraces[TAMTrace]
) -> None:
    """All blocks, by how V varies or by what a probe decodes from it.

    Raises:
        UserError: The file of the probes is damaged.
    """
    view = pick(st.segmented_control, "Summarise blocks by", _VIEWS, "blocks", required=True)
    probes = probes_of(selection.card)
    if view == _VARIATION:
        panel = panels.overview(clip, trace, beside, selection.block)
        show(panel, key="overview", on_click=choose_block)
    elif probes is None:
        st.info(
            sentence(
                f"This network has no probe yet: `tam-viz probe {selection.card.id}` fits one "
                f"(MotionPairs networks only)."
            )
        )
    else:
        panel = panels.probed(clip, trace, beside.untrained, probes, selection.block)
        show(panel, key="probed", on_click=choose_block)


def show_channels(
    selection: Selection,
    clip: Clip,
    second: Clip | None,
    trace: TAMTrace,
    beside: ControlTraces[TAMTrace],
    references: References,
) -> None:
    """The channels of the chosen block, a list of the first of them, and V of the chosen one.

    Raises:
        UserError: The network cannot be run.
    """
    block, channel = trace[selection.block], selection.channel_of(clip)
    controls = block_beside(beside, block.name)
    left, middle, right = st.columns(3)
    with left:
        ranking = pick_ranking(selection, clip, second)
    with middle:
        order = _order(block, ranking.order)
    with right:
        limit = _limit(trace, block)
    shown = None if len(block.importance) <= _ALL else ranking.shown(channel, _ROWS)
    maps = panels.block_map(
        clip,
        block,
        controls,
        channel=channel,
        order=order,
        limit=limit,
        shown=shown,
        ranked_by=ranking.name,
        sameness=references.sameness(block.name),
    )
    show(maps, key="map", on_click=choose_channel)
    show_list(block, ranking, channel)
    line = importance_channel.channel_line(
        clip,
        block,
        controls,
        channel=channel,
        frame=selection.frame,
        usual=references.usual(block.name, channel, clip.label),
    )
    show(line, key="line", on_click=choose_frame)


def show_frames(selection: Selection, clip: Clip, block: BlockTrace) -> None:
    """The activation of the chosen channel in the frames.

    Raises:
        UserError: The network cannot be run.
    """
    weighted = st.toggle(
        "Show after weighting by V", value=True, key="weighted", bind="query-params"
    )
    channel = selection.channel_of(clip)
    features = cache.features(selection.card.id, clip)[block.name].x[channel]
    panel = importance_channel.emphasised(
        clip, block, features, channel=channel, frame=selection.frame, weighted=weighted
    )
    show(panel, key="emphasised", on_click=choose_frame)


def show_two_checkpoints(selection: Selection, clip: Clip, trace: TAMTrace) -> None:
    """V of another checkpoint of the architecture beside that of the chosen one.

    Raises:
        UserError: A network cannot be run.
    """
    card = pick_checkpoint(selection)
    if card is None:
        return
    both, block, channel = (
        both_checkpoints(selection, card, clip),
        selection.block,
        selection.channel_of(clip),
    )
    show(two_panels.importance_blocks(clip, both, block), "checkpoints-blocks", choose_block)
    first, second = both.block(block)
    count = len(first.importance)
    shown = None if count <= _ALL else top(importance_apart(first, second), _ROWS, channel)
    order = channel_order(trace[block].importance, "peak").tolist()
    panel = two_panels.importance_channels(clip, both, block, channel, order, shown)
    show(panel, "checkpoints-map", choose_channel)


def _order(block: BlockTrace, ranked: Sequence[int]) -> Sequence[int]:
    """All channels from top to bottom, in the order that is asked for."""
    by = pick_order()
    return ranked if by is None else channel_order(block.importance, by).tolist()


def _limit(trace: TAMTrace, block: BlockTrace) -> float:
    """The end of the colour scale of centred V."""
    scale = pick(st.selectbox, "Colour scale", _SCALES, "scale")
    if scale == "block":
        return colour_limit(centred(block.importance))
    if scale == "all":
        return max(colour_limit(centred(layer.importance)) for layer in trace.blocks)
    return 1.0


def probes_of(card: Card) -> tuple[InsideProbe, InsideProbe] | None:
    """The probes of the event that were fitted to a network and to it untrained, if any.

    Raises:
        UserError: Their file is damaged.
    """
    return read_inside_probes(find(card.id))
