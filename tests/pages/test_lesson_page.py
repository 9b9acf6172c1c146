"""The lesson opens filled, is followed by its keys, and answers by experiment."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tam_viz.ui.lesson import lessons
from tests.test_pages import charts, open_app

PAGE = "pages/4_How_TAM_works.py"
NAMES = [f"{number} {step.name}" for number, step in enumerate(lessons(), start=1)]
FIGURES = (1, 3, 2, 1, 1, 1, 2)


def open_step(number: int, **query: str) -> AppTest:
    return open_app(PAGE, step=NAMES[number - 1], **query)


def button(app: AppTest, key: str):
    return next(b for b in app.button if b.key == key)


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.info, *app.success))


@pytest.mark.parametrize("number", range(1, 8))
def test_every_step_opens_filled_and_reveals_its_answers(number: int) -> None:
    app = open_step(number)
    assert not app.exception
    assert not app.error
    assert [heading.value for heading in app.header] == [lessons()[number - 1].title]
    assert charts(app) == FIGURES[number - 1]
    assert len(app.get("expander")) == charts(app)
    assert not app.info
    button(app, "lesson-reveal").click().run()
    assert not app.exception
    assert len(app.info) == len(lessons()[number - 1].questions)
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
    assert button(open_step(7), "lesson-Next").disabled


def test_keys_are_not_taken_twice_nor_those_of_the_page() -> None:
    app = open_step(5)
    keys = [b.proto.shortcut for b in app.button if b.proto.shortcut]
    assert len(set(keys)) == len(keys)
    assert {"n", "b", "a"} <= {key.lower() for key in keys}
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
    ],
)
def test_what_the_reader_changes_is_shown(number: int, query: dict[str, str]) -> None:
    app = open_step(number, **query)
    assert not app.exception
    assert charts(app) == FIGURES[number - 1]
    plain = open_step(number)
    assert app.get("plotly_chart")[0].proto.spec != plain.get("plotly_chart")[0].proto.spec
