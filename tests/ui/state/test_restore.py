"""The change of an opened finding: what Intervene is set to, and what is told where it is not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from tam_viz.analysis.edits.contrasts import Contrast
from tam_viz.analysis.edits.edits import TAM_OFF
from tam_viz.findings.finding import Finding, Kept, Role, make
from tam_viz.models.cards import read_all
from tam_viz.types import ALL_BLOCKS, BlockTrace, Clip, Edit, Prediction, Run, TAMTrace
from tam_viz.ui.state import opened_findings, restore
from tam_viz.video.tempo import retimed
from tests.conftest import TINY
from tests.ui.conftest import State

CARD = read_all()[0]["tanet-motionpairs"]
DIGEST = "d" * 64
ONE = Edit(ALL_BLOCKS, "importance", "one")


def trace() -> TAMTrace:
    rng = np.random.default_rng(0)
    return TAMTrace(
        tuple(
            BlockTrace(
                name,
                rng.random((channels, 4), dtype=np.float32),
                rng.dirichlet(np.ones(3), channels).astype(np.float32),
            )
            for name, channels in CARD.blocks.items()
        )
    )


def done(clip: Clip, changes: Sequence[Edit] = ()) -> Run:
    row = np.zeros(16, np.float32)
    said = Prediction(row, row[None], CARD.classes)
    return Run(clip.id, CARD.id, tuple(changes), said, trace(), 0.0)


@pytest.fixture
def found(tiny_clip: Callable[..., Clip]) -> Callable[..., Finding]:
    """Makes the finding of a change to the first of two clips."""
    first, second = tiny_clip(0), tiny_clip(1)

    def write(
        changes: Sequence[Edit],
        tempo: str | None = None,
        still: int = 0,
        beside: Clip | None = second,
        **query: str,
    ) -> Finding:
        shown = first if tempo is None else retimed(first, tempo, still)
        roles: dict[Clip, Role] = {first: "first"}
        if beside is not None:
            roles[beside] = "second"
        roles.setdefault(shown, "played")
        runs = [done(first), done(shown, changes)]
        if beside is not None:
            runs.insert(1, done(beside))
        donors = [edit.donor for edit in changes if edit.donor is not None]
        clips = [
            Kept(clip, TINY, 0, (role, *(["donor"] if clip in donors else [])))
            for clip, role in roles.items()
        ]
        asked = {name: (value,) for name, value in ({"model": CARD.id} | query).items()}
        return make("x", clips, [(CARD, run) for run in runs], query=asked)

    return write


def controls(state: State, finding: Finding) -> dict[str, object]:
    """What the controls of Intervene are set to; empty where they are left alone."""
    opened_findings.opened()[DIGEST] = finding
    opened_findings.select(DIGEST)
    network, found = state.get("next made", ("", {}))
    assert network in ("", CARD.id)
    assert bool(found) == (restore.change_of(finding, CARD) is not None)
    return found


AS_IT_IS = {
    "v": "as it is",
    "theta": "as it is",
    "where": "all blocks",
    "which": "all channels",
    "tempo": "as it is",
    "spoken": "automatic",
    "against": "automatic",
    "edited": [],
    "channels": "",
}


def test_an_edit_with_the_clip_beside_it(
    state: State, found: Callable[..., Finding], tiny_clip: Callable[..., Clip]
) -> None:
    finding = found([ONE, Edit(ALL_BLOCKS, "kernel", "donor", donor=tiny_clip(1))])
    assert controls(state, finding) == AS_IT_IS | {"v": "V = 1", "theta": "Θ of another clip"}
    place, made = state["last made"]
    assert place == (CARD.id, TINY)
    assert made.edits[1].donor is finding.of("second")[0].clip
    assert restore.left_out(finding, CARD) == ()


def test_blocks_and_channels(state: State, found: Callable[..., Finding]) -> None:
    some = [Edit(name, "kernel", "centre", (0, 3, 4)) for name in ("layer2.0", "layer4.1")]
    assert controls(state, found(some, block="layer3.0")) == AS_IT_IS | {
        "theta": "Θ = [0, 1, 0]",
        "where": "chosen blocks",
        "which": "listed channels",
        "edited": ["layer2.0", "layer4.1"],
        "channels": "0,3-4",
    }
    assert state["block"] == "layer3.0"
    one = found([Edit("layer3.1", "importance", "one", (7,))], block="layer3.1", channel="7")
    assert controls(state, one) == AS_IT_IS | {
        "v": "V = 1",
        "where": "the selected block",
        "which": "the selected channel",
    }
    unsaid = found([Edit("layer3.1", "importance", "one")])
    assert controls(state, unsaid)["where"] == "the selected block"
    assert state["block"] == "layer3.1"
    del state["block"]
    controls(state, found([ONE]))
    assert "block" not in state  # where no block is named, the one that was picked stays


def test_the_two_classes_by_which_it_is_measured(
    state: State, found: Callable[..., Finding]
) -> None:
    one = found([ONE], spoken="hides", against="recedes")
    classes = {"spoken": "hides", "against": "recedes"}
    assert controls(state, one) == AS_IT_IS | {"v": "V = 1"} | classes
    assert state["last made"][1].contrast == Contrast("hides", "recedes")


def test_how_the_clip_was_played(state: State, found: Callable[..., Finding]) -> None:
    frozen = found([ONE], "frozen", 2, frame="1")
    asked = AS_IT_IS | {"v": "V = 1", "tempo": "one frame, frozen"}
    assert controls(state, frozen) == asked
    assert state["frame"] == 3
    alone = found((), "half")
    assert controls(state, alone)["tempo"].startswith("half speed")
    assert state["last made"][1].edits == ()


def test_the_clip_backwards_beside_it_is_no_change_and_gives_v(
    state: State, found: Callable[..., Finding], tiny_clip: Callable[..., Clip]
) -> None:
    plain = found((), "reversed", beside=None, second="backwards")
    assert controls(state, plain) == {}
    assert restore.left_out(plain, CARD) == ()
    again = dataclasses.replace(plain, runs=(*plain.runs, plain.runs[-1]))
    assert controls(state, again) == AS_IT_IS | {"tempo": "played backwards"}

    backwards = retimed(tiny_clip(0), "reversed")
    edit = Edit(ALL_BLOCKS, "importance", "donor", donor=dataclasses.replace(backwards, id="own"))
    kept = Kept(edit.donor, TINY, 0, ("donor",))
    given = dataclasses.replace(
        plain, clips=(*plain.clips, kept), runs=(*plain.runs, done(tiny_clip(0), [edit]))
    )
    assert controls(state, given)["v"] == "V of another clip"
    assert state["last made"][1].edits[0].donor == backwards


def test_what_the_controls_cannot_make_is_told(state: State, found: Callable[..., Finding]) -> None:
    mixed = [Edit("layer1.0", "kernel", "centre"), Edit("layer2.0", "kernel", "uniform")]
    finding = found(mixed)
    assert controls(state, finding) == {}
    assert "last made" not in state
    (said,) = restore.left_out(finding, CARD)
    assert "Θ = [0, 1, 0] in layer1.0; Θ = the average in layer2.0" in said
    assert "not one that the controls of Intervene can make" in said
    assert restore.left_out(finding, None) == ()
    without = dataclasses.replace(found([ONE]), runs=found([ONE]).runs[-1:])
    assert controls(state, without) == {}  # what the blocks decide by themselves is not there
    assert len(restore.left_out(without, CARD)) == 1


def test_of_several_changes_the_last_one_is_made(
    state: State, found: Callable[..., Finding]
) -> None:
    finding = found(TAM_OFF)
    two = dataclasses.replace(
        finding, runs=(*finding.runs, dataclasses.replace(finding.runs[-1], edits=(ONE,)))
    )
    assert controls(state, two) == AS_IT_IS | {"v": "V = 1"}
    assert restore.left_out(two, CARD) == (
        "It holds 2 changes; Intervene is set to the last one, and all are computed below.",
    )


def test_a_finding_without_a_change_takes_back_what_was_not_made_yet(
    state: State, found: Callable[..., Finding]
) -> None:
    assert controls(state, found([ONE]))
    plain = found([ONE])
    plain = dataclasses.replace(plain, runs=plain.runs[:1])
    assert controls(state, plain) == {}
    assert "last made" not in state
    state["last made"] = "what was made by hand"
    assert controls(state, plain) == {}
    assert state["last made"] == "what was made by hand"
