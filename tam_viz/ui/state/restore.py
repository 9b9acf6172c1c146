"""What an opened finding shows, as what can be picked here: a place, and the change it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tam_viz.analysis.edits.contrasts import Contrast
from tam_viz.analysis.edits.edit_forms import wish_of
from tam_viz.analysis.edits.edits import Wish, describe_edits, edits_of
from tam_viz.findings.finding import Finding, Kept
from tam_viz.types import Card, Clip, Run
from tam_viz.ui.edits.edits import Made
from tam_viz.ui.pickers import whole
from tam_viz.ui.state.selection import BACKWARDS
from tam_viz.video.tempo import retimed, tempo_of


@dataclass(frozen=True, eq=False)
class Again:
    """A change that the page of interventions can make.

    Attributes:
        kept: The clip that it was made on, as it is.
        wish: What to ask for.
        made: What that makes.
        frame: The frame, from 0, that was frozen; None where none was.
    """

    kept: Kept
    wish: Wish
    made: Made
    frame: int | None


def asked(finding: Finding) -> dict[str, str]:
    """What was selected, by name."""
    return {name: values[0] for name, values in finding.query.items() if values}


def place(query: Mapping[str, str], card: Card) -> dict[str, str | int | None]:
    """Block, channel and frame of a query, those that a network has."""
    found: dict[str, str | int | None] = {}
    block = query.get("block", "")
    if block in card.blocks:
        found["block"] = block
        found["channel"] = _within(query.get("channel"), 0, card.blocks[block] - 1)
    frame = _within(query.get("frame"), 1, card.input.frames)
    return found if frame is None else {**found, "frame": frame}


def change_of(finding: Finding, card: Card) -> Again | None:
    """The last change of a finding; None if there is none, or none that can be asked for."""
    changes = _changes(finding)
    return _again(finding, card, changes[-1]) if changes else None


def _again(finding: Finding, card: Card, done: Run) -> Again | None:
    base = _base(finding, done)
    if base is None or done.checkpoint_id != card.id:
        return None
    kept, tempo, frame = base
    plain = next((run for run in finding.runs if _is_plain(run, done, kept)), None)
    if plain is None or plain.trace is None or plain.trace.names != tuple(card.blocks):
        return None
    query, second = asked(finding), _second(finding, kept)
    named = [query.get("block"), *(edit.block for edit in done.edits)]
    block = next((name for name in named if name in card.blocks), plain.trace.names[0])
    channel = _within(query.get("channel"), 0, card.blocks[block] - 1)
    wish = wish_of(done.edits, plain.trace, second, block, channel)
    if wish is None:
        return None
    contrast = Contrast(query.get("spoken"), query.get("against"))
    made = Made(edits_of(wish, plain.trace, second), tempo, contrast)
    return Again(kept, wish, made, frame if tempo == "frozen" else None)


def left_out(finding: Finding, card: Card | None) -> tuple[str, ...]:
    """Sentences on changes that the page of interventions is not set to.

    Args:
        finding: That was opened.
        card: The network that it selects; None for none.
    """
    changes = _changes(finding)
    if not changes or card is None:
        return ()
    last = changes[-1]
    if _again(finding, card, last) is None:
        return (
            f"The change it made to {last.checkpoint_id} on '{finding.clip(last.clip_id).source}' "
            f"({describe_edits(last.edits)}) is not one that the controls of Intervene can make, "
            f"so they are left as they are; it is computed below all the same.",
        )
    if len(changes) > 1:
        return (
            f"It holds {len(changes)} changes; Intervene is set to the last one, and all are "
            f"computed below.",
        )
    return ()


def _changes(finding: Finding) -> list[Run]:
    """The runs with an edit, or of the clip in another time that is not the one beside it."""
    found: list[Run] = []
    backwards = asked(finding).get("second") == BACKWARDS
    for run in finding.runs:
        base = _base(finding, run)
        tempo = None if base is None else base[1]
        if not run.edits and tempo == "reversed" and backwards:
            backwards = False  # the clip beside it; a change to the same comes after it
        elif run.edits or tempo is not None:
            found.append(run)
    return found


def _base(finding: Finding, run: Run) -> tuple[Kept, str | None, int] | None:
    """The clip that a run is of, as it is, how it was played, and the frame chosen for that."""
    shown = finding.clip(run.clip_id)
    for kept in finding.of("first"):
        if kept.clip == shown:
            return kept, None, 0
    for kept in finding.of("first"):
        way = tempo_of(kept.clip, shown)
        if way is not None:
            return kept, *way
    return None


def _is_plain(run: Run, done: Run, kept: Kept) -> bool:
    mine = run.checkpoint_id == done.checkpoint_id and run.clip_id == kept.clip.id
    return mine and not run.edits


def _second(finding: Finding, first: Kept) -> Clip | None:
    """The clip that will stand beside the first one."""
    for kept in finding.of("second"):
        if (kept.spec, kept.view) == (first.spec, first.view):
            return kept.clip
    if not finding.of("second") and asked(finding).get("second") == BACKWARDS:
        return retimed(first.clip, "reversed")
    return None


def _within(text: str | None, low: int, high: int) -> int | None:
    """A whole number within limits, else None."""
    number = None if text is None else whole(text)
    return number if number is not None and low <= number <= high else None
