"""Questions to a scan, against what is counted by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from tam_viz.analysis.bench.confusion import OTHER, describe_confusion
from tam_viz.analysis.bench.paired import net_change
from tam_viz.scan.compact import compact
from tam_viz.scan.explore import accuracy, changes, changes_by, clips, compare, confusion, networks
from tam_viz.scan.filters import Filter, chosen, from_address, save, saved
from tam_viz.scan.folder import begin
from tam_viz.scan.formats import open_dataset
from tam_viz.scan.opened import Scan, open_scan
from tam_viz.scan.plan import shards
from tam_viz.scan.summary import scores
from tam_viz.types import UserError
from tests.scan.made_up import made_up

CLASSES = ("a", "b", "c", "d")
LABELS = ["a", "b", "c", "d"] * 25
FIRST: list[str | None] = [*LABELS]
FIRST[:12] = ["b", "a", "c", "d", "b", "a", "c", "d", "b", "a", "c", None]
SECOND: list[str | None] = [*LABELS]
SECOND[50:60] = ["a"] * 10


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    return made_up(tmp_path / "run", LABELS, {"x": FIRST, "y": SECOND}, CLASSES)


def test_accuracy_by_class_is_counted(scan: Scan) -> None:
    found = accuracy(scan, "x", Filter(), "label")
    assert dict(found["clips"]) == {"a": 25, "b": 25, "c": 25, "d": 24}
    assert dict(found["right"]) == {"a": 22, "b": 22, "c": 25, "d": 24}
    interval = binomtest(22, 25).proportion_ci(method="wilson")
    assert found.loc["a", "low"] == pytest.approx(interval.low)
    assert found.loc["a", "high"] == pytest.approx(interval.high)
    only = accuracy(scan, "x", Filter(true=("a",)), "label")
    assert dict(only["clips"]) == {"a": 25}


def test_a_column_of_numbers_is_cut_into_fifths(scan: Scan) -> None:
    found = accuracy(scan, "y", Filter(), "length")
    assert len(found) == 5
    assert found["clips"].sum() == 100
    with pytest.raises(UserError, match="does not understand"):
        accuracy(scan, "y", Filter(), 'no such column" --')


def test_two_networks_on_the_same_clips(scan: Scan) -> None:
    found = compare(scan, "x", "y", Filter())
    pairs = [
        (a == label, b == label)
        for a, b, label in zip(FIRST, SECOND, LABELS, strict=True)
        if a is not None
    ]
    assert found.clips == len(pairs) == 99
    assert found.fixed == pairs.count((False, True)) == 6
    assert found.broken == pairs.count((True, False))
    assert found.p == pytest.approx(binomtest(found.fixed, found.fixed + found.broken).pvalue)
    same = compare(scan, "x", "x", Filter())
    assert (same.fixed, same.broken, same.p) == (0, 0, 1.0)


def test_confusions_are_counted_and_neighbours(scan: Scan) -> None:
    found = confusion(scan, "x", Filter())
    index = {name: i for i, name in enumerate(found.classes)}
    assert found.counts[index["a"], index["b"]] == 3
    assert found.counts[index["b"], index["a"]] == 3
    assert found.counts.sum() == 99
    assert abs(index["a"] - index["b"]) == 1


def test_of_many_classes_the_most_confused_are_shown(tmp_path: Path) -> None:
    classes = [f"class {i:02d}" for i in range(40)]
    labels = classes * 3
    given: list[str | None] = [*labels]
    for i in (7, 47, 87):
        given[i] = classes[21]
    given[3] = classes[30]
    scan = made_up(tmp_path / "run", labels, {"x": given}, classes)
    found = confusion(scan, "x", Filter(), shown=4)
    assert set(found.classes) == {"class 07", "class 21", "class 03", "class 30", OTHER}
    assert found.classes[-1] == OTHER
    assert found.together == 36
    index = {name: i for i, name in enumerate(found.classes)}
    assert found.counts[index["class 07"], index["class 21"]] == 3
    assert found.counts[-1, -1] == 36 * 3
    assert found.counts.sum() == 120
    given[13] = given[53] = given[93] = classes[7]  # of 'other', more often than of 'class 03'
    words = describe_confusion(
        confusion(made_up(tmp_path / "b", labels, {"x": given}, classes), "x", Filter(), shown=4)
    )
    assert "'class 07' predicted as 'class 21' (3)" in words
    assert "'other' predicted" not in words


def test_pages_of_clips(scan: Scan) -> None:
    wrong = Filter(network="x", answer="wrong", other="y", other_answer="right")
    page, total = clips(scan, wrong, count=4)
    assert total == 6
    assert list(page["path"]) == ["0000", "0001", "0004", "0005"]
    last, _ = clips(scan, wrong, first=4, count=4)
    assert list(last["path"]) == ["0008", "0009"]
    back, _ = clips(scan, Filter(), order="-path", count=2)
    assert list(back["path"]) == ["0099", "0098"]
    unread, total = clips(scan, Filter(unreadable=True))
    assert total == 1
    assert unread.iloc[0]["error"] == "it is broken"
    assert clips(scan, Filter(network="gone", answer="right"))[1] == 0
    assert clips(scan, Filter(text="00%"))[1] == 0
    assert clips(scan, Filter(text="009"))[1] == 11


def test_a_filter_stands_in_an_address_and_is_saved(scan: Scan) -> None:
    filtered = Filter(
        "sure & wrong", "x", "wrong", true=("a", "b&c=d"), sure=(0.5, 1.0), other="y", text="Ä'"
    )
    address = filtered.in_address()
    again = from_address(address)
    assert again.in_address() == address
    assert again.true == ("a", "b&c=d")
    assert again.name == ""
    assert from_address("sure=x-y&answer=maybe&text=q&nonsense=1") == Filter(text="q")
    assert clips(scan, again)[1] == 0  # no such text: the quote is no part of the question
    save(scan, filtered)
    save(scan, Filter("other"))
    save(scan, Filter("other", text="1"))
    assert saved(scan) == (filtered, Filter("other", text="1"))
    with pytest.raises(UserError, match="needs a name"):
        save(scan, Filter(" "))


def test_compacted_it_answers_the_same_until_it_changes(scan: Scan, tmp_path: Path) -> None:
    before = scan.clips
    compact(scan.folder)
    after = open_scan(scan.folder).clips
    assert before.equals(after)
    (scan.folder / "clips" / "y").rename(tmp_path / "away")
    assert "y.predicted" not in open_scan(scan.folder).clips  # the old table is not believed


def test_all_accuracies_are_those_that_pandas_counts(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    labels = [*rng.choice([*CLASSES, "unknown"], 300)]
    answers: dict[str, list[str | None]] = {
        name: [(*CLASSES, None)[i] for i in rng.integers(0, 5, 300)] for name in ("x", "y", "z")
    }
    scan = made_up(tmp_path / "run", labels, answers, CLASSES)
    table = pd.DataFrame({"label": labels, **answers})
    known = table[table["label"].isin(CLASSES)]
    for compacted in (False, True):
        if compacted:
            compact(scan.folder)
        rates = scores(open_scan(scan.folder)).rates
        assert [*rates] == ["x", "y", "z"]
        for name, (rate, known_clips) in rates.items():
            counted = known[known[name].notna()]
            assert known_clips == len(counted)
            assert rate == pytest.approx((counted[name] == counted["label"]).mean())


def test_a_network_without_a_known_class_has_no_accuracy(tmp_path: Path) -> None:
    scan = made_up(tmp_path / "run", ["unknown"] * 5, {"x": ["a"] * 5}, CLASSES)
    rate, known = scores(scan).rates["x"]
    assert np.isnan(rate)
    assert known == 0
    assert scores(scan).warnings == ()


def test_of_two_files_of_a_set_the_older_goes_when_the_scan_goes_on(scan: Scan) -> None:
    (first,) = (scan.folder / "clips" / "x").rglob("000000-*")
    older = first.with_name("000000-other.parquet")
    older.write_bytes(first.read_bytes())  # a kill came before it was removed
    assert len(open_scan(scan.folder).clips) > 100
    for number in range(scan.manifest.shards):
        assert list(shards(scan.folder, scan.manifest, number)) == []
    assert not older.exists()
    assert len(open_scan(scan.folder).clips) == 100


def test_a_permuted_numbering_is_told(tmp_path: Path) -> None:
    turned = {"a": "b", "b": "c", "c": "d", "d": "a"}
    wrong: list[str | None] = [turned[label] for label in LABELS]
    scan = made_up(tmp_path / "run", LABELS, {"x": wrong, "y": SECOND}, CLASSES)
    summary = scores(scan)
    assert summary.rates["x"] == (0.0, 100)
    assert summary.rates["y"][0] == pytest.approx(np.mean(np.array(SECOND) == np.array(LABELS)))
    (warning,) = summary.warnings
    assert warning.startswith("x: The classes look permuted: 0% of 100 clips are right")


def test_what_changes_is_counted_clip_by_clip(scan: Scan) -> None:
    found = changes(scan, "x", "y", Filter())
    rows = [
        (a == label, b == label, a != b)
        for a, b, label in zip(FIRST, SECOND, LABELS, strict=True)
        if a is not None
    ]
    assert found.clips == 99
    assert found.fixed == sum(not a and b for a, b, _ in rows)
    assert found.broken == sum(a and not b for a, b, _ in rows)
    assert found.other == sum(not a and not b and moved for a, b, moved in rows) == 0
    table = scan.clips.dropna(subset=["x.predicted"])
    moved = table["y.log_odds"] - table["x.log_odds"]
    assert found.odds[0] == pytest.approx(moved.mean(), abs=1e-6)
    half = 1.959964 * moved.std() / 99**0.5
    assert found.odds[2] - found.odds[0] == pytest.approx(half, abs=1e-5)
    by = changes_by(scan, "x", "y", Filter(), "label")
    assert by["fixed"].sum() == found.fixed
    assert by["broken"].sum() == found.broken
    a, rest = by.loc["a"], by.loc["b"]
    assert (a["clips"], a["fixed"], a["broken"]) == (25, 3, 0)
    assert rest["net"] == pytest.approx((rest["fixed"] - rest["broken"]) / rest["clips"])
    assert (by["low"] <= by["net"]).all()
    assert (by["net"] <= by["high"]).all()


def test_the_interval_of_a_net_change_is_that_of_agresti_and_min() -> None:
    net, low, high = net_change(9, 4, 50)
    assert net == pytest.approx(0.1)
    p12, p21, n = 9.5 / 52, 4.5 / 52, 52
    half = 1.959964 * ((p12 + p21 - (p12 - p21) ** 2) / n) ** 0.5
    assert (low, high) == pytest.approx((p12 - p21 - half, p12 - p21 + half))
    assert net_change(0, 0, 10)[1] < 0 < net_change(0, 0, 10)[2]


def test_networks_are_counted_over_the_clips_that_each_knows(scan: Scan) -> None:
    table = networks(scan, ["x", "y"], Filter())
    assert list(table["clips"]) == [99, 100]
    interval = binomtest(int(table["right"]["x"]), 99).proportion_ci(method="wilson")
    assert table.loc["x", "low"] == pytest.approx(interval.low)
    assert table.loc["x", "high"] == pytest.approx(interval.high)


def test_filters_of_another_scan_are_evaluated_anew(scan: Scan, tmp_path: Path) -> None:
    turned: list[str | None] = ["b", *LABELS[1:]]
    other = made_up(tmp_path / "other", LABELS, {"x": turned}, CLASSES)
    save(scan, Filter("wrong ones", "x", "wrong"))
    kept = chosen(scan, "wrong ones", "")
    assert clips(scan, kept)[1] == 6
    assert clips(other, kept)[1] == 1
    assert chosen(scan, "", kept.in_address()).in_address() == kept.in_address()
    with pytest.raises(UserError, match="saved are wrong ones"):
        chosen(scan, "gone", "")
    with pytest.raises(UserError, match="not both"):
        chosen(scan, "wrong ones", "text=1")


def test_columns_of_the_dataset_and_of_the_scan_do_not_meet(tmp_path: Path) -> None:
    rows = ["file,label,error,n.predicted,length", "a.mp4,x,yes,no,3"]
    (tmp_path / "a.mp4").write_bytes(b"x")
    (tmp_path / "t.csv").write_text("\n".join(rows))
    dataset = open_dataset(tmp_path / "t.csv")
    assert dataset.columns == ("error_of_table", "n_predicted", "length")
    folder = tmp_path / "run"
    begin(folder, dataset, [])
    assert open_scan(folder).clips.iloc[0]["error_of_table"] == "yes"
    (tmp_path / "t.csv").write_text("file,label,length,speed\na.mp4,x,3,7\n")
    begin(folder, open_dataset(tmp_path / "t.csv"), [])  # the same clips, another table
    assert open_scan(folder).clips.iloc[0]["speed"] == "7"
