"""An audit tells what a network cannot see, without labels and without false alarms."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tam_viz.analysis.bench.mechanisms import SYMMETRIC
from tam_viz.analysis.clip.audit_words import facts, is_alarm, order_seen, warnings
from tam_viz.experiments.studies.audit import audit, audited
from tam_viz.models import cards
from tam_viz.models.engine import LoadedModel, load
from tam_viz.models.registry import entries
from tam_viz.types import Audit, InputSpec
from tests.support.hooks import last_layer

BLIND = {"none": "not seen", "se": "not seen", "pool": "direction not seen"}
WIDE = {"beta": 1}
"""So that no local branch is dead by chance: with β = 4 the smallest one has two hidden numbers."""


@pytest.mark.parametrize("temporal", [*BLIND, "tsm", "tconv", "tam", "tam_global", "slowfast"])
def test_what_a_network_sees_of_order_is_found(
    temporal: str, tiny_model: Callable[..., LoadedModel]
) -> None:
    loaded = tiny_model(temporal, options=WIDE if temporal == "tam" else None)
    found = audited(loaded)
    assert order_seen(found) == BLIND.get(temporal, "seen")
    said = " ".join(warnings(found, temporal))
    assert ("cannot tell" in said) == (temporal in BLIND)
    assert (found.importance is None) == (temporal not in ("tam", "tam_global"))
    assert (found.outputs, found.names, found.finite) == (16, 16, True)
    assert bool(found.fixed_importance) == (temporal == "tam_global")
    assert "same for every clip in" not in said


def test_a_network_that_should_see_order_and_does_not_is_told_loudly(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    found = audited(tiny_model("none"))
    (said,) = warnings(found, "tsm")
    assert said.startswith("This network gives the same answer for frames in any order")
    assert "missing or off" in said
    (said,) = warnings(found, "none")
    assert "as a TSN does" in said
    assert is_alarm(said)
    assert not any(map(is_alarm, facts(found)))


@pytest.mark.parametrize("scale", [1.0, 1e-2, 1e-4])
def test_answers_that_move_little_are_no_alarm(
    scale: float, tiny_model: Callable[..., LoadedModel]
) -> None:
    loaded = tiny_model(options=WIDE)
    with torch.no_grad():
        last_layer(loaded).weight.mul_(scale)
        last_layer(loaded).bias.fill_(scale)
    found = audited(loaded)
    assert order_seen(found) == "seen"
    assert not warnings(found, "tam")
    assert any(fact.startswith("Reversing the frames moves its logits by") for fact in facts(found))


def test_a_branch_that_says_the_same_of_every_clip_is_told(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    loaded = tiny_model(options=WIDE)
    blocks: dict[str, Any] = dict(loaded.net.tam_blocks())
    with torch.no_grad():
        blocks["layer2.0"].L[3].weight.zero_()
        blocks["layer3.0"].G[3].weight.zero_()
    found = audited(loaded)
    assert found.fixed_importance == ("layer2.0",)
    assert found.fixed_kernel == ("layer3.0",)
    first, second = warnings(found, "tam")
    assert "V (the importance map) is the same for every clip in layer2.0" in first
    assert "Θ (the adaptive kernel) is the same for every clip in layer3.0" in second
    assert is_alarm(first)
    assert is_alarm(second)


def test_a_network_without_an_answer_is_told(tiny_model: Callable[..., LoadedModel]) -> None:
    constant, endless, unnamed = (tiny_model() for _ in range(3))
    with torch.no_grad():
        last_layer(constant).weight.zero_()
        last_layer(endless).weight.fill_(torch.inf)
    assert "same answer for every clip" in warnings(audited(constant))[0]
    found = audited(endless)
    assert not found.finite
    assert order_seen(found) == "no answer"
    (said,) = warnings(found)
    assert "no finite answer" in said
    card = dataclasses.replace(unnamed.card, classes=unnamed.card.classes[:9])
    assert (
        "16 outputs and 9 class names"
        in warnings(audited(LoadedModel(card, unnamed.net, unnamed.device)))[0]
    )


def test_one_frame_has_no_order(tiny_model: Callable[..., LoadedModel]) -> None:
    found = audited(tiny_model("none", InputSpec(frames=1, resize=32, size=32)))
    assert order_seen(found) == "one frame"
    assert not warnings(found, "none")


def test_an_audit_is_a_few_passes_and_leaves_no_hooks(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    loaded = tiny_model()
    steps = list(audit(loaded))
    assert [step.done for step in steps] == list(range(1, len(steps) + 1))
    assert len(steps) < 10
    assert not any(module._forward_hooks for module in loaded.net.modules())


def test_an_audit_is_kept_with_the_weights_that_it_is_of(tmp_path: Path) -> None:
    card = dataclasses.replace(
        cards.read_card(cards.find("tanet-motionpairs")), id=tmp_path.name, sha256="a"
    )
    found = Audit("a", ("clip",), 8, 16, 16, finite=True, fixed_kernel=("layer1.0",))
    assert cards.read_audit(tmp_path, card) is None
    cards.write_audit(tmp_path, found)
    assert cards.read_audit(tmp_path, card) == found
    assert cards.read_audit(tmp_path, dataclasses.replace(card, sha256="b")) is None
    for damaged in ("", "[]", "{}", '{"sha256": "a", "colour": "red"}'):
        (tmp_path / cards.AUDIT).write_text(damaged)
        assert cards.read_audit(tmp_path, card) is None


SHIPPED = [
    name
    for name, found in entries().items()
    if (cards.OWN / found.checkpoint / cards.CARD).exists()
]


@pytest.mark.parametrize("temporal", SHIPPED)
def test_audits_of_the_networks_that_come_along_fit_what_they_are(temporal: str) -> None:
    loaded = load(entries()[temporal].checkpoint, "cpu")
    kept = cards.read_audit(cards.find(loaded.card.id), loaded.card)
    for found in filter(None, (audited(loaded), kept)):
        assert (order_seen(found) == "seen") == (temporal not in SYMMETRIC)
        assert found.finite
        assert found.outputs == found.names
        assert bool(found.fixed_importance) == (temporal == "tam_global")
        assert bool(found.fixed_kernel) == (temporal == "tam_local")


def test_some_audits_come_along() -> None:
    for name in ("tanet-motionpairs", "tsn-motionpairs"):
        folder = cards.find(name)
        assert cards.read_audit(folder, cards.read_card(folder)), "run `tam-viz audit all`"
