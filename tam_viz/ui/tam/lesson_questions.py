"""The questions of the lesson: predict first, then reveal; each has an answer of its own.

What counts is what was predicted when the answer was revealed for the first time.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from tam_viz.analysis.tam.lesson_outcomes import ExperimentOutcome
from tam_viz.ui.state.shortcuts import shortcut
from tam_viz.ui.tam.lesson import Lesson, Numbers, Question, filled

Subject = tuple[str | int, ...]
"""The source of the live numbers: another one asks to predict anew."""
_PREDICTED, _REVEALED, _SHOWN = "lesson-predicted", "lesson-revealed", "lesson-shown"
_KEYS = ("A", "S")
"""Keys that reveal the first and the second answer."""


def ask(
    lesson: Lesson,
    numbers: Numbers,
    subject: Subject,
    experiment: Callable[[str], ExperimentOutcome],
) -> None:
    """The questions of a step, to be predicted first; buttons or keys reveal their answers.

    Args:
        lesson: The step.
        numbers: The live numbers.
        subject: What they are of.
        experiment: Makes the experiment of that name, when an answer that needs it is revealed.
    """
    key = 1
    for number, question in enumerate(lesson.questions):
        asks_about = (lesson.id, question.asks, *subject)
        with st.container(border=True):
            _predict(question, numbers, asks_about, key)
            if asks_about in _kept(_SHOWN):
                _reveal(question, numbers, _kept(_REVEALED)[asks_about], experiment)
            _turn_button(asks_about, number)
        key += len(question.choices)


def _kept(name: str) -> dict[Subject, int | None]:
    """Predictions by question: so far, when it was revealed, or as shown now."""
    kept: dict[Subject, int | None] = st.session_state.setdefault(name, {})
    return kept


def _predict(question: Question, numbers: Numbers, subject: Subject, first_key: int) -> None:
    """A question with its choices; `first_key` is the number key of the first one."""
    predicted = _kept(_PREDICTED).get(subject)
    revealed = subject in _kept(_REVEALED)
    st.markdown(f"**Predict first.** {filled(question.asks, numbers)}")
    for number, choice in enumerate(question.choices):
        st.button(
            filled(choice, numbers),
            shortcut=shortcut(str(first_key + number)),
            type="primary" if number == predicted else "secondary",
            disabled=revealed,
            on_click=_choose,
            args=(subject, number),
            key=f"lesson-choice-{first_key + number}",
            wrap=True,
        )


def _choose(subject: Subject, number: int) -> None:
    if subject not in _kept(_REVEALED):
        _kept(_PREDICTED)[subject] = number


def _turn_button(subject: Subject, number: int) -> None:
    shown = subject in _kept(_SHOWN)
    st.button(
        "Hide the answer" if shown else "Reveal the answer",
        shortcut=shortcut(_KEYS[number]),
        type="tertiary" if shown else "secondary",
        on_click=_turn,
        args=(subject,),
        key="lesson-reveal" if number == 0 else f"lesson-reveal-{number + 1}",
    )


def _turn(subject: Subject) -> None:
    shown = _kept(_SHOWN)
    if subject in shown:
        del shown[subject]
        return
    shown[subject] = _kept(_REVEALED).setdefault(subject, _kept(_PREDICTED).get(subject))


def _reveal(
    question: Question,
    numbers: Numbers,
    predicted: int | None,
    experiment: Callable[[str], ExperimentOutcome],
) -> None:
    if isinstance(question.answer, str):
        finding = experiment(question.answer)
    else:
        finding = ExperimentOutcome(question.answer, {})
    known = {**numbers, **finding.numbers}
    right = filled(question.choices[finding.answer], known)
    reasons = question.explains
    why = filled(reasons[finding.answer if len(reasons) > 1 else 0], known)
    if predicted is None:
        st.info(f"**{right}** {why}", icon=":material/lightbulb:")
    elif predicted == finding.answer:
        st.success(f"**As you predicted: {right}** {why}", icon=":material/check:")
    else:
        guess = filled(question.choices[predicted], known)
        st.warning(
            f"**Not as you predicted.** You predicted: {guess} It is: **{right}** {why}",
            icon=":material/close:",
        )
