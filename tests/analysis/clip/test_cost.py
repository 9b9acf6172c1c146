"""What is said of costs: three digits, and no winner where the spreads overlap."""

from __future__ import annotations

import pytest

from tam_viz.analysis.clip.cost import Cost, cost_table, describe_costs, three_digits
from tam_viz.panels.clip.clip import costs


def cost(name: str, low: float, ms: float, high: float) -> Cost:
    return Cost(name, "tam", "8 × 64²", 932_816, 110_034_944, ms, low, high, 40, "cpu")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.110034, "0.110"),
        (0.111053, "0.111"),
        (0.0009996, "0.00100"),
        (5.5, "5.50"),
        (9.999, "10.0"),
        (100.4, "100"),
        (1234.0, "1230"),
        (0.0, "0.00"),
    ],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert three_digits(value) == text


def test_the_fastest_and_the_slowest_are_named_where_they_are_told_apart() -> None:
    said = describe_costs([cost("b", 5.4, 5.5, 5.6), cost("a", 3.9, 4.0, 4.1)])
    assert said == (
        "On the CPU, a is the fastest (4.00 ms, interquartile range 3.90–4.10, 40 runs); b is the "
        "slowest (5.50 ms, interquartile range 5.40–5.60, 40 runs), and takes 1.38 times as long."
    )


def test_no_network_is_the_fastest_where_spreads_overlap() -> None:
    near = [cost("a", 4.0, 4.1, 4.3), cost("b", 4.1, 4.2, 4.4)]
    assert describe_costs(near) == (
        "On the CPU, the networks cannot be told apart by speed (4.10 to 4.20 ms a clip)."
    )
    three = describe_costs([*near, cost("c", 5.4, 5.5, 5.6)])
    assert "a and b are the fastest, too close to be told apart (4.10 to 4.20 ms a clip)" in three
    assert "c is the slowest (5.50 ms" in three
    assert "times as long" not in three
    chain = describe_costs([*near, cost("c", 4.35, 4.5, 4.6)])
    assert "a (4.10 ms" in chain
    assert "is faster than c" in chain
    assert "is the fastest" not in chain


def test_a_busy_machine_is_told_of() -> None:
    assert "measure again" in describe_costs(
        [cost("a", 4.0, 5.0, 9.0), cost("b", 20.0, 20.0, 20.0)]
    )
    alone = describe_costs([cost("a", 4.0, 4.1, 4.2)])
    assert alone == "On the CPU, a takes 4.10 ms, interquartile range 4.00–4.20, 40 runs."
    assert "measure again" in describe_costs([cost("a", 4.0, 5.0, 9.0)])


def test_the_picture_and_the_table_have_the_spread() -> None:
    found = [cost("a", 3.9, 4.0, 4.3), cost("b", 5.4, 5.5, 5.6)]
    panel = costs(found)
    bars = [trace for trace in panel.figure.data if trace.type == "bar"]
    texts = [trace for trace in panel.figure.data if trace.type == "scatter"]
    assert [len(bar.x) for bar in bars] == [2, 2, 2]
    assert bars[2].error_x.array == pytest.approx((0.3, 0.1))
    assert bars[2].error_x.arrayminus == pytest.approx((0.1, 0.1))
    assert [bar.error_x.array for bar in bars[:2]] == [None, None]
    assert [text.strip() for text in texts[1].text] == ["0.110", "0.110"]
    assert list(texts[2].x) == [4.3, 5.6]  # beyond the whisker
    table = cost_table(found)
    assert table.loc["a", "third quartile"] == 4.3
    assert table.loc["b", "passes"] == 40
    assert table.loc["a", "parameters"] == 932_816
    assert "quartile" in panel.see
    assert "forward pass" in panel.how
