"""From a test clip that a network fails on to what explains it, and to the next failure."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tam_viz.analysis.bench.answers import Answers, failures
from tam_viz.literal import in_markdown, sentence
from tam_viz.motionpairs.dataset import TEST_SEED
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.ui.bench import compare_testset
from tam_viz.ui.bench.compare import named
from tam_viz.ui.state.selection import Selection

_PAGES = {
    "5_Intervene.py": "**Intervene**: which block is responsible?",
    "6_Attribution.py": "**Attribution**: which frames does the prediction rest on?",
    "3_Adaptive_kernels.py": "**Adaptive kernels**: what did it do with time?",
}


def lead_on(selection: Selection) -> None:
    """Where to go from a clip of the test set, and the failures before and after it.

    Nothing for other clips, and for networks whose answers to the test set were not kept.

    Raises:
        UserError: The file of the answers is damaged.
    """
    source, own = selection.source, selection.card.id
    if not isinstance(source, DrawnClip) or (source.seed, source.split) != (TEST_SEED, "test"):
        return
    answers = compare_testset.stored_answers(compare_testset.answers_file())
    if answers is None or own not in answers.networks:
        return
    order = failures(answers, own)
    with st.container(border=True):
        st.markdown(sentence(_where(answers, selection, source.index, order)))
        _steps(source.index, order)
        st.caption("Where next")
        for page, says in _PAGES.items():
            st.page_link(f"pages/{page}", label=says, query_params=dict(selection.link))


def _where(answers: Answers, selection: Selection, index: int, order: Sequence[int]) -> str:
    """Whether the network fails on the clip, and which failure it is."""
    name = named(selection.card).name
    true = answers.classes[answers.labels[index]]
    if index not in order:
        return f"{name} is correct on test clip {index} ('{true}')."
    predicted = answers.classes[answers.predicted[answers.row(selection.card.id), index]]
    return (
        f"Failure {order.index(index) + 1:,} of the {len(order):,} that {name} makes on "
        f"{len(answers.labels):,} test clips, the most confident first. True class: '{true}'; "
        f"predicted: '{predicted}'."
    )


def _steps(index: int, order: Sequence[int]) -> None:
    """Buttons to the failures before and after; to the first one from where there is none."""
    rank = order.index(index) if index in order else None
    before = None if rank in (None, 0) else order[rank - 1]
    after = order[0 if rank is None else rank + 1 :][:1]
    with st.container(horizontal=True):
        _step("Previous failure", "previous-failure", before)
        _step("Next failure", "next-failure", after[0] if after else None)


def _step(says: str, key: str, index: int | None) -> None:
    st.button(
        in_markdown(says if index is None else f"{says}: test clip {index}"),
        key=key,
        disabled=index is None,
        on_click=compare_testset.open_here,
        args=(index,),
    )
