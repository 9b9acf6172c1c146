"""Every edit in every block: the picture, the framed cell's answer, and a second checkpoint."""

from __future__ import annotations

from functools import partial

import streamlit as st

from tam_viz.analysis.edits.contrasts import Subject
from tam_viz.analysis.edits.sweep import Sweep
from tam_viz.analysis.formatting import signed
from tam_viz.literal import sentence
from tam_viz.panels.edits import sweep as panels
from tam_viz.types import Clip
from tam_viz.ui.edits import by_block, clip_timing, intervention
from tam_viz.ui.edits.edit_controls import choose_edit
from tam_viz.ui.edits.last_change import Change
from tam_viz.ui.edits.precision import with_precision
from tam_viz.ui.figure import show
from tam_viz.ui.state.selection import Selection
from tam_viz.ui.tam.other_checkpoint import pick_checkpoint


def show_sweep(
    selection: Selection,
    clip: Clip,
    second: Clip | None,
    effect: intervention.Effect,
    change: Change,
) -> None:
    """Draws the sweep of the network, and of another checkpoint on the same scale.

    Args:
        selection: What the visitor is looking at.
        clip: As it is.
        second: The clip beside it.
        effect: What the chosen edits do.
        change: The chosen edits; the cell that makes them is marked.
    """
    own = by_block.sweep(selection, clip, second)
    if own is None:
        return
    card = pick_checkpoint(selection)
    other = None
    if card is not None:
        shown = clip_timing.clip_of(selection, card)
        donor = None if second is None or shown != clip else second
        other = by_block.sweep(selection, shown, donor, card)
    subject, marked = effect.subject, own.cell(change.edits) if change.tempo is None else None
    drawn = [result for result in (own, other) if result is not None]
    limit = max(result.limit(subject) for result in drawn)
    name = None if other is None else selection.card.id
    _show_cell(own, subject, marked)
    panel = with_precision(panels.block_by_edit(own, subject, marked, limit, name), selection.card)
    show(panel, key="sweep", on_click=partial(choose_edit, own))
    if other is not None and card is not None:
        beside = panels.block_by_edit(other, subject, None, limit, card.id)
        show(with_precision(beside, card), key="sweep-checkpoint")


def _show_cell(sweep: Sweep, subject: Subject, cell: tuple[int, int] | None) -> None:
    """The answer of the framed cell, beside the picture that it was chosen in."""
    if cell is None:
        _box("No cell is framed, because the edit chosen above is not in this table. Click a cell.")
        return
    row, column = cell
    was, now = sweep.classes[int(sweep.before.argmax())], sweep.answers[row][column]
    turned = f"stays '{now}'" if was == now else f"turns from '{was}' to '{now}'"
    score = float(subject.score(sweep.logits[row, column]))
    text = (
        f"The framed cell, '{sweep.columns[column]}' in {sweep.rows[row]}: the prediction "
        f"{turned}; the {subject.measure} goes from {signed(subject.score(sweep.before))} to "
        f"{signed(score)} ({signed(sweep.change(subject)[row, column])})."
    )
    _box(sentence(text))


def _box(says: str) -> None:
    with st.container(border=True):
        st.markdown(says)
