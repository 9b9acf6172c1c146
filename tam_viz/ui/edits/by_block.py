"""Experiments block by block: sweep, swaps, patching, channels, frames; asked for if long."""

from __future__ import annotations

from functools import partial

from tam_viz.analysis.edits.dependence import DELETED, ChannelEffects, FrameEffects
from tam_viz.analysis.edits.patching import PATCHED, Patched
from tam_viz.analysis.edits.swaps import Swaps
from tam_viz.analysis.edits.sweep import Sweep
from tam_viz.types import Card, Clip, Steps
from tam_viz.ui.clip import donors
from tam_viz.ui.edits.ask_to_wait import agreed
from tam_viz.ui.edits.intervention import Effect
from tam_viz.ui.edits.precision import in_bfloat16
from tam_viz.ui.state import cache
from tam_viz.ui.state.selection import Selection


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
    name, basis, fastest = card.id, selection.basis_of(card), in_bfloat16(card)
    edits = experiments.all_edits(second, given=True)
    key = ("sweep", name, fastest, basis.key, clip.id, None if second is None else second.id)
    passes = (len(card.blocks) + 1) * (len(edits) + 1)
    passes += 0 if cache.kept(cache.mean_key(name, basis)) else basis.count
    if not agreed(key, card, clip, passes, "Every edit in every block", fastest=fastest):
        return None
    mean = cache.mean_trace(name, basis).trace
    return cache.with_bar(
        key,
        lambda: experiments.sweep(cache.network(name, fastest=fastest), clip, edits, given=mean),
        "Every edit in every block",
    )


def swapped(selection: Selection, clip: Clip, second: Clip) -> tuple[Swaps, Swaps] | None:
    """V and Θ exchanged between two clips, both ways; None until a visitor agrees to wait."""
    card, fastest = selection.card, in_bfloat16(selection.card)
    pairs = [(clip, second), (second, clip)]
    keys = [("swaps", card.id, fastest, source.id, donor.id) for source, donor in pairs]
    passes = 12 * len(card.blocks)
    says = "Swapping V and Θ block by block"
    if not agreed(keys[1], card, clip, passes, says, fastest=fastest):
        return None
    forth, back = (
        cache.with_bar(key, partial(_swap, card.id, *pair, fastest=fastest), "Swapping V and Θ")
        for key, pair in zip(keys, pairs, strict=True)
    )
    return forth, back


def _swap(name: str, clip: Clip, donor: Clip, *, fastest: bool) -> Steps[Swaps]:
    from tam_viz.experiments.studies.sweep import swaps

    return swaps(cache.network(name, fastest=fastest), clip, donor)


def patched(
    selection: Selection, clip: Clip, second: Clip, effect: Effect
) -> tuple[Patched, Patched | None, tuple[str, str | None]] | None:
    """One block at a time patched from the second clip and from a null donor.

    None until a visitor agrees to wait. The null donor is the nearest right test clip of the most
    probable class that neither the two classes, the clips nor the answer have; other networks have
    none.
    """
    card, fastest = selection.card, in_bfloat16(selection.card)
    passes = 2 * (3 + len(card.blocks) * len(PATCHED))
    key = ("patched", card.id, fastest, clip.id, second.id)
    if not agreed(key, card, clip, passes, "Patching block by block", fastest=fastest):
        return None
    beside = cache.run(card.id, second)
    predicted = {run.prediction.top(1)[0][0] for run in (effect.before, beside)}
    known = {effect.subject.name, effect.subject.rival, clip.label, second.label}
    null = donors.null_donor(card, clip, predicted | {c for c in known if c is not None})
    from_second, from_null = (
        None
        if donor is None
        else cache.with_bar(
            ("patched", card.id, fastest, clip.id, donor.id),
            partial(_patch, card.id, clip, donor, fastest=fastest),
            "Patching block by block",
        )
        for donor in (second, null)
    )
    if from_second is None:
        raise TypeError("patching from the second clip came to no result")
    return from_second, from_null, (_name(second), None if null is None else _name(null))


def _name(clip: Clip) -> str:
    """The clip, with its class as far as the name does not say it."""
    return clip.source if clip.label is None else f"{clip.source}: {clip.label}"


def _patch(name: str, clip: Clip, donor: Clip, *, fastest: bool) -> Steps[Patched]:
    from tam_viz.experiments.studies.sweep import patched as steps

    return steps(cache.network(name, fastest=fastest), clip, donor)


def channels(selection: Selection, clip: Clip) -> ChannelEffects | None:
    """The effect of each channel of the chosen block on the prediction; None until asked for."""
    card, block, basis = selection.card, selection.block, selection.basis
    fastest = in_bfloat16(card)
    key = ("channel effects", card.id, fastest, clip.id, block, basis.key)
    says = f"Running every channel of {block}"
    if not agreed(key, card, clip, card.blocks[block] + 1, says, fastest=fastest):
        return None

    def steps() -> Steps[ChannelEffects]:
        from tam_viz.experiments.studies.dependence import channel_effects

        mean = cache.mean_trace(card.id, basis).trace
        return channel_effects(cache.network(card.id, fastest=fastest), clip, block, mean)

    return cache.with_bar(key, steps, says)


def frames(selection: Selection, clip: Clip) -> FrameEffects | None:
    """The effect of V of each block in each frame on the prediction; None until asked for."""
    card, basis, fastest = selection.card, selection.basis, in_bfloat16(selection.card)
    key = ("frame effects", card.id, fastest, clip.id, basis.key)
    passes = len(DELETED) * len(card.blocks) * card.input.frames
    says = "Removing every frame in every block"
    if not agreed(key, card, clip, passes, says, fastest=fastest):
        return None

    def steps() -> Steps[FrameEffects]:
        from tam_viz.experiments.studies.dependence import frame_effects

        mean = cache.mean_trace(card.id, basis).trace
        return frame_effects(cache.network(card.id, fastest=fastest), clip, mean)

    return cache.with_bar(key, steps, says)
