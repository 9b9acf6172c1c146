"""What was changed, and what is still to be chosen, in words."""

from __future__ import annotations

from typing import Any

import pytest

from tam_viz.analysis.edits.edit_words import describe_changes, describe_lacking, describe_played
from tam_viz.analysis.edits.edits import TAM_OFF, EditForm
from tam_viz.video.tempo import TEMPI


def form(**changes: object) -> EditForm:
    asked: dict[str, Any] = {
        "importance": "one",
        "kernel": None,
        "where": "all",
        "which": "all",
        **changes,
    }
    return EditForm(block="layer2.0", channel=5, **asked)


@pytest.mark.parametrize("tempo", TEMPI)
def test_every_way_to_play_a_clip_has_words(tempo: str) -> None:
    assert "clip" in describe_played(tempo, 1)
    assert ("frame 2 " in describe_played(tempo, 1)) == (tempo == "frozen")


def test_changes_in_words() -> None:
    shuffled = describe_played("shuffled", 0)
    assert describe_changes((), None) == "nothing edited"
    assert describe_changes((), shuffled) == "the frames of the clip shuffled and nothing else"
    assert describe_changes(TAM_OFF, shuffled) == (
        "V = its mean over clips and Θ = [0, 1, 0] in all blocks, and "
        "the frames of the clip shuffled"
    )


@pytest.mark.parametrize(
    ("changes", "starts"),
    [
        ({"where": "chosen"}, "Choose at least one block above; V stays as before"),
        (
            {"where": "chosen", "kernel": "centre", "which": "listed"},
            "Choose at least one block above; V and Θ stay as before",
        ),
        ({"which": "listed", "listed": " "}, "Name at least one channel above"),
        ({"where": "chosen", "chosen": ("a",), "which": "listed"}, "Name at least one channel"),
        ({"which": "past"}, "No channel there has more weight on the past: choose others above"),
    ],
)
@pytest.mark.parametrize("retimed", [False, True])
def test_what_is_still_to_be_chosen(
    changes: dict[str, object], starts: str, *, retimed: bool
) -> None:
    said = describe_lacking(form(**changes), (), retimed=retimed)
    assert said is not None
    assert said.startswith(starts)


def test_nothing_is_lacking_where_something_is_changed() -> None:
    nothing = form(importance=None)
    assert str(describe_lacking(nothing, (), retimed=False)).startswith("Nothing is changed yet")
    assert describe_lacking(nothing, (), retimed=True) is None
    assert describe_lacking(form(), TAM_OFF, retimed=False) is None
