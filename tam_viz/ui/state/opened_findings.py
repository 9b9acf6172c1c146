"""Findings that a visitor opened: their clips can be picked, and what was selected is again."""

from __future__ import annotations

from collections import OrderedDict

import streamlit as st

from tam_viz.findings.finding import Finding
from tam_viz.findings.read import read
from tam_viz.findings.source import FindingSource, sources
from tam_viz.types import Card, UserError
from tam_viz.ui.edits import last_change
from tam_viz.ui.pickers import protocols
from tam_viz.ui.state import cache, restore
from tam_viz.ui.state.selection import BACKWARDS, NONE

_OPENED, _PROBLEM = "findings", "finding problem"
_MOST = 4


def opened() -> OrderedDict[str, Finding]:
    """The findings of this visitor by the SHA-256 of their files, the last one last."""
    return st.session_state.setdefault(_OPENED, OrderedDict())


def mine() -> dict[str, FindingSource]:
    """Their clips by name."""
    return {
        source.name: source
        for digest, finding in opened().items()
        for source in sources(finding, digest).values()
    }


def problem() -> str | None:
    """Why the last file could not be opened; told once."""
    return st.session_state.pop(_PROBLEM, None)


def open_uploaded(widget: str) -> None:
    """Opens the file of an uploader and selects what the finding shows; for a callback."""
    file = st.session_state[widget]
    if file is None:
        return
    try:
        finding, digest = read(file.getvalue(), file.name)
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    findings = opened()
    findings[digest] = finding
    findings.move_to_end(digest)
    while len(findings) > _MOST:
        findings.popitem(last=False)
    select(digest)


def select(digest: str) -> None:
    """Selects what an opened finding shows, as far as it is here; for a callback."""
    finding = opened()[digest]
    clips, picks = sources(finding, digest), restore.asked(finding)
    st.session_state["clip"] = clips["first"].name
    beside = picks.get("second")
    if "second" in clips:
        st.session_state["second"] = clips["second"].name
    elif beside in (BACKWARDS, NONE):
        st.session_state["second"] = beside
    last_change.make_nothing_next()
    card = card_of(finding)
    if card is None:
        return
    st.session_state["model"] = card.id
    st.session_state.update(restore.in_network(picks, card))
    st.session_state.update(_protocol(finding, card))
    change, view = restore.change_of(finding, card), restore.view_of(finding, card)
    if change is not None and view is not None:
        last_change.make_next(card.id, view.spec, change)


def card_of(finding: Finding) -> Card | None:
    """The TANet that a finding selects, if it is here."""
    card = cache.cards()[0].get(restore.asked(finding).get("model", ""))
    return card if card is not None and card.temporal == "tam" else None


def _protocol(finding: Finding, card: Card) -> dict[str, str | int]:
    """The protocol of the view that was kept, where the network has a choice."""
    keys = {spec: key for key, spec in protocols(card).items()}
    kept = restore.view_of(finding, card)
    if kept is None or len(keys) == 1:
        return {}
    return {"protocol": keys[kept.spec], "view": kept.view + 1}
