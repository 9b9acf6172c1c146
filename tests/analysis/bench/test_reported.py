"""Published numbers beside the bench: kept apart, with their sources, and with computed words."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from tam_viz.analysis.bench.reported import budget, describe_reported, reported, reported_table
from tam_viz.analysis.bench.results import Bench, read
from tam_viz.models import cards
from tam_viz.models.registry import entries
from tests.analysis.makers import record


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(record()), encoding="utf-8")
    return read(path)


def test_every_row_has_a_source_and_a_module_of_the_bench() -> None:
    rows = reported()
    assert {row.temporal for row in rows} <= set(entries())
    for row in rows:
        assert entries()[row.temporal].network == row.network
        assert row.source.startswith("https://")
        assert 0 < row.top1 < 100
    keys = [(row.network, row.set, row.frames) for row in rows]
    assert len(set(keys)) == len(keys)
    found = {(row.network, row.set): row.top1 for row in rows}
    assert found["TANet", "Kinetics-400"] == 76.1
    assert found["TSM", "Something-Something V1"] == 45.6


def test_the_table_has_both_numbers_in_columns_of_their_own(bench: Bench) -> None:
    table = reported_table(reported(), bench)
    row = table[(table["network"] == "TANet") & (table["published on"] == "Kinetics-400")].iloc[0]
    tam = bench.find("tam")
    assert tam is not None
    assert row["published top-1 (%)"] == 76.1
    assert row["this bench: top-1 (%)"] == pytest.approx(100 * tam.test.top1)


def test_the_words_follow_the_networks(bench: Bench) -> None:
    """More clips, another order: other words."""
    said = describe_reported(reported(), bench, {})
    assert "Kinetics-400: TDN 76.6%, TANet 76.1%, TSM 74.1% and TSN 70.6%" in said
    assert "trained on 640 generated clips" in said
    assert f"Here TANet is number 1 of {len(bench.networks)}." in said
    assert "10,000" not in said
    longer = [dataclasses.replace(one, clips=80_000) for one in bench.networks[::-1]]
    other = dataclasses.replace(bench, networks=tuple(longer))
    said = describe_reported(reported(), other, {})
    assert "trained on 80,000 generated clips" in said
    assert f"Here TANet is number {len(longer)} of {len(longer)}." in said


def test_the_order_is_compared_on_each_set(bench: Bench) -> None:
    by_name = {one.temporal: one for one in bench.networks}
    some = [by_name[name] for name in ("tdn", "tam", "tsm", "none")]
    alike = dataclasses.replace(bench, networks=tuple(some))
    assert "is that of the bench on 3 of 3 sets" in describe_reported(reported(), alike, {})
    swapped = dataclasses.replace(bench, networks=(some[0], some[2], some[1], some[3]))
    assert "is that of the bench on 0 of 3 sets" in describe_reported(reported(), swapped, {})


def test_a_budget_names_what_the_card_knows() -> None:
    found = read(cards.OWN / cards.RESULTS)
    tam = found.find("tam")
    assert tam is not None
    card = cards.read_card(cards.find(tam.id))
    said = budget(tam, card)
    assert f"{tam.clips:,} generated clips" in said
    assert f"{card.width} channels wide" in said
    assert f"{tam.parameters / 1e6:.2f} million parameters" in said
