"""Restores an opened finding: its selection, and the change that was made."""

from __future__ import annotations

from collections.abc import Mapping

from tam_viz.analysis.edits.contrasts import Contrast
from tam_viz.analysis.edits.edits import describe_edits
from tam_viz.findings.finding import Finding, KeptClip
from tam_viz.types import Card, Run
from tam_viz.ui.edits.class_pickers import AUTO
from tam_viz.ui.edits.last_change import Change
from tam_viz.ui.pickers import protocols, whole
from tam_viz.ui.state.edit_address import KEYS, SEVERAL, Values
from tam_viz.ui.state.old_labels import renamed
from tam_viz.ui.state.selection import BACKWARDS
from tam_viz.video.tempo import TEMPI

_CLASSES = ("spoken", "against")


def asked(finding: Finding) -> dict[str, str]:
    """The selection, by name."""
    return {name: values[0] for name, values in finding.query.items() if values}


def in_network(query: Mapping[str, str], card: Card) -> dict[str, str | int | None]:
    """Block, channel and frame of a query, those that a network has."""
    chosen: dict[str, str | int | None] = {}
    block = query.get("block", "")
    if block in card.blocks:
        chosen["block"] = block
        chosen["channel"] = _within(query.get("channel"), 0, card.blocks[block] - 1)
    frame = _within(query.get("frame"), 1, card.input.frames)
    return chosen if frame is None else {**chosen, "frame": frame}


def view_of(finding: Finding, card: Card) -> KeptClip | None:
    """The view of the first clip that a network was given; None if it is not there."""
    specs = protocols(card).values()
    return next((kept for kept in finding.of("first") if kept.spec in specs), None)


def change_of(finding: Finding, card: Card) -> Change | None:
    """The last change of a finding with the controls that made it; None if there is none.

    Findings of version 0.1 hold no controls, so that their changes cannot be made again.
    """
    controls, changes = _controls(finding), _changes(finding)
    if not controls or not changes or changes[-1].checkpoint_id != card.id:
        return None
    tempo = str(controls.get("tempo"))
    query = asked(finding)
    return Change(
        changes[-1].edits,
        tempo if tempo in TEMPI else None,
        Contrast(*(_class(query, name) for name in _CLASSES)),
        controls=controls,
    )


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
    if change_of(finding, card) is None:
        return (
            f"The change it made to {last.checkpoint_id} on '{finding.clip(last.clip_id).source}' "
            f"({describe_edits(last.edits)}) was saved without the settings of Intervene, so the "
            f"controls there are left as they are. The change is computed below all the same.",
        )
    if len(changes) > 1:
        return (
            f"It holds {len(changes)} changes; Intervene is set to the last one, and all are "
            f"computed below.",
        )
    return ()


def _controls(finding: Finding) -> Values:
    """The stored settings of the page of interventions; empty if there are none.

    Whether there is such an option is for the controls to check: what a stranger's file names in
    vain, they do not take.
    """
    kept = {name: list(values) for name, values in finding.query.items() if name in KEYS}
    if not set(kept) - set(_CLASSES):
        return {}
    return {
        name: values if name == SEVERAL else renamed(name, values[0])
        for name, values in kept.items()
        if values
    }


def _changes(finding: Finding) -> list[Run]:
    """The runs with an edit, or of the clip in another time that is not the second clip."""
    played = {kept.clip.id for kept in finding.of("played")}
    changes: list[Run] = []
    backwards = asked(finding).get("second") == BACKWARDS
    for run in finding.runs:
        if not run.edits and run.clip_id in played and backwards:
            backwards = False  # the second clip; a change to the same comes after it
        elif run.edits or run.clip_id in played:
            changes.append(run)
    return changes


def _class(query: Mapping[str, str], name: str) -> str | None:
    """The class that was chosen; None for an automatic choice."""
    chosen = renamed(name, query.get(name, AUTO))
    return None if chosen == AUTO else chosen


def _within(text: str | None, low: int, high: int) -> int | None:
    """A whole number within limits, else None."""
    number = None if text is None else whole(text)
    return number if number is not None and low <= number <= high else None
