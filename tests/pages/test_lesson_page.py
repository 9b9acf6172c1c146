"""The lesson opens filled, is followed by its keys, and answers by experiment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from tam_viz.ui.tam.lesson import lessons
from tests.support.pages import charts, open_app

PAGE = "pages/4_How_TAM_works.py"
NAMES = [f"{number} {step.name}" for number, step in enumerate(lessons(), start=1)]
FIGURES = (1, 3, 2, 1, 2, 1, 2, 2)


def open_step(number: int, **query: str) -> AppTest:
    return open_app(PAGE, step=NAMES[number - 1], **query)


def button(app: AppTest, key: str) -> Button:
    return next(b for b in app.button if b.key == key)


def texts(app: AppTest) -> str:
    boxes = (*app.markdown, *app.info, *app.success, *app.warning)
    return "\n".join(element.value for element in boxes)


@pytest.mark.parametrize("number", range(1, 9))
def test_every_step_opens_filled_and_reveals_its_answers(number: int) -> None:
    app = open_step(number)
    assert not app.exception
    assert not app.error
    assert [heading.value for heading in app.header] == [lessons()[number - 1].title]
    assert charts(app) == FIGURES[number - 1]
    assert len(app.get("expander")) == charts(app)
    assert not app.info
    for key in ("lesson-reveal", "lesson-reveal-2")[: len(lessons()[number - 1].questions)]:
        shown = len(app.info)
        button(app, key).click().run()
        assert not app.exception
        assert len(app.info) == shown + 1  # one answer at a time
    assert "{" not in texts(app)


def test_next_and_back_lead_through_the_steps() -> None:
    app = open_app(PAGE)
    assert button(app, "lesson-Back").disabled
    button(app, "lesson-Next").click().run()
    button(app, "lesson-Next").click().run()
    assert [heading.value for heading in app.header] == [lessons()[2].title]
    button(app, "lesson-Back").click().run()
    assert [heading.value for heading in app.header] == [lessons()[1].title]
    assert not app.exception
    assert button(open_step(8), "lesson-Next").disabled


def test_keys_are_not_taken_twice_nor_those_of_the_page() -> None:
    app = open_step(5)
    keys = [b.proto.shortcut for b in app.button if b.proto.shortcut]
    assert len(set(keys)) == len(keys)
    assert {"n", "b", "a", "s"} <= {key.lower() for key in keys}
    assert not {"c", "r"} & {key.lower() for key in keys}


def test_a_right_prediction_is_praised_and_another_channel_asks_anew() -> None:
    app = open_step(6)
    button(app, "lesson-choice-1").click().run()
    button(app, "lesson-reveal").click().run()
    assert len(app.success) == 1
    assert "As you predicted" in app.success[0].value
    button(app, "lesson-reveal").click().run()
    assert not app.success
    button(app, "lesson-reveal").click().run()
    app.sidebar.number_input(key="channel").set_value(3).run()
    assert not app.success
    assert not app.info


def test_a_wrong_prediction_is_told_as_wrong_and_not_as_none() -> None:
    app = open_step(2)
    button(app, "lesson-choice-1").click().run()  # the right one is the third
    button(app, "lesson-reveal").click().run()
    assert not app.info
    assert not app.success
    assert len(app.warning) == 1
    assert "Not as you predicted" in app.warning[0].value
    assert "They come in the reverse order." in app.warning[0].value


@pytest.mark.parametrize("predicted", [None, 1])
def test_nothing_can_be_predicted_after_the_answer(predicted: int | None) -> None:
    app = open_step(2)
    if predicted:
        button(app, f"lesson-choice-{predicted}").click().run()
    button(app, "lesson-reveal").click().run()
    assert (len(app.info), len(app.warning)) == ((1, 0) if predicted is None else (0, 1))
    button(app, "lesson-reveal").click().run()  # hidden again
    assert not app.info
    assert not app.warning
    assert all(button(app, f"lesson-choice-{n}").disabled for n in (1, 2, 3))
    button(app, "lesson-reveal").click().run()
    assert (len(app.info), len(app.warning)) == ((1, 0) if predicted is None else (0, 1))


def test_two_questions_have_two_answers() -> None:
    app = open_step(5)
    button(app, "lesson-choice-2").click().run()
    button(app, "lesson-reveal").click().run()
    assert len(app.success) == 1
    assert not app.info
    assert "played backwards" in texts(app)
    assert "We ran it: Θ was" not in texts(app)
    button(app, "lesson-reveal-2").click().run()
    assert "We ran it: Θ was" in texts(app)


def test_shortcuts_can_be_switched_off_for_the_visit() -> None:
    app = open_step(5)
    assert any(b.proto.shortcut for b in app.button)
    app.toggle(key="shortcuts").set_value(False).run()
    assert not any(b.proto.shortcut for b in app.button)
    button(app, "lesson-Next").click().run()
    app.switch_page("pages/1_Watch_a_clip.py").run()
    app.switch_page(PAGE).run()
    assert not any(b.proto.shortcut for b in app.button)
    app.toggle(key="shortcuts").set_value(True).run()
    assert any(b.proto.shortcut for b in app.button)


def table(app: AppTest, key: str) -> pd.DataFrame:
    app.session_state[f"{key}-more"] = True
    found: pd.DataFrame = app.run().dataframe[0].value
    return found


def test_a_blank_frame_is_blank_in_the_maps_too() -> None:
    whole, blank = (table(open_step(3, blank=b), "lesson-local") for b in ("none", "4"))
    changed = (whole - blank).abs().max(axis=0) > 1e-6
    assert list(changed[changed].index) == [3, 4, 5]


@pytest.mark.parametrize("way", ["backwards", "frozen"])
def test_the_two_levels_follow_the_clip_and_tsm_does_not(way: str) -> None:
    here, there = (table(open_step(8, levels=w), "lesson-levels") for w in ("as filmed", way))
    alone = [found.loc["V alone"].to_numpy() for found in (here, there)]
    assert not (alone[0] == alone[1]).all()
    fixed = [
        found.loc[name]
        for found in (here, there)
        for name in dict.fromkeys(found.index.get_level_values(0))
        if name.startswith("TSM")
    ]
    assert set(np.concatenate([f.to_numpy().ravel() for f in fixed])) == {0.0, 1.0}


@pytest.mark.parametrize(("block", "answer"), [("layer1.0", "Yes:"), ("layer3.1", "No:")])
def test_the_answer_is_that_of_the_block(block: str, answer: str) -> None:
    app = open_step(1, block=block)
    button(app, "lesson-reveal").click().run()
    assert app.info[0].value.startswith(f"**{answer}")


@pytest.mark.parametrize("way", ["backwards", "shuffled", "frozen", "half speed"])
def test_frames_are_played_in_another_way(way: str) -> None:
    app = open_step(1, play=way)
    assert not app.exception
    assert charts(app) == 1
    assert ("Put back in order" in texts(app)) == (way in ("backwards", "shuffled"))


def test_what_is_drawn_stays_and_stands_in_the_address() -> None:
    app = open_step(6, theta="0.2,0.3,0.5", v="1,1,1,1,0,0,0,0", profile="1,2", block="layer2.0")
    assert not app.exception
    assert any(heading.value.endswith("yours") for heading in app.subheader)
    button(app, "lesson-Next").click().run()
    assert app.query_params["theta"] == "0.2,0.3,0.5"
    assert not app.exception
    app.toggle(key="onward").set_value(True).run()
    assert not app.exception
    assert charts(app) == 3
    button(app, "lesson-theta-the network’s Θ").click().run()
    button(app, "lesson-v-the network’s V").click().run()
    assert "theta" not in app.query_params
    assert "v" not in app.query_params
    assert charts(app) == 2


def test_a_drawing_for_another_number_of_frames_waits() -> None:
    app = open_step(4, v="1,0,1", theta="x")
    assert not app.exception
    assert "With yours" not in texts(app)


@pytest.mark.parametrize(
    ("number", "query"),
    [
        (2, {"places": "mirrored"}),
        (3, {"blank": "4"}),
        (5, {"profile": "0,0.1,0.2,0.3,0.4,0.5,0.6,0.7"}),
        (7, {"through": "a step"}),
        (7, {"weighed": "true"}),
        (8, {"levels": "backwards"}),
    ],
)
def test_what_the_reader_changes_is_shown(number: int, query: dict[str, str]) -> None:
    app = open_step(number, **query)
    assert not app.exception
    assert charts(app) == FIGURES[number - 1]
    plain = open_step(number)
    assert app.get("plotly_chart")[0].proto.spec != plain.get("plotly_chart")[0].proto.spec
