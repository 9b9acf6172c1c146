"""A view put together as a finding: what ran on which clip, and the pictures of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from tam_viz.findings.finding import (
    ONE_VIEW_KEPT,
    Finding,
    KeptClip,
    Role,
    make,
    video_sha256,
)
from tam_viz.findings.write import file_name, pack
from tam_viz.literal import in_markdown, sentence
from tam_viz.panels.files.bundle import bundle
from tam_viz.panels.files.study import Looked, study_panels
from tam_viz.panels.panel import Panel
from tam_viz.types import Card, Clip, InputSpec, Mean, Run, Source, Step, Steps, TAMTrace, part
from tam_viz.ui.clip.evidence import Attachments
from tam_viz.ui.edits import intervention
from tam_viz.ui.edits.last_change import Change
from tam_viz.ui.state import cache
from tam_viz.ui.state.references import complete
from tam_viz.ui.state.selection import BACKWARDS, NONE, Selection
from tam_viz.ui.tam.kernels import study_of
from tam_viz.ui.tam.other_checkpoint import deeper
from tam_viz.video.tempo import retimed


@dataclass(frozen=True, eq=False)
class Study:
    """All that a finding will hold.

    Attributes:
        finding: The data.
        panels: The pictures.
    """

    finding: Finding
    panels: list[Panel]


@dataclass(frozen=True)
class Packed:
    """A finding as a file.

    Attributes:
        name: What to call the file.
        data: The file.
        notes: Sentences on what is missing.
    """

    name: str
    data: bytes
    notes: tuple[str, ...]


class _Shelf:
    """The clips of a finding, each once, with all that they are there for."""

    def __init__(self) -> None:
        self._kept: dict[str, KeptClip] = {}

    def put(
        self, clip: Clip, spec: InputSpec, view: int, role: Role, source: Source | None = None
    ) -> None:
        old = self._kept.get(clip.id)
        roles: tuple[Role, ...] = (role,) if old is None else (*old.roles, role)
        digest = "" if source is None else video_sha256(source)
        self._kept[clip.id] = KeptClip(
            clip,
            spec,
            view,
            tuple(dict.fromkeys(roles)),
            digest if old is None else old.video_sha256,
        )

    def all(self) -> tuple[KeptClip, ...]:
        return tuple(self._kept.values())


def study(
    selection: Selection, cards: Sequence[Card], change: Change | None, beside: Attachments
) -> Study:
    """The selection as data and as pictures.

    Args:
        selection: What the visitor is looking at.
        cards: Networks whose answers go along; the TANet of the selection always does.
        change: Edits to show the effect of; None for none.
        beside: What goes along beside that; the networks that it explains go along too.

    Raises:
        UserError: A video cannot be read, or a network cannot be run.
    """
    clip, second, own = selection.clip(), selection.second_clip(), selection.card
    shelf = _Shelf()
    shelf.put(clip, selection.spec, selection.view, "first", selection.source)
    results = [(own, clip, cache.run(own.id, clip))]
    wanted = {card.id for card in cards} | beside.explained
    known = {card.id: card for card in selection.cards} | deeper()
    for card in known.values():
        if card.id in wanted - {own.id}:
            spec, view_index = _spec_of(selection, card)
            other = cache.clip(selection.source, spec, view_index)
            shelf.put(other, spec, view_index, "first", selection.source)
            results.append((card, other, cache.run(card.id, other)))
    runs = [(card, run) for card, _, run in results]
    if second is not None:
        backwards = selection.second == BACKWARDS
        source = None if isinstance(selection.second, str) else selection.second
        role: Role = "played" if backwards else "second"
        shelf.put(second, selection.spec, selection.view, role, source)
        runs.append((own, cache.run(own.id, second)))
    view = study_of(selection, clip, second, complete(selection, clip, second))
    frozen = cache.frozen_trace(own.id, clip, selection.frame)
    panels = study_panels(results, [Looked(clip, view, frozen, selection.frame)])
    given: dict[str, TAMTrace] = {}
    if change is not None:
        run, mean = _edited(selection, clip, change, shelf)
        given |= {} if mean is None else {own.id: mean.trace}
        runs.append((own, run))
        effect = intervention.effect(selection, clip, second, change)
        panels += (
            intervention.answers_panel(selection, effect, change),
            *intervention.trace_panels(selection, effect, change),
        )
    return Study(
        make(
            f"tam_viz: {clip.source}",
            shelf.all(),
            runs,
            query=_query(selection, change),
            given=given,
            notes=_notes(selection, runs),
            note=beside.note,
            evidence=[item.kept() for item in beside.evidence],
        ),
        [*panels, *(item.panel for item in beside.evidence)],
    )


def _edited(
    selection: Selection, clip: Clip, change: Change, shelf: _Shelf
) -> tuple[Run, Mean | None]:
    """The edited run, with the mean that its edits put in; its clips go on the shelf."""
    shown, name = clip, selection.card.id
    if change.tempo is not None:
        shown = retimed(clip, change.tempo, selection.frame)
        shelf.put(shown, selection.spec, selection.view, "played")
    for edit in change.edits:
        if edit.donor is not None:
            shelf.put(edit.donor, selection.spec, selection.view, "donor")
    mean = cache.mean_for(name, change.edits, selection.basis)
    return cache.edited_run(name, shown, change.edits, mean), mean


def _spec_of(selection: Selection, card: Card) -> tuple[InputSpec, int]:
    """The input of a baseline, and the view that is kept: the same one, or the middle one."""
    spec = selection.given(card)
    return spec, selection.view if spec == selection.spec else spec.all_views // 2


def _query(selection: Selection, change: Change | None) -> dict[str, tuple[str, ...]]:
    second = selection.second
    beside = NONE if second is None else second if isinstance(second, str) else second.name
    query = {
        "model": selection.card.id,
        "block": selection.block,
        "frame": str(selection.frame + 1),
        "second": beside,
    }
    if selection.channel is not None:
        query["channel"] = str(selection.channel)
    single: dict[str, tuple[str, ...]] = {name: (value,) for name, value in query.items()}
    if change is None:
        return single
    controls = {
        name: (value,) if isinstance(value, str) else tuple(value)
        for name, value in change.controls.items()
    }
    return single | {name: values for name, values in controls.items() if any(values)}


def _notes(selection: Selection, runs: Sequence[tuple[Card, Run]]) -> list[str]:
    names = {card.id: card for card, _ in runs}
    several = [name for name, card in names.items() if selection.given(card).all_views > 1]
    if not several:
        return []
    return [f"{ONE_VIEW_KEPT} {', '.join(several)}."]


def show_made(study: Study, *, drawn: bool) -> None:
    """A button that makes the file, with a bar while it does, and one that saves it.

    Args:
        study: What to write.
        drawn: Whether pictures are drawn as PNG and SVG too; HTML is always there.
    """
    runs = tuple((run.checkpoint_id, run.clip_id, run.edits) for run in study.finding.runs)
    evidence = tuple((item.title, item.says) for item in study.finding.evidence)
    query = tuple(study.finding.query.items())
    key = ("finding", runs, query, drawn, study.finding.note, evidence)
    if not (cache.kept(key) or st.button("Create finding", key="make", type="primary")):
        return
    file = cache.with_bar(key, partial(_pack, study, drawn), "Drawing the pictures")
    st.download_button(
        f"Save {in_markdown(file.name)} ({len(file.data) / 2**20:.1f} MB)",
        file.data,
        file_name=file.name,
        mime="application/zip",
        key="save",
        on_click="ignore",
        type="primary",
    )
    for note in file.notes:
        st.caption(sentence(note))


def _pack(study: Study, drawn: bool) -> Steps[Packed]:  # of a partial
    finding = study.finding
    notices = [notice for kept in finding.clips for notice in kept.clip.notices]
    steps = bundle(finding.title, notices, study.panels, drawn=drawn, note=finding.note)
    files = yield from part(steps)
    whole = dataclasses.replace(finding, notes=finding.notes + files.notes)
    yield Step(1, 1, Packed(file_name(whole), pack(whole, files.files), whole.notes))
