"""Export: the view as one file, and what such a file does when it is opened again."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pytest

from tam_viz.findings.read import read
from tests.support.exported import PLACE, TANET, VIEW, made, opened, selected, toggle
from tests.support.findings import changed, members, rewritten, zipped
from tests.support.pages import PAGES, captions, charts, open_app, titles, whole, words

PAGE = "pages/8_Export.py"


@pytest.fixture(scope="module")
def packed() -> bytes:
    return made(open_app(PAGE, **VIEW, **PLACE))


def test_the_view_is_described() -> None:
    app = whole(open_app(PAGE, **VIEW, **PLACE))
    assert titles(app) == ["This view as a finding", "Open a finding"]
    said = words(app)
    assert "on 'hides_1.mp4'" in said
    assert "Beside it: 'moves_left_1.mp4'" in said
    assert f"Networks: {TANET}, tconv-motionpairs, tsm-motionpairs, tsn-motionpairs." in said
    assert "Importance: channel 5 of layer3.0" in captions(app)
    assert "Nothing was changed on the page Intervene" in captions(app)
    app.multiselect(key="networks").set_value([]).run()
    assert f"Networks: {TANET}." in words(whole(app))


def test_what_is_in_the_file(packed: bytes) -> None:
    finding, _ = read(packed, "f.zip")
    assert [run.checkpoint_id for run in finding.runs] == [
        *(TANET, "tconv-motionpairs", "tsm-motionpairs", "tsn-motionpairs", TANET),
    ]
    first, second = finding.clips
    assert (first.clip.source, second.clip.source) == ("hides_1.mp4", "moves_left_1.mp4")
    assert len(first.video_sha256) == 64
    names = list(members(packed))
    assert {name.rsplit(".", 1)[-1] for name in names} == {"json", "npz", "html", "js", "csv"}
    assert sum(name.startswith("tables/") for name in names) == 10


def test_the_very_bytes_open_again_to_the_same_view_and_numbers(packed: bytes) -> None:
    app = whole(opened(packed))
    first, second = selected(app)[:2]
    assert first.startswith("finding ")
    assert first.endswith(": hides_1.mp4")
    assert second.endswith(", second: moves_left_1.mp4")
    assert selected(app)[2:] == [TANET, "layer3.0", 5, 3]
    assert app.query_params["clip"] == first
    assert "**5 of 5 runs computed here give the same numbers" in words(app)
    assert list(app.table[0].value["the same"]) == ["yes"] * 5
    for page in ("pages/1_Watch_a_clip.py", "pages/3_Adaptive_kernels.py"):
        app.switch_page(page).run()
        assert charts(whole(app)) == PAGES[page]
        assert selected(app)[:2] == [first, second]
    app.sidebar.selectbox(key="clip").select("recedes_1.mp4").run()
    app.sidebar.number_input(key="frame").set_value(8).run()
    app.switch_page(PAGE).run()
    button = next(b for b in app.button if str(b.key).startswith("select-"))
    button.click().run()
    assert selected(whole(app)) == [first, second, TANET, "layer3.0", 5, 3]


def test_what_was_changed_on_intervene_goes_along() -> None:
    app = open_app(
        "pages/5_Intervene.py",
        **VIEW,
        v="V = its mean over clips",
        theta="Θ of another clip",
        tempo="played backwards",
    )
    whole(app)
    app.switch_page(PAGE).run()
    assert "Nothing was changed" not in captions(app)
    change = toggle(app, "With the change made on Intervene")
    assert "and the clip played backwards" in change.label
    assert "Edited: " in words(app)
    assert "Prediction before and after" in captions(app)
    data = made(app)
    finding, _ = read(data, "f.zip")
    assert [(edit.target, edit.op) for edit in finding.runs[-1].edits] == [
        ("importance", "given"),
        ("kernel", "donor"),
    ]
    assert [kept.roles for kept in finding.clips] == [
        ("first",), ("second", "donor"), ("played",),
    ]  # fmt: skip
    assert set(finding.given) == {TANET}
    assert "**6 of 6 runs computed here" in words(whole(opened(data)))
    toggle(app, "With the change made on Intervene").set_value(False).run()
    assert "Edited: " not in words(whole(app))
    assert not read(made(app), "f.zip")[0].runs[-1].edits


def test_what_nobody_chose_on_intervene_is_no_edit() -> None:
    """Intervene opens with an exchange; a finding says that it was edited only if it was."""
    app = open_app("pages/5_Intervene.py", **VIEW)
    whole(app)
    app.switch_page(PAGE).run()
    assert "Nothing was changed on the page Intervene" in captions(whole(app))
    assert not [one for one in app.toggle if "Intervene" in one.label]
    assert "Edited: " not in words(app)
    assert not any(run.edits for run in read(made(app), "f.zip")[0].runs)


def test_a_note_is_kept_and_shown_letter_for_letter() -> None:
    note = "**Not bold** <b>&amp;</b>\n  $x$ ![i](http://evil.example/x.png)"
    app = open_app(PAGE, **VIEW)
    app.text_area(key="note").input(note).run()
    app.switch_page("pages/1_Watch_a_clip.py").run()
    app.switch_page(PAGE).run()
    assert app.text_area(key="note").value == note
    data = made(whole(app))
    assert read(data, "f.zip")[0].note == note
    report = members(data)["report.html"].decode()
    assert escape(note) in report
    assert "<b>&amp;</b>" not in report
    assert note in [text.value for text in whole(opened(data)).text]


def test_what_was_looked_at_goes_along_and_comes_back() -> None:
    """The sweep, the swaps, the timing and the attribution of this clip, and of no other one."""
    app = open_app(PAGE, **VIEW)
    assert "so far you have looked at none for this clip and network" in captions(app)
    app.switch_page("pages/5_Intervene.py").run()
    intervene = titles(whole(app))
    app.switch_page("pages/6_Attribution.py").run()
    attribution = titles(whole(app))
    app.switch_page(PAGE).run()
    chosen = app.multiselect(key="evidence")
    assert [title in chosen.options for title in intervene[:3]] == [False] * 3
    assert set(intervene[3:] + attribution) == set(chosen.options)
    data = made(app)
    finding, _ = read(data, "f.zip")
    assert [one.title for one in finding.evidence] == list(chosen.options)
    sweep = next(one for one in finding.evidence if one.title.startswith("Ablation sweep"))
    assert len(sweep.table) == 9  # eight blocks, and all of them
    maps = [found for one in finding.evidence for found in one.maps]
    assert {TANET, "tsn-motionpairs"} <= {found.checkpoint_id for found in maps}
    for found, title in zip(maps, attribution, strict=False):
        assert f"in {found.checkpoint_id}" in title
    tables = [name for name in members(data) if name.startswith("tables/")]
    assert len(tables) == 10 + len(finding.evidence)
    app = whole(opened(data))
    again = [one for one in finding.evidence if one.kind]
    assert {one.kind for one in again} == {"sweep", "swaps", "tempi", "deletion"}
    assert len(app.get("plotly_chart")) == len(again) + len(maps)  # all that was looked at
    all_of = f"{2 * len(maps)} of {2 * len(maps)}"
    assert f"{all_of} maps and losses computed here are the same." in words(app)
    shown = [one.label for one in app.expander]
    assert [f"{one.page}: {one.title}" in shown for one in finding.evidence] == [True] * len(
        finding.evidence
    )
    app = open_app("pages/6_Attribution.py", **VIEW)
    app.sidebar.selectbox(key="clip").select("recedes_1.mp4").run()
    app.switch_page(PAGE).run()
    app.sidebar.selectbox(key="clip").select("moves_left_1.mp4").run()
    assert "so far you have looked at none for this clip and network" in captions(whole(app))


def test_a_checkpoint_of_another_seed_goes_along_with_its_map() -> None:
    """It is in no list of networks, and the finding that holds its map opens all the same."""
    seed = f"{TANET}-seed1"
    app = open_app("pages/6_Attribution.py", **VIEW, checkpoint=seed)
    app.multiselect(key="networks").set_value([TANET]).run()
    assert titles(whole(app))[-1] == "Two checkpoints: which frames each needs"
    app.switch_page(PAGE).run()
    app.multiselect(key="networks").set_value([]).run()
    data = made(whole(app))
    finding, _ = read(data, "f.zip")
    assert {network.id for network in finding.networks} == {TANET, seed}
    assert "**3 of 3 runs computed here give the same numbers" in words(whole(opened(data)))


def test_numbers_that_do_not_come_out_are_told(packed: bytes) -> None:
    def lie(arrays: dict[str, np.ndarray]) -> None:
        arrays["run/1/logits"] += 1

    app = whole(opened(rewritten(packed, lie)))
    assert "**4 of 5 runs computed here" in words(app)
    assert "the largest difference is 1" in words(app)
    assert list(app.table[0].value["the same"]) == ["yes", "no", "yes", "yes", "yes"]


def test_networks_that_are_not_here_are_told(packed: bytes) -> None:
    def rename(record: dict[str, Any]) -> None:
        record["networks"][1]["id"] = record["runs"][1]["network"] = "gone"
        record["networks"][2]["sha256"] = "0" * 64

    app = whole(opened(changed(packed, rename)))
    assert "There is no network gone here" in captions(app)
    assert "The tsm-motionpairs here has other weights" in captions(app)
    assert "**3 of 3 runs computed here" in words(app)
    assert "2 could not be computed" in words(app)


def test_hostile_files_get_a_sentence_and_the_page_stays(packed: bytes) -> None:
    app = open_app(PAGE, **VIEW)
    whole_file = members(packed)
    for data, said in (
        (b"not a zip", "it is no zip file"),
        (packed[:-3000], "it is no zip file"),
        (zipped({**whole_file, "finding.json": b" " * (9 << 20)}), "is larger than 8 MB"),
        (zipped({**whole_file, "../../evil.py": b""}), "which no finding has"),
        (changed(packed, lambda record: record.update(runs=[])), "it has no runs"),
    ):
        opened(data, app)
        assert not app.exception
        assert [said in error.value for error in app.error] == [True]
        assert titles(app) == ["This view as a finding", "Open a finding"]
        assert app.sidebar.selectbox(key="clip").value == "hides_1.mp4"
        assert not app.dataframe
    app.run()
    assert not app.error
    assert "**5 of 5 runs" in words(whole(opened(packed, app)))


def test_a_clip_of_a_finding_that_is_not_open_is_told() -> None:
    app = whole(open_app(PAGE, clip="finding df580bbc: hides_1.mp4"))
    assert [w.value for w in app.warning] == [
        "This link refers to something that is not available (the clip). Shown instead: clip "
        "moves_left_1.mp4. Uploads and findings stay with the visit in which they were opened; "
        "open them again."
    ]
    assert app.sidebar.selectbox(key="clip").value == "moves_left_1.mp4"
    assert not open_app(PAGE, **VIEW).warning
