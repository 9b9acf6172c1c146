"""The steps of the lesson: their text, which lies in `lessons/`, and how a page shows one.

A step is a Markdown file. Between two lines of `+++` stand its title, equation, shapes, cost and
questions as TOML; its text follows. Names in braces are filled with the live numbers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from tam_viz.ui.controls import show_block, to_top
from tam_viz.ui.state.choices import pick
from tam_viz.ui.state.shortcuts import pick_shortcuts, shortcut

FOLDER = Path(__file__).parent / "lessons"
_KEY = "step"
Numbers = Mapping[str, str]
_STYLE = """<style>
[data-testid="stHeader"] { background: transparent; }
@media (min-width: 800px) { [data-testid="stMainBlockContainer"] { padding-top: 1.75rem; } }
@media (max-width: 900px) {
  [data-testid="stMainBlockContainer"] [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
  [data-testid="stMainBlockContainer"] [data-testid="stColumn"] { min-width: 100%; }
}
[data-testid="stMainBlockContainer"] > div { gap: 0.5rem; }
[data-testid="stMainBlockContainer"] h1 { font-size: 1.4rem; padding: 0 0 0.75rem; }
[data-testid="stMainBlockContainer"] h2 { font-size: 1.25rem; padding: 0; }
[data-testid="stMainBlockContainer"] h3 { font-size: 1.05rem; padding: 0; }
[data-testid="stMainBlockContainer"] button { min-height: 2rem; padding: 0.15rem 0.55rem; }
[data-testid="stMainBlockContainer"] [data-testid="stButtonGroup"] p { font-size: 0.85rem; }
.katex-display { margin: 0; font-size: 0.92em; overflow-x: auto; overflow-y: hidden; }
</style>"""
"""Keeps the head of the page low, so that a control and its picture are on one screen."""


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
        here: What it is about, as a place in the block.
        parts: The same, as names of the parts in `controls/block.html`.
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
    here: str
    parts: tuple[str, ...]
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
    invites, parts = fields.pop("try"), tuple(fields.pop("parts"))
    return Lesson(
        id=path.stem,
        invites=invites,
        parts=parts,
        questions=questions,
        text=text.strip(),
        **fields,
    )


def _question(
    asks: str, choices: list[str], answer: int | str, explains: str | list[str]
) -> Question:
    reasons = [explains] if isinstance(explains, str) else explains
    if len(reasons) not in (1, len(choices)):
        raise ValueError(f"{len(reasons)} explanations for {len(choices)} choices of '{asks}'")
    return Question(asks, tuple(choices), answer, tuple(reasons))


def choose_step() -> Lesson:
    """The step that is looked at, with the buttons and keys that lead to the next one."""
    st.html(_STYLE)
    steps = {step.id: step for step in lessons()}
    labels = {step.id: f"{number} {step.name}" for number, step in enumerate(lessons(), start=1)}
    names = list(steps)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chosen = pick(
            st.segmented_control,
            "Step",
            labels,
            _KEY,
            required=True,
            label_visibility="collapsed",
        )
        number = names.index(chosen)
        for label, key, way in (("Back", "B", -1), ("Next", "N", 1)):
            exists = 0 <= number + way < len(names)
            st.button(
                label,
                shortcut=shortcut(key),
                disabled=not exists,
                on_click=_go,
                args=(names[number + way] if exists else names[number],),
                key=f"lesson-{label}",
            )
        pick_shortcuts("N next step, B back, digits predict, A and S reveal an answer.")
    to_top("lesson-top", chosen)
    return steps[chosen]


def _go(step: str) -> None:
    st.session_state[_KEY] = step


def head(lesson: Lesson) -> None:
    """The block with the place that a step is about, its title and its equation."""
    show_block("lesson-block", lesson.parts, lesson.here)
    left, right = st.columns([2, 3], vertical_alignment="center")
    with left:
        st.header(lesson.title)
    with right:
        st.latex(lesson.equation)


def tell(lesson: Lesson, numbers: Numbers) -> None:
    """Text, shapes and cost of a step."""
    st.markdown(filled(lesson.text, numbers))
    st.markdown(
        f"**Shapes.** {filled(lesson.shapes, numbers)}  \n**Cost.** {filled(lesson.cost, numbers)}"
    )


def filled(text: str, numbers: Numbers) -> str:
    """A text with its names in braces replaced by the live numbers; a missing one is an error."""
    return text.format_map(numbers)
