"""Effects of the chosen edits, and of TAM switched off."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from tam_viz.analysis.edits.contrasts import Subject, subject_of
from tam_viz.analysis.edits.edit_words import describe_changes, describe_played
from tam_viz.analysis.edits.edits import TAM_OFF
from tam_viz.panels.edits import effect as panels
from tam_viz.panels.panel import Panel
from tam_viz.types import GIVEN, Clip, Run
from tam_viz.ui.edits.ask_to_wait import agreed, is_quick, wanted
from tam_viz.ui.edits.class_pickers import RIVALS
from tam_viz.ui.edits.last_change import Change
from tam_viz.ui.state import cache
from tam_viz.ui.state.deferred import Later
from tam_viz.ui.state.selection import Selection
from tam_viz.video.tempo import retimed


@dataclass(frozen=True, eq=False)
class Effect:
    """One clip through one network in several states.

    Attributes:
        clip: As the edited network is given it.
        before: Nothing edited, the clip as it is.
        after: Edited.
        off: TAM switched off in every block, the clip as it is; None until it is there.
        over: What the mean of V is over with TAM switched off, in words.
        waits: Whether TAM switched off joins once its mean of V is there.
        other: The second clip, or the clip backwards where there is none.
        subject: The class that is spoken of.
    """

    clip: Clip
    before: Run
    after: Run
    off: Run | None
    other: Clip
    subject: Subject
    over: str = ""
    waits: bool = False


def effect(
    selection: Selection,
    clip: Clip,
    second: Clip | None,
    change: Change,
    later: Later | None = None,
) -> Effect:
    """The effect of the chosen edits.

    Args:
        selection: What the visitor is looking at.
        clip: As it is.
        second: The clip beside it.
        change: Edits to put in force, and how the edited network is shown the clip.
        later: Has TAM switched off join; None to wait for it.

    Raises:
        UserError: An edit does not fit.
    """
    name, basis = selection.card.id, selection.basis
    before, mean = cache.run(name, clip), None
    if off_wanted(selection):
        ready, is_kept = partial(cache.mean_trace, name, basis), cache.kept(mean_key(selection))
        mean = ready() if later is None else later.get(ready, is_kept=is_kept)
    shown = clip if change.tempo is None else retimed(clip, change.tempo, selection.frame)
    return Effect(
        shown,
        before,
        cache.edited_run(name, shown, change.edits, cache.mean_for(name, change.edits, basis)),
        None if mean is None else cache.edited_run(name, clip, TAM_OFF, mean),
        second or retimed(clip, "reversed"),
        subject_of(before.prediction, clip.label, RIVALS, change.contrast),
        "" if mean is None else mean.over,
        waits=mean is None and off_wanted(selection),
    )


def without_mean(selection: Selection, change: Change, later: Later) -> Change:
    """The chosen edits, and nothing edited while a mean that they put in is not there yet."""
    if not any(edit.op in GIVEN for edit in change.edits):
        return change
    ready = partial(cache.mean_trace, selection.card.id, selection.basis)
    if later.get(ready, is_kept=cache.kept(mean_key(selection))) is not None:
        return change
    return replace(change, edits=(), tempo=None)


def mean_key(selection: Selection) -> tuple[Hashable, ...]:
    """Under which the mean of the network is kept."""
    return cache.mean_key(selection.card.id, selection.basis)


def off_wanted(selection: Selection) -> bool:
    """Whether TAM switched off is shown: its mean of V is quick, there, or was asked for."""
    key = mean_key(selection)
    quick = is_quick(selection.card, selection.basis.count)
    return quick or cache.kept(key) or key in wanted()


def offer_off(selection: Selection, clip: Clip) -> None:
    """Asks whether to wait for the mean that TAM switched off needs, where that takes long."""
    basis, key = selection.basis, mean_key(selection)
    if not off_wanted(selection) and agreed(
        key,
        selection.card,
        clip,
        basis.count,
        f"TAM switched off (V at its mean over {basis.says})",
        st.caption,
    ):
        wanted().add(key)
        st.rerun()


def answers_panel(selection: Selection, effect: Effect, change: Change) -> Panel:
    """The answer before and after."""
    played = None if change.tempo is None else describe_played(change.tempo, selection.frame)
    return panels.answers(
        selection.card,
        effect.before.prediction,
        effect.after.prediction,
        None if effect.off is None else effect.off.prediction,
        effect.subject,
        change.edits,
        played,
        effect.over,
    )


def trace_panels(selection: Selection, effect: Effect, change: Change) -> tuple[Panel, Panel]:
    """V and Θ block by block, and those of the chosen channel; runs the other clip for its own."""
    runs = (effect.before, effect.after, cache.run(selection.card.id, effect.other))
    before, after, other = (run.tam for run in runs)
    name, channel = selection.block, selection.channel_of(selection.clip())
    return (
        panels.downstream(before, after, other, change.edits, name),
        panels.channel(before[name], after[name], other[name], channel),
    )


def described(change: Change, frame: int) -> str:
    """The change in words; `frame`, from 0, is the one that may be frozen."""
    played = None if change.tempo is None else describe_played(change.tempo, frame)
    return describe_changes(change.edits, played)


def two_classes(effect: Effect) -> tuple[str, str | None]:
    """The class that is spoken of and its rival: one contrast in all figures of the page."""
    return effect.subject.name, effect.subject.rival
