"""Edits are traced back to what a person would ask for, and to nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import product
from typing import get_args

import pytest

from tam_viz.analysis.edits.edit_forms import wish_of
from tam_viz.analysis.edits.edits import TAM_OFF, Where, Which, Wish, edits_of
from tam_viz.types import ALL_BLOCKS, Clip, Edit
from tests.analysis.edits.test_edits import trace

Make = Callable[..., Clip]
WISH = Wish("one", "donor", "all", "all", "layer2.0", 2, ("layer1.0", "layer3.0"), "0-1,3")


def asked(*edits: Edit, donor: Clip | None = None) -> Wish | None:
    return wish_of(edits, trace(), donor, WISH.block, WISH.channel)


@pytest.mark.parametrize(("where", "which"), list(product(get_args(Where), get_args(Which))))
@pytest.mark.parametrize("kernel", ["donor", None])
def test_every_wish_comes_back_as_one_that_makes_the_same_edits(
    where: Where, which: Which, kernel: str | None, tiny_clip: Make
) -> None:
    donor = tiny_clip()
    wish = dataclasses.replace(WISH, where=where, which=which, kernel=kernel)
    edits = edits_of(wish, trace(), donor)
    found = asked(*edits, donor=donor)
    assert found is not None
    assert edits_of(found, trace(), donor) == edits
    assert (found.importance, found.kernel) == ("one", kernel)
    assert (found.where, found.which) == (where, which)


def test_the_simplest_wish_is_taken() -> None:
    assert asked() == Wish(None, None, "all", "all", "layer2.0", 2)
    assert asked(*TAM_OFF) == Wish("mean", "centre", "all", "all", "layer2.0", 2)
    every = [Edit(name, "kernel", "uniform") for name in trace().names]
    assert asked(*every) == Wish(None, "uniform", "all", "all", "layer2.0", 2)
    named = Edit("layer2.0", "importance", "one", tuple(range(6)))
    assert asked(named) == Wish("one", None, "selected", "all", "layer2.0", 2)


def test_a_channel_that_is_left_to_the_clip_is_listed() -> None:
    edit = Edit("layer2.0", "importance", "one", (1,))
    for channel, which in ((1, "selected"), (0, "listed"), (None, "listed")):
        found = wish_of([edit], trace(), None, "layer2.0", channel)
        assert found is not None
        assert (found.where, found.which) == ("selected", which)


def test_another_clip_with_the_same_frames_is_the_same_donor(tiny_clip: Make) -> None:
    here = tiny_clip()
    there = dataclasses.replace(here, id="as it was read")
    edit = Edit(ALL_BLOCKS, "importance", "donor", donor=there)
    found = asked(edit, donor=here)
    assert found is not None
    assert found.importance == "donor"
    assert asked(edit) is None
    assert asked(edit, donor=tiny_clip(1)) is None


def test_what_nobody_can_ask_for() -> None:
    for edits in (
        [Edit("layer1.0", "kernel", "centre"), Edit("layer2.0", "kernel", "uniform")],
        [Edit("layer1.0", "kernel", "centre"), Edit("layer1.0", "kernel", "uniform")],
        [Edit("layer1.0", "kernel", "centre"), Edit("layer2.0", "importance", "one")],
        [Edit("layer1.0", "kernel", "centre", (0,)), Edit("layer2.0", "kernel", "centre", (5,))],
        [Edit(ALL_BLOCKS, "importance", "shuffled", seed=3)],
        [Edit("layer9.9", "importance", "one")],
    ):
        assert asked(*edits) is None
