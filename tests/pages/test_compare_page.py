"""Compare models: on one clip, on the test clips, from one to the other, and what is missing."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tam_viz.analysis.bench.answers import ANSWERS, failures, read, write
from tam_viz.models import cards as stored
from tam_viz.types import Run, UserError
from tam_viz.ui.bench import compare, compare_testset, influence
from tam_viz.ui.state import cache
from tests.support.pages import charts, open_app, spec, table, titles, whole, words

PAGE = "pages/7_Compare_models.py"
THIS = [
    "Predictions by network",
    "The temporal operator of layer4.0",
    "Influence of frame s on the features of frame t, through the whole network",
]
BENCH = [
    "Accuracy",
    "Which pairs of classes each module tells apart",
    "Harder clips",
    "Accuracy against budget",
    "Cost",
]


def open_tests(**query: str) -> AppTest:
    return open_app(PAGE, scope=compare.ALL, **query)


def buttons(app: AppTest) -> list[str | None]:
    return [button.key for button in app.button]


def test_one_clip_through_every_network() -> None:
    app = whole(open_app(PAGE, clip="hides · 1", rivals="TSM"))
    assert titles(app) == THIS
    assert "True class: 'hides'." in words(app)
    answers = table(app, "answers")
    cards = [card for card in cache.cards()[0].values() if len(card.classes) == 16]
    assert len(answers) == len(cards) == 24
    clip = cache.gallery()[0]["hides_1.mp4"].read(cards[0].input)
    name = cache.run("tsm-motionpairs", clip).prediction.top(1)[0][0]
    assert answers[answers["network"] == "TSM"].index == name
    assert "24 networks make" in words(app)


def test_operators_of_one_channel_are_v_and_theta_of_the_trace() -> None:
    app = whole(open_app(PAGE, block="layer3.0", rivals="TSM"))
    mean = spec(app, 1)
    app.button_group(key="look").set_value("channel").run()
    app.sidebar.number_input(key="channel").set_value(5).run()
    assert titles(whole(app))[1] == "The temporal operator of layer3.0"
    assert spec(app, 1) != mean
    assert "channel 5 of each network" in words(app)
    card = cache.cards()[0]["tanet-motionpairs"]
    clip = cache.gallery()[0]["moves_left_1.mp4"].read(card.input)
    block = cache.trace(card.id, clip)["layer3.0"]
    expected = sum(np.diag(block.kernel[5, k] * np.ones(8 - abs(k - 1)), k - 1) for k in range(3))
    found = table(app, "operators")
    assert set(found.index.get_level_values(0)) == {"TANet", "TANet, untrained", "TSM"}
    np.testing.assert_allclose(found.loc["TANet"], expected * block.importance[5], atol=1e-5)


def test_attention_is_in_sight_in_the_block_that_is_chosen_at_first() -> None:
    app = whole(open_app(PAGE, rivals="Non-local"))
    assert titles(app)[1] == "The temporal operator of layer4.0"
    assert "Non-local has no module in layer4.0; shown is its nearest, that of layer3.1" in words(
        app
    )
    found = table(app, "operators").loc["Non-local (layer3.1)"].to_numpy()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-4)
    far = np.abs(np.subtract.outer(range(8), range(8))) >= 2
    assert found[far].sum() > 0.1  # frames look far, which no kernel of three does


def test_no_rival_is_no_error_and_large_networks_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(influence, "_LARGE_PX", 0)
    app = open_app(PAGE)
    app.multiselect(key="rivals").set_value([]).run()
    assert charts(whole(app)) == 2
    app.toggle(key="gradients").set_value(True).run()
    assert titles(whole(app)) == THIS
    assert "from 2 random directions" in words(app)
    rows = table(app, "influence").index.get_level_values(0).unique()
    assert list(rows) == ["TANet", "TANet, V and Θ fixed", "TANet, untrained"]


def test_gains_and_agreement_on_the_test_clips() -> None:
    app = whole(open_tests(rival="TSN"))
    assert titles(app) == [
        *BENCH,
        "Agreement between networks",
        "Where TANet gains and where it loses against TSN",
        "Every test clip: TANet against TSN",
    ]
    answers = read(stored.OWN / ANSWERS)
    tanet, tsn = (
        answers.predicted[answers.row(name)] == answers.labels
        for name in ("tanet-motionpairs", "tsn-motionpairs")
    )
    assert (
        f"only TANet is correct on {(tanet & ~tsn).sum()}, only TSN on {(tsn & ~tanet).sum()}"
        in (words(app))
    )
    assert not app.warning
    assert len(buttons(app)) == 6
    before = spec(app, 6)
    app.selectbox(key="rival").select("TSM").run()
    assert titles(whole(app))[6] == "Where TANet gains and where it loses against TSM"
    assert spec(app, 6) != before


def test_a_test_clip_is_clicked_and_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    with monkeypatch.context() as patch:
        patch.setattr(st, "session_state", state)
        patch.setattr(compare_testset, "clicked", lambda _key: 17)
        compare_testset.choose("clips")
    app = open_tests()
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert "**The clip that was clicked**" in words(whole(app))
    app.button(key="clicked-17").click().run()
    assert titles(whole(app)) == THIS
    assert app.button_group(key="scope").value == compare.THIS
    assert "True class: 'moves right'." in words(app)
    app.switch_page("pages/2_Importance_maps.py").run()
    assert app.sidebar.selectbox(key="clip").value == "test clip 17"
    assert charts(whole(app)) == 4


def test_a_failure_leads_on() -> None:
    """Previous and next are neighbours in the list of failures; the links keep the clip."""
    answers = read(stored.OWN / ANSWERS)
    order = failures(answers, "tanet-motionpairs")
    odds = answers.log_odds[answers.row("tanet-motionpairs"), order]
    assert (np.diff(odds) >= 0).all()
    assert not answers.right("tanet-motionpairs")[order].any()
    assert len(order) == (~answers.right("tanet-motionpairs")).sum()
    app = whole(open_app(PAGE, clip=f"test clip {order[1]}"))
    assert f"Failure 2 of the {len(order)} that TANet makes on 1,600 test clips" in words(app)
    assert [app.button(key=f"{which}-failure").label for which in ("previous", "next")] == [
        f"Previous failure: test clip {order[0]}",
        f"Next failure: test clip {order[2]}",
    ]
    links = [link.proto for link in app.get("page_link") if "responsible" in link.proto.label]
    assert len(links) == 1
    app.button(key="previous-failure").click().run()
    assert app.sidebar.selectbox(key="clip").value == f"test clip {order[0]}"
    assert app.button(key="previous-failure").disabled
    assert "Failure 1 of" in words(whole(app))
    right = int(np.flatnonzero(answers.right("tanet-motionpairs"))[0])
    app = whole(open_app(PAGE, clip=f"test clip {right}"))
    assert f"TANet is correct on test clip {right}" in words(app)
    assert app.button(key="next-failure").label == f"Next failure: test clip {order[0]}"
    assert "next-failure" not in buttons(open_app(PAGE))


def test_answers_that_were_not_kept_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_testset, "ANSWERS", "nothing.npz")
    app = whole(open_tests())
    assert titles(app) == BENCH
    assert ["No predictions for single clips" in info.value for info in app.info] == [True]


def test_answers_that_are_others_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "answers.npz"
    monkeypatch.setattr(compare_testset, "ANSWERS", str(path))
    path.write_bytes(b"PK\x03\x04")
    app = open_tests()
    assert not app.exception
    assert ["is not what `tam-viz evaluate all` writes" in e.value for e in app.error] == [True]
    assert charts(app) == 0

    answers = read(stored.OWN / ANSWERS)
    write(path, dataclasses.replace(answers, seed=answers.seed + 1))
    app = open_tests()
    assert not app.exception
    assert ["for clips other than" in error.value for error in app.error] == [True]

    write(path, dataclasses.replace(answers, sha256=("0" * 64, *answers.sha256[1:])))
    app = whole(open_tests())
    assert [warning.value.split(":")[0] for warning in app.warning] == [answers.networks[0]]
    assert charts(app) == 8


def test_a_network_that_is_not_in_the_bench_is_told_and_alone_is_one(published: str) -> None:
    """Number words are computed: one network, 400 classes, a bench of other networks."""
    app = whole(open_app(PAGE, model=published))
    card = cache.cards()[0][published]
    assert "1 network makes 1 prediction." in words(app)
    chance = f"Chance among {len(card.classes)} classes is "
    assert [chance in caption.value for caption in app.caption].count(True) == 1
    assert "Eighteen" not in " ".join(markdown.value for markdown in app.markdown)
    app = whole(open_tests(model=published))
    assert f"The chosen network, {published}, is not in this bench" in app.info[0].value
    assert not whole(open_tests()).info


def test_published_numbers_stand_beside_the_bench() -> None:
    app = whole(open_tests())
    bench = cache.results(cache.bench_file())
    assert bench is not None
    tam = bench.find("tam")
    assert tam is not None
    said = words(app)
    assert "**Published** (ResNet-50, 8 frames, real videos)" in said
    assert "TANet 76.1%" in said
    assert f"trained on {tam.clips:,} generated clips" in said
    assert f"Here TANet is number {bench.networks.index(tam) + 1} of {len(bench.networks)}." in said
    (sources,) = [f.value for f in app.dataframe if "published top-1 (%)" in f.value]
    assert all(sources["source"].str.startswith("https://"))


def test_a_network_that_does_not_answer_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = cache.run

    def run(name: str, *given: Any) -> Run:
        if name == "tsm-motionpairs":
            raise UserError("tsm-motionpairs gives no finite answer on this clip.")
        return answer(name, *given)

    monkeypatch.setattr(cache, "run", run)
    app = whole(open_app(PAGE))
    assert charts(app) == 3
    assert [info.value for info in app.info] == [
        "tsm-motionpairs gives no finite answer on this clip. It is left out."
    ]
    assert "23 networks make" in words(app)
