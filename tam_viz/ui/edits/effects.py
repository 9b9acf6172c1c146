"""What the page of interventions computes: cached by ids, asked for where it takes long."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from tam_viz.analysis.edits.contrasts import Subject, subject_of
from tam_viz.analysis.edits.dependence import DELETED, Channels, Frames
from tam_viz.analysis.edits.edit_words import describe_changes, describe_played
from tam_viz.analysis.edits.edits import TAM_OFF
from tam_viz.analysis.edits.patching import PATCHED, Patched
from tam_viz.analysis.edits.sweep import AS_IT_IS, Played, Swaps, Sweep
from tam_viz.experiments.kinds import Basis
from tam_viz.literal import sentence
from tam_viz.panels.edits import effect as panels
from tam_viz.panels.panel import Panel
from tam_viz.types import GIVEN, Card, Clip, Edit, Prediction, Run
from tam_viz.ui.clip import donors
from tam_viz.ui.edits.contrast import RIVALS
from tam_viz.ui.edits.edits import Change
from tam_viz.ui.state import cache
from tam_viz.ui.state.later import Later
from tam_viz.ui.state.selection import Selection
from tam_viz.video.tempo import TEMPI, retimed

_STALE_S = 30
_ASK_S = 5.0
"""What is estimated to take longer waits for a visitor to ask for it."""

_Job = tuple[str, str, Clip, tuple[Edit, ...]]
"""What the answers are called, the network, the clip, and the edits."""

_ALWAYS = 5e7
"""Work that is done unasked, however slow the machine is just now: see `_work`."""


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
        second: Nothing edited, the second clip, or the clip backwards where there is none.
        subject: The class that is spoken of.
    """

    clip: Clip
    before: Run
    after: Run
    off: Run | None
    second: Run
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
    """What the chosen edits do.

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
        ready, there = partial(cache.mean_trace, name, basis), cache.kept(mean_key(selection))
        mean = ready() if later is None else later.get(ready, there=there)
    shown = clip if change.tempo is None else retimed(clip, change.tempo, selection.frame)
    return Effect(
        shown,
        before,
        cache.run(name, shown, change.edits, basis),
        None if mean is None else cache.run(name, clip, TAM_OFF, basis),
        cache.run(name, second or retimed(clip, "reversed")),
        subject_of(before.prediction, clip.label, RIVALS, change.contrast),
        "" if mean is None else mean.over,
        waits=mean is None and off_wanted(selection),
    )


def without_mean(selection: Selection, change: Change, later: Later) -> Change:
    """The chosen edits, and nothing edited while a mean that they put in is not there yet."""
    if not any(edit.op in GIVEN for edit in change.edits):
        return change
    ready = partial(cache.mean_trace, selection.card.id, selection.basis)
    if later.get(ready, there=cache.kept(mean_key(selection))) is not None:
        return change
    return replace(change, edits=(), tempo=None)


def mean_key(selection: Selection) -> tuple[Hashable, ...]:
    """Under which the mean of the network is kept."""
    return cache.mean_key(selection.card.id, selection.basis)


def off_wanted(selection: Selection) -> bool:
    """Whether TAM switched off is shown: its mean of V is quick, there, or was asked for."""
    key = mean_key(selection)
    quick = selection.basis.count * _work(selection.card) <= _ALWAYS
    return quick or cache.kept(key) or key in _wanted()


def offer_off(selection: Selection, clip: Clip) -> None:
    """Asks whether to wait for the mean that TAM switched off needs, where that takes long."""
    basis, key = selection.basis, mean_key(selection)
    if not off_wanted(selection) and _agreed(
        key,
        selection.card,
        clip,
        basis.count,
        f"TAM switched off (V at its mean over {basis.says})",
        st.caption,
    ):
        _wanted().add(key)
        st.rerun()


def panels_of(selection: Selection, effect: Effect, change: Change) -> tuple[Panel, Panel, Panel]:
    """The answer before and after, V and Θ block by block, and those of the chosen channel."""
    before, after, second = (run.tam for run in (effect.before, effect.after, effect.second))
    name, channel = selection.block, selection.channel_of(selection.clip())
    played = None if change.tempo is None else describe_played(change.tempo, selection.frame)
    return (
        panels.answers(
            selection.card,
            effect.before.prediction,
            effect.after.prediction,
            None if effect.off is None else effect.off.prediction,
            effect.subject,
            change.edits,
            played,
            effect.over,
        ),
        panels.downstream(before, after, second, change.edits, name),
        panels.channel(before[name], after[name], second[name], channel),
    )


def described(change: Change, frame: int) -> str:
    """What was changed, in words; `frame`, from 0, is the one that may be frozen."""
    played = None if change.tempo is None else describe_played(change.tempo, frame)
    return describe_changes(change.edits, played)


def sweep(
    selection: Selection, clip: Clip, second: Clip | None, card: Card | None = None
) -> Sweep | None:
    """Every edit in every block; None until a visitor agrees to wait for it.

    Args:
        selection: What the visitor is looking at.
        clip: As it is.
        second: The clip beside it.
        card: Another network of the same architecture; by default the one that is looked at.
    """
    from tam_viz.experiments.studies import sweep as experiments

    card = card or selection.card
    name, basis = card.id, selection.basis_of(card)
    edits = experiments.all_edits(second, given=True)
    key = ("sweep", name, basis.key, clip.id, None if second is None else second.id)
    passes = (len(card.blocks) + 1) * (len(edits) + 1)
    passes += 0 if cache.kept(cache.mean_key(name, basis)) else basis.count
    if not _agreed(key, card, clip, passes, "Every edit in every block"):
        return None
    mean = cache.mean_trace(name, basis).trace
    return cache.with_bar(
        key,
        lambda: experiments.sweep(cache.network(name), clip, edits, given=mean),
        "Every edit in every block",
    )


def swapped(selection: Selection, clip: Clip, second: Clip) -> tuple[Swaps, Swaps] | None:
    """V and Θ exchanged between two clips, both ways; None until a visitor agrees to wait."""
    name = selection.card.id
    pairs = [(clip, second), (second, clip)]
    keys = [("swaps", name, one.id, other.id) for one, other in pairs]
    passes = 12 * len(selection.card.blocks)
    if not _agreed(keys[1], selection.card, clip, passes, "Swapping V and Θ block by block"):
        return None
    there, back = (
        cache.with_bar(key, partial(_swap, name, *pair), "Swapping V and Θ")
        for key, pair in zip(keys, pairs, strict=True)
    )
    return there, back


def _swap(name: str, clip: Clip, other: Clip) -> Iterator[tuple[int, int, Swaps | None]]:
    from tam_viz.experiments.studies.sweep import swaps

    return swaps(cache.network(name), clip, other)


def patched(
    selection: Selection, clip: Clip, second: Clip, effect: Effect
) -> tuple[Patched, Patched | None, tuple[str, str | None]] | None:
    """One block at a time patched from the second clip and from a null donor.

    None until a visitor agrees to wait. The null donor is the nearest right test clip of the most
    probable class that neither the two classes, the clips nor the answer have; other networks have
    none.
    """
    card, name = selection.card, selection.card.id
    passes = 2 * (3 + len(card.blocks) * len(PATCHED))
    key = ("patched", name, clip.id, second.id)
    if not _agreed(key, card, clip, passes, "Patching block by block"):
        return None
    predicted = {run.prediction.top(1)[0][0] for run in (effect.before, effect.second)}
    known = {effect.subject.name, effect.subject.rival, clip.label, second.label}
    null = donors.null_donor(card, clip, predicted | {c for c in known if c is not None})
    there, other = (
        None
        if donor is None
        else cache.with_bar(
            ("patched", name, clip.id, donor.id),
            partial(_patch, name, clip, donor),
            "Patching block by block",
        )
        for donor in (second, null)
    )
    if there is None:
        raise TypeError("patching from the second clip came to no result")
    return there, other, (_name(second), None if null is None else _name(null))


def _name(clip: Clip) -> str:
    """The clip, with its class as far as the name does not say it."""
    return clip.source if clip.label is None else f"{clip.source}: {clip.label}"


def _patch(name: str, clip: Clip, donor: Clip) -> Iterator[tuple[int, int, Patched | None]]:
    from tam_viz.experiments.studies.sweep import patched as steps

    return steps(cache.network(name), clip, donor)


def channels(selection: Selection, clip: Clip) -> Channels | None:
    """What each channel of the chosen block does to the answer; None until it is asked for."""
    card, block, basis = selection.card, selection.block, selection.basis
    key = ("channel effects", card.id, clip.id, block, basis.key)
    says = f"Running every channel of {block}"
    if not _agreed(key, card, clip, card.blocks[block] + 1, says):
        return None

    def steps() -> Iterator[tuple[int, int, Channels | None]]:
        from tam_viz.experiments.studies.dependence import channel_effects

        mean = cache.mean_trace(card.id, basis).trace
        return channel_effects(cache.network(card.id), clip, block, mean)

    return cache.with_bar(key, steps, says)


def frames(selection: Selection, clip: Clip) -> Frames | None:
    """What V of each block in each frame does to the answer; None until it is asked for."""
    card, basis = selection.card, selection.basis
    key = ("frame effects", card.id, clip.id, basis.key)
    passes = len(DELETED) * len(card.blocks) * card.input.frames
    says = "Taking away every frame in every block"
    if not _agreed(key, card, clip, passes, says):
        return None

    def steps() -> Iterator[tuple[int, int, Frames | None]]:
        from tam_viz.experiments.studies.dependence import frame_effects

        mean = cache.mean_trace(card.id, basis).trace
        return frame_effects(cache.network(card.id), clip, mean)

    return cache.with_bar(key, steps, says)


def two_classes(effect: Effect) -> tuple[str, str | None]:
    """The class that is spoken of and its rival: one contrast in all figures of the page."""
    return effect.subject.name, effect.subject.rival


def played(selection: Selection, edits: tuple[Edit, ...]) -> dict[str, Played] | None:
    """What the first networks, and the edited one, say however the clip is played.

    None until a visitor agrees to wait for it.

    Raises:
        UserError: The video cannot be read as a network needs it.
    """
    card = selection.card
    clips = {starter.id: clip_of(selection, starter) for starter in selection.starters}
    jobs: list[_Job] = [(n, n, clips[n], ()) for n in clips]
    if edits:
        jobs.insert(1, (f"{card.id}, edited", card.id, clips[card.id], edits))
    clip, passes = clips[card.id], len(jobs) * (1 + len(TEMPI))
    key = ("played", card.id, clip.id, selection.frame, edits)
    asked = ("playing", card.id, clip.id)
    if not (cache.kept(key) or _agreed(asked, card, clip, passes, "Playing it anew")):
        return None
    frame_of = selection.frame, selection.spec.frames
    return cache.with_bar(key, partial(_play, jobs, frame_of, selection.basis), "Temporal controls")


def _play(
    jobs: list[_Job], frame_of: tuple[int, int], basis: Basis
) -> Iterator[tuple[int, int, dict[str, Played] | None]]:
    """All jobs in turn; `frame_of` is the frame that is frozen, and of how many."""
    from tam_viz.experiments.studies.sweep import tempi

    played: dict[str, Played] = {}
    for number, (says, name, clip, edits) in enumerate(jobs):
        answer = partial(_answer, name, edits, basis)
        for done, total, answers in tempi(
            answer, clip, frame_of[0] * len(clip.frames) // frame_of[1]
        ):
            if answers is not None:
                played[says] = answers
            last = len(played) == len(jobs)
            yield number * total + done, len(jobs) * total, played if last else None


def _answer(name: str, edits: tuple[Edit, ...], basis: Basis, clip: Clip) -> Prediction:
    return cache.run(name, clip, edits, basis).prediction


def clip_of(selection: Selection, card: Card) -> Clip:
    """The clip as a network takes it: the view that is looked at, where it takes that one."""
    spec = selection.given(card)
    return selection.clip() if spec == selection.spec else cache.clip(selection.source, spec)


def tempo_words(frame: int) -> dict[str, str]:
    """What each way to play a clip is called; `frame`, from 0, is the one that is frozen."""
    frozen = {"frozen": f"frame {frame + 1}, frozen"}
    return {AS_IT_IS: AS_IT_IS, **{name: tempo.says for name, tempo in TEMPI.items()}, **frozen}


def strips(clip: Clip, frame: int) -> list[UInt8[np.ndarray, "t h w 3"]]:
    """The frames of the clip as it is and played in every other way."""
    return [clip.frames, *(retimed(clip, name, frame).frames for name in TEMPI)]


def _agreed(
    key: tuple[Hashable, ...],
    card: Card,
    clip: Clip,
    passes: int,
    says: str,
    tell: Callable[[str], object] = st.info,
) -> bool:
    """Whether to compute something now: it is quick, there already, or was asked for."""
    wanted = _wanted()
    if key in wanted or cache.kept(key) or passes * _work(card) <= _ALWAYS:
        return True
    seconds = passes * _seconds(card.id, clip)
    if seconds <= _ASK_S:
        return True
    needs = (
        f"{says} takes about {seconds:.0f} seconds with this network on this machine, as busy as "
        f"it is now."
    )
    tell(sentence(needs))
    st.button(
        "Compute it",
        key=f"compute-{str(key[0]).replace(' ', '-')}",
        on_click=wanted.add,
        args=(key,),
    )
    return False


def _wanted() -> set[Hashable]:
    """What this visitor agreed to wait for."""
    wanted: set[Hashable] = st.session_state.setdefault("agreed", set())
    return wanted


def _work(card: Card) -> float:
    """Roughly what a forward pass costs: pixels times the squared width, that of 16 being 1."""
    return card.input.frames * card.input.size**2 * (card.width / 16) ** 2


@st.cache_data(show_spinner="Timing the network…", ttl=_STALE_S)
def _seconds(name: str, _clip: Clip) -> float:
    """Time of a forward pass of a network that has run before, measured anew every half minute.

    Another process that used the cores while it was measured would else be promised for ever.
    """
    from tam_viz.capture.run import run

    return min(run(cache.network(name), _clip).seconds for _ in range(2))
