"""A note and evidence in a finding: letter for letter, number for number, and from strangers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tam_viz.capture.attribution import grad_cam, integrated_gradients
from tam_viz.capture.deletion import frame_deletion
from tam_viz.capture.run import run
from tam_viz.findings.evidence import COLUMNS, ROWS, Evidence, flat
from tam_viz.findings.finding import NOTE_LETTERS, Finding, KeptClip, describe, make
from tam_viz.findings.read import read
from tam_viz.findings.verify_evidence import (
    describe_evidence,
    evidence_table,
    verify_evidence,
)
from tam_viz.findings.write import pack
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip
from tests.support.findings import SHA, at, changed, members, refused, rewritten
from tests.support.steps import last
from tests.support.tiny import TINY

NOTE = "First line: V ≤ 0.5, **not bold**\n<b>no tag</b>  ![x](http://evil.example/x.png)\n\t½"
TARGET, RIVAL = "moves left", "moves right"


@pytest.fixture
def loaded(tiny_model: Callable[..., LoadedModel]) -> LoadedModel:
    made = tiny_model()
    return dataclasses.replace(made, card=dataclasses.replace(made.card, sha256=SHA))


@pytest.fixture
def finding(loaded: LoadedModel, tiny_clip: Callable[..., Clip]) -> Finding:
    clip = tiny_clip()
    table = pd.DataFrame(
        {"block": ["layer1.0", "all"], "change": [0.25, np.nan], "turned": [True, False]},
        index=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["edit", "row"]),
    )
    evidence = [
        Evidence("Intervene", "Ablation sweep", "Rows are blocks.", "Most by V.", flat(table)),
        Evidence(
            "Attribution on frames",
            "Grad-CAM",
            "Blue supports.",
            "It adds up.",
            maps=(
                grad_cam(loaded, clip, TARGET, RIVAL),
                last(integrated_gradients(loaded, clip, TARGET, 4)),
            ),
            losses=(last(frame_deletion(loaded, clip, TARGET, "neighbour", RIVAL)),),
        ),
    ]
    return make(
        "With evidence",
        [KeptClip(clip, TINY, 0, ("first",), SHA)],
        [(loaded.card, run(loaded, clip))],
        note=NOTE,
        evidence=evidence,
    )


@pytest.fixture
def packed(finding: Finding) -> bytes:
    return pack(finding, {"report.html": b"<p>"})


def checked(found: Finding, loaded: LoadedModel) -> Any:
    known = {loaded.card.id: loaded.card}
    return last(verify_evidence(found, known, lambda _name: loaded))


def test_a_note_and_evidence_come_back_as_they_were(finding: Finding, packed: bytes) -> None:
    back, _ = read(packed, "f.zip")
    assert back.note == NOTE
    assert not back.notes
    for old, new in zip(finding.evidence, back.evidence, strict=True):
        assert (old.page, old.title, old.see, old.says) == (
            *(new.page, new.title, new.see, new.says),
        )
        assert list(old.table.columns) == list(new.table.columns)
        for before, after in zip(old.maps, new.maps, strict=True):
            np.testing.assert_array_equal(before.maps, after.maps)
            assert after.clip_id == back.clips[0].clip.id
            for name in ("method", "target", "rival", "steps", "score", "delta"):
                assert getattr(before, name) == getattr(after, name)
        for lost, again in zip(old.losses, new.losses, strict=True):
            np.testing.assert_allclose(lost.drops, again.drops)
            assert (lost.filling, lost.rival) == (again.filling, again.rival)
    table = back.evidence[0].table
    assert list(table.columns) == ["edit", "row", "block", "change", "turned"]
    assert list(table["row"]) == [1, 2]
    assert table["change"].isna().tolist() == [False, True]
    assert list(table["turned"]) == ["yes", "no"]
    assert "Evidence: Ablation sweep; Grad-CAM." in describe(back)


def test_maps_and_losses_computed_anew_are_the_same(packed: bytes, loaded: LoadedModel) -> None:
    rows = checked(read(packed, "f.zip")[0], loaded)
    assert [row.agrees for row in rows] == [True] * 3
    assert describe_evidence(rows) == "3 of 3 maps and losses computed here are the same."
    assert list(evidence_table(rows)["the same"]) == ["yes"] * 3
    assert rows[0].what == "Grad-CAM for 'moves left' against 'moves right'"


def test_maps_that_were_tampered_with_are_told(packed: bytes, loaded: LoadedModel) -> None:
    def lie(arrays: dict[str, Any]) -> None:
        arrays["evidence/1/maps/0"] += 1
        arrays["evidence/1/losses/0"] *= -1

    rows = checked(read(rewritten(packed, lie), "f.zip")[0], loaded)
    assert [row.agrees for row in rows] == [False, True, False]
    assert describe_evidence(rows).startswith("1 of 3 maps")


def test_evidence_of_a_network_that_is_not_here_is_not_compared(packed: bytes) -> None:
    back, _ = read(packed, "f.zip")
    rows = last(verify_evidence(back, {}, lambda _name: pytest.fail("loaded")))
    assert all("There is no network" in row.why_not for row in rows)
    assert describe_evidence(rows) == "None of its maps and losses could be computed here."


def test_a_finding_without_a_note_and_evidence_has_neither_in_its_file(
    finding: Finding, loaded: LoadedModel
) -> None:
    """So findings that older programs wrote open, and theirs are written the same."""
    plain = dataclasses.replace(finding, note="", evidence=())
    data = pack(plain, {})
    record = json.loads(members(data)["finding.json"])
    assert not {"note", "evidence"} & set(record)
    back, _ = read(data, "f.zip")
    assert (back.note, back.evidence) == ("", ())
    assert last(verify_evidence(back, {}, lambda _name: loaded)) == ()


def test_evidence_of_another_version_is_passed_over(packed: bytes) -> None:
    back, _ = read(changed(packed, at("evidence", {"version": 2, "other": []})), "f.zip")
    assert back.evidence == ()
    assert back.note == NOTE
    assert "evidence of version 2; this program reads version 1" in back.notes[0]


def test_evidence_of_clips_that_are_not_kept_is_a_bug(finding: Finding) -> None:
    (found, *_) = finding.evidence[1].maps
    strange = Evidence("p", "t", "s", "s", maps=(dataclasses.replace(found, clip_id="other"),))
    with pytest.raises(ValueError, match="not kept"):
        make("x", finding.clips, [], evidence=[strange])


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("note", 3, "note of finding.json should be a valid string"),
        ("note", "x" * (NOTE_LETTERS + 1), "at most 4000 characters"),
        ("note", "\ud800", "Invalid JSON"),
        ("evidence", [], "evidence of finding.json should be an object"),
        ("evidence/version", "1", "a valid integer"),
        ("evidence/items", {}, "items of finding.json should be a valid array"),
        ("evidence/items", [{}] * 65, "items.0.page of finding.json is missing"),
        ("evidence/items/0/title", "x" * 301, "at most 300 characters"),
        ("evidence/items/0/says", None, "says of finding.json should be a valid string"),
        ("evidence/items/0/arrays", "../../x", "should be one of evidence/0"),
        ("evidence/items/0/columns/0/values", [1], "must be equally long"),
        ("evidence/items/0/columns/0/values", [[], {}], "a valid number"),
        ("evidence/items/0/columns/0/values", [10**400, 1], "a finite number"),
        ("evidence/items/0/columns/0/values", ["x" * 201, ""], "at most 200 characters"),
        ("evidence/items/0/columns/0/values", [0] * (ROWS + 1), "at most 5000 items"),
        ("evidence/items/0/columns", [{"name": "a", "values": []}] * (COLUMNS + 1), "at most 200"),
        ("evidence/items/1/maps/0/checkpoint_id", "nothing", "should be one of tiny-tam"),
        ("evidence/items/1/maps/0/clip_id", "nothing", "should be one of clip-0"),
        ("evidence/items/1/maps/0/target", "no class", "should be one of moves left"),
        ("evidence/items/1/maps/0/rival", 7, "should be a valid string"),
        ("evidence/items/1/maps/0/method", "magic", "should be 'Grad-CAM' or"),
        ("evidence/items/1/maps/0/shape", [9, 1, 1], "should begin with 4"),
        ("evidence/items/1/maps/0/shape", [4, 1 << 20, 1], "less than or equal to 1024"),
        ("evidence/items/1/maps/0/shape", [4, 1024, 1024], "is not of shape"),
        ("evidence/items/1/maps/1/steps", 1 << 20, "less than or equal to 1024"),
        ("evidence/items/1/maps", [{}] * 9, "maps.0.clip_id of finding.json is missing"),
        ("evidence/items/1/losses/0/filling", "nothing", "should be 'mean colour' or"),
    ],
)
def test_evidence_of_another_kind_is_refused(
    packed: bytes, path: str, value: object, says: str
) -> None:
    assert says in refused(changed(packed, at(path, value)))


@pytest.mark.parametrize(
    ("name", "array", "says"),
    [
        ("evidence/1/maps/0", np.zeros((4, 2, 2), np.float32), "is not of shape"),
        ("evidence/1/losses/0", np.full(4, np.nan, np.float32), "not finite"),
        ("evidence/1/losses/0", np.zeros(4, np.float64), "is not of shape"),
    ],
)
def test_arrays_of_evidence_of_another_kind_are_refused(
    packed: bytes, name: str, array: np.ndarray, says: str
) -> None:
    assert says in refused(rewritten(packed, lambda arrays: arrays.update({name: array})))


def test_words_of_evidence_cannot_fetch_or_link(packed: bytes) -> None:
    evil = "![x](http://evil.example/x.png) <img src=x>"
    for path in ("title", "see", "says", "columns/0/name"):
        back, _ = read(changed(packed, at(f"evidence/items/0/{path}", evil)), "f.zip")
        one = back.evidence[0]
        shown = f"{one.title}{one.see}{one.says}{list(one.table.columns)}"
        assert "](" not in shown
        assert "<" not in shown


def test_tables_are_flat_and_bounded() -> None:
    wide = pd.DataFrame(np.zeros((ROWS + 5, COLUMNS + 5)))
    assert flat(wide).shape == (ROWS, COLUMNS)
    levels = pd.DataFrame({("a", "x"): [1], ("a", "y"): [2]}, index=pd.Index(["r"], name="k"))
    assert list(flat(levels).columns) == ["k", "a · x", "a · y"]
    twins = pd.DataFrame([[1, 2]], columns=["same", "same"])
    assert list(flat(twins).columns) == ["same", "same (2)"]
