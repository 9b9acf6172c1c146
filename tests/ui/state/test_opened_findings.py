"""What is selected when a finding is opened: as much of it as is here, whatever it asks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st

from tam_viz.findings.finding import Finding, KeptClip
from tam_viz.models.cards import read_all
from tam_viz.types import Card, Clip, Edit, InputSpec
from tam_viz.ui.edits import last_change
from tam_viz.ui.edits.last_change import Change
from tam_viz.ui.state import opened_findings
from tam_viz.ui.state.selection import Selection
from tam_viz.video.library import VideoFile
from tests.support.state import State
from tests.support.tiny import TINY

TANET = "tanet-motionpairs"
CARD = read_all()[0][TANET]
DIGEST = "d" * 64


@pytest.fixture
def finding(tiny_clip: Callable[..., Clip]) -> Finding:
    kept = (
        KeptClip(tiny_clip(0), TINY, 0, ("first",)),
        KeptClip(tiny_clip(1), TINY, 0, ("second",)),
    )
    return Finding("x", "2026-01-01T00:00:00+00:00", {}, (), kept, ())


def chosen(state: State, finding: Finding, **query: str) -> State:
    """What opening a finding puts into the pickers."""
    asked = {name: (value,) for name, value in query.items()}
    opened_findings.opened()[DIGEST] = dataclasses.replace(finding, query=asked)
    opened_findings.select(DIGEST)
    return {name: value for name, value in state.items() if name != "findings"}


CLIPS = {
    "clip": "finding dddddddd: clip 0",
    "second": "finding dddddddd, second: clip 1",
}


def test_all_that_is_here_is_selected(state: State, finding: Finding) -> None:
    query = {"model": TANET, "block": "layer3.1", "channel": "63", "frame": "8"}
    assert chosen(state, finding, **query) == {
        **CLIPS,
        "model": TANET,
        "block": "layer3.1",
        "channel": 63,
        "frame": 8,
    }


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"block": "layer9.9", "channel": "3", "frame": "2"}, {"frame": 2}),
        ({"block": "layer3.1", "channel": "64"}, {"block": "layer3.1", "channel": None}),
        ({"block": "layer3.1", "channel": "-1"}, {"block": "layer3.1", "channel": None}),
        ({"block": "layer3.1", "channel": "²"}, {"block": "layer3.1", "channel": None}),
        ({"block": "layer3.1", "channel": "9" * 5000}, {"block": "layer3.1", "channel": None}),
        ({"block": "layer3.1"}, {"block": "layer3.1", "channel": None}),
        ({"frame": "9"}, {}),
        ({"frame": "0"}, {}),
        ({"scope": "the test clips", "clip": "x", "upload": "x"}, {}),
    ],
)
def test_what_the_network_lacks_is_left_alone(
    state: State, finding: Finding, query: dict[str, str], place: State
) -> None:
    assert chosen(state, finding, model=TANET, **query) == {**CLIPS, "model": TANET, **place}


@pytest.mark.parametrize("name", ["gone", "tsn-motionpairs", ""])
def test_a_network_that_is_not_here_or_has_no_blocks_is_not_selected(
    state: State, finding: Finding, name: str
) -> None:
    assert chosen(state, finding, model=name, block="layer3.1", frame="2") == CLIPS


def test_without_another_clip_beside_it(state: State, finding: Finding) -> None:
    alone = dataclasses.replace(finding, clips=finding.clips[:1])
    for beside in ("backwards", "none"):
        state.clear()
        assert chosen(state, alone, second=beside) == {"clip": CLIPS["clip"], "second": beside}
    state.clear()
    assert chosen(state, alone, second="hides_1.mp4") == {"clip": CLIPS["clip"]}


def test_the_view_that_was_kept_is_selected(finding: Finding) -> None:
    six = InputSpec(4, 32, 32, views=2, crops=3)
    card = dataclasses.replace(CARD, input=TINY, published=six)
    clip = finding.clips[0].clip
    for spec, view, expected in (
        (six, 4, {"protocol": "published", "view": 5}),
        (TINY, 0, {"protocol": "one", "view": 1}),
        (InputSpec(4, 64, 64), 0, {}),
    ):
        kept = dataclasses.replace(finding, clips=(KeptClip(clip, spec, view, ("first",)),))
        assert opened_findings._protocol(kept, card) == expected
    assert opened_findings._protocol(finding, CARD) == {}


def test_the_last_findings_are_kept_and_a_bad_file_is_told_once(
    state: State, finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_findings, "read", lambda data, _name: (finding, data.decode()))
    for digest in ("aaaaaaaa", "b", "c", "d", "e", "b"):
        state["widget"] = SimpleNamespace(name="f.zip", getvalue=digest.encode)
        opened_findings.open_uploaded("widget")
    assert list(opened_findings.opened()) == ["c", "d", "e", "b"]
    assert state["clip"] == "finding b: clip 0"
    assert len(opened_findings.mine()) == 8
    monkeypatch.undo()
    monkeypatch.setattr(st, "session_state", state)
    state["widget"] = SimpleNamespace(name="f.zip", getvalue=lambda: b"no zip file")
    opened_findings.open_uploaded("widget")
    assert "'f.zip' is not a finding" in str(opened_findings.problem())
    assert opened_findings.problem() is None
    assert len(opened_findings.opened()) == 4
    state["widget"] = None  # taken away again
    opened_findings.open_uploaded("widget")
    assert opened_findings.problem() is None


def looking_at(card: Card, spec: InputSpec) -> Selection:
    source = VideoFile("x", Path("x.mp4"))
    return Selection(
        source=source,
        clips={},
        card=card,
        cards=(card,),
        starters=(card,),
        spec=spec,
        view=0,
        block="layer1.0",
        channel=None,
        frame=0,
        second=None,
        link={},
    )


def test_what_was_changed_last_goes_along_with_the_network_that_it_was_changed_in(
    state: State,
) -> None:
    here = looking_at(CARD, CARD.input)
    assert last_change.last(here) is None
    change = Change((Edit("*", "importance", "one"),), None)
    state["last change"] = ((CARD.id, CARD.input), change)
    assert last_change.last(here) is change
    assert last_change.last(looking_at(CARD, TINY)) is None
    assert last_change.last(looking_at(dataclasses.replace(CARD, id="other"), CARD.input)) is None
    state["last change"] = ((CARD.id, CARD.input), Change((), None))
    assert last_change.last(here) is None
