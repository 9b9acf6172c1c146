"""The change of an opened finding: what Intervene is set to, and what is told where it is not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tam_viz.analysis.edits.contrasts import Contrast
from tam_viz.analysis.edits.edits import TAM_OFF
from tam_viz.findings.finding import Finding, KeptClip, Role, make
from tam_viz.models.cards import read_all
from tam_viz.types import ALL_BLOCKS, Clip, Edit, Prediction, Run
from tam_viz.ui.state import cache, opened_findings, restore
from tam_viz.video.tempo import retimed
from tests.support.state import State
from tests.support.tiny import TINY

CARD = dataclasses.replace(read_all()[0]["tanet-motionpairs"], input=TINY)
DIGEST = "d" * 64
ONE = Edit(ALL_BLOCKS, "importance", "one")
AS_IS = {
    "v": "as_is",
    "theta": "as_is",
    "x": "as_is",
    "where": "all",
    "which": "all",
    "tempo": "as_is",
    "spoken": "*auto",
    "against": "*auto",
    "edited": [],
    "channels": "",
}


def done(clip: Clip, changes: Sequence[Edit] = ()) -> Run:
    row = np.zeros(16, np.float32)
    answer = Prediction(row, row[None], CARD.classes)
    return Run(clip.id, CARD.id, tuple(changes), answer, None, 0.0)


@pytest.fixture
def found(
    tiny_clip: Callable[..., Clip], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Finding]:
    """Makes the finding of a change to the first of two clips."""
    monkeypatch.setattr(cache, "cards", lambda: ({CARD.id: CARD}, ()))
    first, second = tiny_clip(0), tiny_clip(1)

    def write(
        changes: Sequence[Edit],
        played: str | None = None,
        beside: Clip | None = second,
        **query: str | tuple[str, ...],
    ) -> Finding:
        shown = first if played is None else retimed(first, played, 2)
        roles: dict[Clip, Role] = {first: "first"}
        if beside is not None:
            roles[beside] = "second"
        roles.setdefault(shown, "played")
        runs = [done(first), done(shown, changes)]
        if beside is not None:
            runs.insert(1, done(beside))
        donors = [edit.donor for edit in changes if edit.donor is not None]
        clips = [
            KeptClip(clip, TINY, 0, (role, "donor") if clip in donors else (role,))
            for clip, role in roles.items()
        ]
        asked = {
            name: (value,) if isinstance(value, str) else value
            for name, value in ({"model": CARD.id} | query).items()
        }
        return make("x", clips, [(CARD, run) for run in runs], query=asked)

    return write


def controls(state: State, finding: Finding) -> dict[str, Any]:
    """What the controls of Intervene are set to; empty where they are left alone."""
    opened_findings.opened()[DIGEST] = finding
    opened_findings.select(DIGEST)
    network, values = state.get("next change", ("", {}))
    assert network in ("", CARD.id)
    assert bool(values) == (restore.change_of(finding, CARD) is not None)
    made: dict[str, Any] = values
    return made


def test_the_controls_are_set_to_what_they_were(
    state: State, found: Callable[..., Finding], tiny_clip: Callable[..., Clip]
) -> None:
    edits = [ONE, Edit(ALL_BLOCKS, "kernel", "donor", donor=tiny_clip(1))]
    finding = found(edits, v="one", theta="donor", spoken="hides", against="*others")
    classes = {"spoken": "hides", "against": "*others"}
    assert controls(state, finding) == AS_IS | {"v": "one", "theta": "donor"} | classes
    place, made = state["last change"]
    assert place == (CARD.id, TINY)
    assert made.edits[1].donor == finding.of("second")[0].clip
    assert made.contrast == Contrast("hides", "*others")
    assert restore.left_out(finding, CARD) == ()


def test_blocks_channels_and_the_frame(state: State, found: Callable[..., Finding]) -> None:
    finding = found(
        [Edit(name, "kernel", "centre", (0, 3, 4)) for name in ("layer2.0", "layer4.1")],
        "frozen",
        where="chosen",
        which="listed",
        channels="0, 3-4",
        theta="centre",
        tempo="frozen",
        edited=("layer2.0", "layer4.1"),
        block="layer3.0",
        frame="3",
    )
    assert controls(state, finding) == AS_IS | {
        "where": "chosen",
        "which": "listed",
        "channels": "0, 3-4",
        "theta": "centre",
        "tempo": "frozen",
        "edited": ["layer2.0", "layer4.1"],
    }
    assert (state["block"], state["frame"]) == ("layer3.0", 3)
    assert state["last change"][1].tempo == "frozen"


def test_old_labels_of_options_are_still_understood(
    state: State, found: Callable[..., Finding]
) -> None:
    finding = found([ONE], v="V = 1", where="all blocks", against="all other classes")
    assert controls(state, finding) == AS_IS | {"v": "one", "against": "*others"}


def test_a_change_of_time_alone(state: State, found: Callable[..., Finding]) -> None:
    assert controls(state, found((), "half", tempo="half"))["tempo"] == "half"
    assert state["last change"][1].edits == ()


def test_the_clip_backwards_beside_it_is_no_change(
    state: State, found: Callable[..., Finding]
) -> None:
    plain = found((), "reversed", beside=None, second="backwards")
    assert controls(state, plain) == {}
    assert restore.left_out(plain, CARD) == ()
    again = found((), "reversed", beside=None, second="backwards", tempo="reversed")
    again = dataclasses.replace(again, runs=(*again.runs, again.runs[-1]))
    assert controls(state, again) == AS_IS | {"tempo": "reversed"}


@pytest.mark.parametrize("query", [{}, {"spoken": "hides", "against": "recedes"}])
def test_a_finding_without_controls_says_that_they_are_left_alone(
    state: State, found: Callable[..., Finding], query: dict[str, str]
) -> None:
    finding = found(TAM_OFF, **query)
    assert controls(state, finding) == {}
    assert "last change" not in state
    (told,) = restore.left_out(finding, CARD)
    assert "V = its mean over clips and Θ = [0, 1, 0] in all blocks" in told
    assert "saved without the settings of Intervene" in told
    assert restore.left_out(finding, None) == ()


def test_controls_of_another_network_are_left_alone(
    state: State, found: Callable[..., Finding]
) -> None:
    finding = found([ONE], v="one")
    other = dataclasses.replace(finding.runs[-1], checkpoint_id="other")
    assert controls(state, dataclasses.replace(finding, runs=(*finding.runs[:-1], other))) == {}


def test_of_several_changes_the_last_one_is_made(
    state: State, found: Callable[..., Finding]
) -> None:
    finding = found(TAM_OFF, v="one")
    two = dataclasses.replace(
        finding, runs=(*finding.runs, dataclasses.replace(finding.runs[-1], edits=(ONE,)))
    )
    assert controls(state, two) == AS_IS | {"v": "one"}
    assert state["last change"][1].edits == (ONE,)
    assert restore.left_out(two, CARD) == (
        "It holds 2 changes; Intervene is set to the last one, and all are computed below.",
    )


def test_a_finding_without_a_change_takes_back_what_was_not_made_yet(
    state: State, found: Callable[..., Finding]
) -> None:
    assert controls(state, found([ONE], v="one"))
    plain = found([ONE])
    plain = dataclasses.replace(plain, runs=plain.runs[:1])
    assert controls(state, plain) == {}
    assert "last change" not in state
    state["last change"] = "what was made by hand"
    assert controls(state, plain) == {}
    assert state["last change"] == "what was made by hand"
