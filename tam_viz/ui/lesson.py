"""The steps of the lesson: their text, which lies in `lessons/`, and how a page shows one.

A step is a Markdown file. Between two lines of `+++` stand its title, equation, shapes, cost and
questions as TOML; its text follows. Names in braces are filled with the live numbers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from tam_viz.analysis.lesson import Finding
from tam_viz.ui.controls import to_top

FOLDER = Path(__file__).parent / "lessons"
_KEY, _PREDICTED, _REVEALED = "step", "lesson-predicted", "lesson-revealed"
Numbers = Mapping[str, str]
Subject = tuple[str | int, ...]
"""What the live numbers are of: another one asks to predict anew."""


@dataclass(frozen=True)
class Question:
    """Something to predict.

    Attributes:
        asks: The question.
        choices: Possible answers.
        answer: The right one, from 0, or the name of the experiment that tells.
        explains: Why, for each right answer; a single one serves all of them.
    """

    asks: str
    choices: tuple[str, ...]
    answer: int | str
    explains: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """One step.

    Attributes:
        id: Name of its file without its ending.
        name: What it is called where there is little room.
        title: What it is called above the text.
        equation: In LaTeX.
        shapes: Of the arrays that take part.
        cost: In multiply-adds.
        invites: What the reader can change.
        questions: What to predict first.
        text: Markdown.
    """

    id: str
    name: str
    title: str
    equation: str
    shapes: str
    cost: str
    invites: str
    questions: tuple[Question, ...]
    text: str


@cache
def lessons() -> tuple[Lesson, ...]:
    """All steps in their order."""
    return tuple(read_lesson(path) for path in sorted(FOLDER.glob("*.md")))


def read_lesson(path: Path) -> Lesson:
    """Reads a step; anything missing or unknown in its file is an error."""
    _, front, text = path.read_text(encoding="utf-8").split("+++\n", 2)
    fields = tomllib.loads(front)
    questions = tuple(_question(**asked) for asked in fields.pop("questions"))
    invites = fields.pop("try")
    return Lesson(id=path.stem, invites=invites, questions=questions, text=text.strip(), **fields)


def _question(
    asks: str, choices: list[str], answer: int | str, explains: str | list[str]
) -> Question:
    reasons = [explains] if isinstance(explains, str) else explains
    if len(reasons) not in (1, len(choices)):
        raise ValueError(f"{len(reasons)} explanations for {len(choices)} choices of '{asks}'")
    return Question(asks, tuple(choices), answer, tuple(reasons))


def choose_step() -> Lesson:
    """The step that is looked at, with the buttons and keys that lead to the next one."""
    steps = {f"{number} {step.name}": step for number, step in enumerate(lessons(), start=1)}
    names = list(steps)
    first = None if _KEY in st.session_state else names[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Step", names, default=first, required=True, key=_KEY, bind="query-params"
        )
        place = names.index(chosen or names[0])
        for label, key, way in (("Back", "B", -1), ("Next", "N", 1)):
            there = 0 <= place + way < len(names)
            st.button(
                label,
                shortcut=key,
                disabled=not there,
                on_click=_go,
                args=(names[place + way] if there else names[place],),
                key=f"lesson-{label}",
            )
    to_top("lesson-top", names[place])
    return steps[names[place]]


def _go(name: str) -> None:
    st.session_state[_KEY] = name


def tell(lesson: Lesson, numbers: Numbers) -> None:
    """Title, equation, shapes and cost of a step."""
    st.header(lesson.title)
    st.latex(lesson.equation)
    st.markdown(
        f"**Shapes.** {filled(lesson.shapes, numbers)}  \n**Cost.** {filled(lesson.cost, numbers)}"
    )


def filled(text: str, numbers: Numbers) -> str:
    """A text with its names in braces replaced by the live numbers; a missing one is an error."""
    return text.format_map(numbers)


def ask(
    lesson: Lesson,
    numbers: Numbers,
    subject: Subject,
    experiment: Callable[[str], Finding],
) -> None:
    """The questions of a step, to be predicted first; a button or the key A reveals the answers.

    Args:
        lesson: The step.
        numbers: The live numbers.
        subject: What they are of.
        experiment: Makes the experiment of that name, when an answer that needs it is revealed.
    """
    revealed: set[tuple[str, Subject]] = st.session_state.setdefault(_REVEALED, set())
    shown = (lesson.id, subject) in revealed
    with st.container(border=True):
        key = 1
        columns = st.columns(len(lesson.questions))
        for column, question in zip(columns, lesson.questions, strict=True):
            with column:
                predicted = _predict(lesson, question, numbers, subject, key)
                if shown:
                    _reveal(question, numbers, predicted, experiment)
            key += len(question.choices)
        st.button(
            "Hide the answer" if shown else "Reveal the answer",
            shortcut="A",
            type="tertiary" if shown else "secondary",
            on_click=_turn,
            args=(revealed, (lesson.id, subject)),
            key="lesson-reveal",
        )


def _turn(revealed: set[tuple[str, Subject]], what: tuple[str, Subject]) -> None:
    revealed ^= {what}


def _predict(
    lesson: Lesson, question: Question, numbers: Numbers, subject: Subject, first_key: int
) -> int | None:
    """A question with its choices; `first_key` is the number key of the first one."""
    made: dict[Subject, int] = st.session_state.setdefault(_PREDICTED, {})
    place = (lesson.id, question.asks, *subject)
    predicted = made.get(place)
    st.markdown(f"**Predict first.** {filled(question.asks, numbers)}")
    for number, choice in enumerate(question.choices):
        st.button(
            filled(choice, numbers),
            shortcut=str(first_key + number),
            type="primary" if number == predicted else "secondary",
            on_click=made.update,
            args=({place: number},),
            key=f"lesson-choice-{first_key + number}",
            wrap=True,
        )
    return predicted


def _reveal(
    question: Question,
    numbers: Numbers,
    predicted: int | None,
    experiment: Callable[[str], Finding],
) -> None:
    if isinstance(question.answer, str):
        finding = experiment(question.answer)
    else:
        finding = Finding(question.answer, {})
    known = {**numbers, **finding.numbers}
    right = filled(question.choices[finding.answer], known)
    reasons = question.explains
    why = filled(reasons[finding.answer if len(reasons) > 1 else 0], known)
    if predicted == finding.answer:
        st.success(f"**As you predicted: {right}** {why}", icon=":material/check:")
    else:
        st.info(f"**{right}** {why}", icon=":material/lightbulb:")
