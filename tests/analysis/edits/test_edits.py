"""Edits survive as text and as records, and what a person asks for becomes the right ones."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tam_viz.analysis.edits.edit_text import (
    channels_text,
    edit_from,
    edit_record,
    edit_text,
    parse_channels,
    parse_edits,
)
from tam_viz.analysis.edits.edits import TAM_OFF, EditForm, describe_edits, edits_of
from tam_viz.capture.operations import OPS
from tam_viz.types import ALL_BLOCKS, OPERATIONS, BlockTrace, Clip, Edit, TAMTrace, UserError
from tests.support.traces import trace

Make = Callable[..., Clip]


FORM = EditForm(
    importance="one", kernel=None, where="all", which="all", block="layer2.0", channel=5
)


def asked(**changes: Any) -> tuple[Edit, ...]:
    return edits_of(dataclasses.replace(FORM, **changes), trace(), None)


def test_every_operation_has_words_and_does_something() -> None:
    assert {t: set(ops) for t, ops in OPERATIONS.items()} == {t: set(o) for t, o in OPS.items()}
    assert all(label for ops in OPERATIONS.values() for label in ops.values())


def test_all_channels_of_all_blocks_are_one_edit() -> None:
    assert asked() == (Edit(ALL_BLOCKS, "importance", "one"),)
    assert asked(importance="given", kernel="centre") == TAM_OFF
    assert asked(importance=None) == ()


def test_blocks() -> None:
    assert asked(where="selected") == (Edit("layer2.0", "importance", "one"),)
    assert [edit.block for edit in asked(where="later")] == ["layer2.0", "layer3.0"]
    chosen = asked(where="chosen", chosen=("layer3.0", "layer1.0"))
    assert [edit.block for edit in chosen] == ["layer1.0", "layer3.0"]
    assert asked(where="chosen") == ()


def test_channels() -> None:
    assert [edit.channels for edit in asked(which="past")] == [(0,)] * 3
    assert [e.channels for e in asked(which="future")] == [(2, 3), (2, 3, 4, 5), (2, 3, 4, 5)]
    assert [e.channels for e in asked(where="selected", which="selected")] == [(5,)]
    listed = asked(where="later", which="listed", listed="5, 0-1,1")
    assert [edit.channels for edit in listed] == [(0, 1, 5)] * 2
    assert asked(which="listed", listed=" ") == ()


def test_a_block_without_such_channels_is_not_edited() -> None:
    flat = BlockTrace("layer1.0", np.full((2, 5), 0.5), np.full((2, 3), 1 / 3))
    form = dataclasses.replace(FORM, which="future")
    assert edits_of(form, TAMTrace((flat,)), None) == ()


def test_a_donor_is_put_in_where_it_is_asked_for(tiny_clip: Make) -> None:
    form = dataclasses.replace(FORM, kernel="donor", where="selected")
    clip = tiny_clip()
    plain, given = edits_of(form, trace(), clip)
    assert (plain.donor, given.donor) == (None, clip)


def test_a_channel_that_a_block_lacks_is_told() -> None:
    with pytest.raises(UserError, match=r"layer1\.0 has channels 0 to 3, and 5 was asked for"):
        asked(which="selected")


@pytest.mark.parametrize(
    ("text", "channels"),
    [("", ()), ("3", (3,)), (" 0 , 3-5 ", (0, 3, 4, 5)), ("5,4,4", (5, 4, 4)), ("2–3,", (2, 3))],
)
def test_lists_of_channels(text: str, channels: tuple[int, ...]) -> None:
    assert parse_channels(text) == channels
    assert parse_channels(channels_text(channels)) == channels


@pytest.mark.parametrize(
    "text", ["x", "3-", "-1", "5-3", "1 2", "1.5", "99999", "0-9999,0-9999", "²"]
)
def test_nonsense_for_channels_is_told(text: str) -> None:
    with pytest.raises(UserError):
        parse_channels(text)


@pytest.fixture
def edits(tiny_clip: Make) -> tuple[Edit, ...]:
    return (
        Edit(ALL_BLOCKS, "importance", "one"),
        Edit("layer3.1", "importance", "shuffled", (0, 3, 4, 5), seed=-2),
        Edit("layer1.0", "kernel", "donor", (7, 2), tiny_clip()),
        Edit("layer1.0", "kernel", "centre", ()),
    )


def test_text_both_ways(edits: tuple[Edit, ...], tiny_clip: Make) -> None:
    text = edit_text(edits)
    assert text == (
        "importance=one@*; importance=shuffled@layer3.1[0,3-5]~-2; kernel=donor@layer1.0[7,2]; "
        "kernel=centre@layer1.0[]"
    )
    assert parse_edits(text, tiny_clip()) == edits
    assert parse_edits(edit_text(())) == ()


def test_records_both_ways(edits: tuple[Edit, ...], tiny_clip: Make) -> None:
    stored = json.loads(json.dumps([edit_record(edit) for edit in edits]))
    assert tuple(edit_from(record, tiny_clip()) for record in stored) == edits
    assert stored[2]["donor"] == "clip-0"


@pytest.mark.parametrize(
    "text",
    ["one", "V=one@*", "kernel=one@*", "kernel=centre", "kernel=centre@a[x]", "kernel=centre@a b"],
)
def test_text_that_is_no_edit_is_told(text: str) -> None:
    with pytest.raises(UserError):
        parse_edits(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"block": 3},
        {"target": "x"},
        {"target": []},
        {"op": "centre"},
        {"op": {}},
        {"channels": 3},
        {"channels": ["0"]},
        {"seed": 0.5},
    ],
)
def test_records_of_strangers_are_told(changes: dict[str, object]) -> None:
    record = edit_record(Edit("a", "importance", "one"))
    with pytest.raises(UserError, match="not the record of an edit"):
        edit_from({**record, **changes})


def test_a_donor_that_is_missing_or_another_is_told(tiny_clip: Make) -> None:
    record = edit_record(Edit("a", "kernel", "donor", donor=tiny_clip(0)))
    with pytest.raises(UserError, match="from the clip clip-0, and none was given"):
        edit_from(record)
    with pytest.raises(UserError, match="'clip 1'"):
        edit_from(record, tiny_clip(1))
    with pytest.raises(UserError, match="from another clip, and none was given"):
        parse_edits("kernel=donor@*")


def test_edits_in_words(tiny_clip: Make) -> None:
    assert describe_edits(()) == "nothing edited"
    assert describe_edits(TAM_OFF) == "V = its mean over clips and Θ = [0, 1, 0] in all blocks"
    donor = Edit("layer1.0", "kernel", "donor", (0, 1, 2), tiny_clip())
    assert describe_edits([donor]) == "Θ of 'clip 0' in channels 0-2 of layer1.0"
    many = [Edit(name, "kernel", "uniform", (1, n)) for n, name in enumerate("abc")]
    assert describe_edits(many) == "Θ = the average in 6 channels of 3 blocks (a … c)"
    assert describe_edits(asked(where="later")) == "V = 1 in layer2.0 and layer3.0"


def test_operations_are_known_by_what_they_were_once_called() -> None:
    (edit,) = parse_edits("importance=mean@layer2.0[3]")
    assert edit == Edit("layer2.0", "importance", "given", (3,))
    record = {"block": "*", "target": "kernel", "op": "mean", "channels": None}
    assert edit_from(record) == Edit(ALL_BLOCKS, "kernel", "given")
    assert edit_text([edit_from(record)]) == "kernel=given@*"
