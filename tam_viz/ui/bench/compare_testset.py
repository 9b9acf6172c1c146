"""Networks compared on the test clips: what is picked, kept and opened."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from tam_viz.analysis.bench.answers import ANSWERS, Answers, read
from tam_viz.analysis.bench.reported import describe_reported, reported, reported_table
from tam_viz.analysis.bench.results import Bench, BenchNetwork
from tam_viz.analysis.formatting import signed
from tam_viz.literal import in_markdown, sentence
from tam_viz.models import cards as stored
from tam_viz.motionpairs.dataset import TEST_CLIPS, TEST_SEED
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.panels.panel import Panel
from tam_viz.types import InputSpec, UserError
from tam_viz.ui.bench.compare import THIS
from tam_viz.ui.figure import clicked
from tam_viz.ui.state import cache
from tam_viz.ui.state.clip_picker import open_test_clip
from tam_viz.ui.state.keys import KEYS
from tam_viz.ui.state.selection import Selection

_CHOSEN = "test clip"
_ENDS, _STRIP_PX = 3, 330


def answers_file() -> Path:
    """Where the predictions of every network for every test clip are."""
    return stored.OWN / ANSWERS


@st.cache_resource(show_spinner=False, max_entries=2, hash_funcs=KEYS)
def stored_answers(path: Path) -> Answers | None:
    """Predictions of every network for every test clip, from a file; None if there is none.

    Raises:
        UserError: The file is damaged.
    """
    if not path.is_file():
        return None
    stored_answers = read(path)
    if stored_answers.seed != TEST_SEED or len(stored_answers.labels) != TEST_CLIPS:
        raise UserError(
            f"{path} holds predictions for clips other than the {TEST_CLIPS:,} of the test set; "
            "`tam-viz evaluate all` writes it again."
        )
    return stored_answers


def warn_of_other_weights(answers: Answers, selection: Selection) -> None:
    """Names the networks whose weights are not those that were asked."""
    hashes = dict(zip(answers.networks, answers.sha256, strict=True))
    changed = [c.id for c in selection.cards if hashes.get(c.id, c.sha256) != c.sha256]
    if changed:
        st.warning(
            sentence(
                f"{', '.join(changed)}: these predictions come from weights other than the "
                "installed ones; `tam-viz evaluate all` makes them again."
            )
        )


def tell_if_not_measured(bench: Bench, selection: Selection) -> None:
    """Says so where the chosen TANet is not among the networks that were measured."""
    own = selection.card.id
    if own in {network.id for network in (*bench.networks, *bench.repeats)}:
        return
    st.info(
        sentence(
            f"The chosen network, {own}, is not in this bench: the rest of the page is "
            f"about {len(bench.networks)} small networks trained on MotionPairs. Choose 'this "
            f"clip' above to see {own} itself."
        )
    )


def show_reported(bench: Bench, selection: Selection) -> None:
    """The accuracies that publishers report, beside a description of this bench."""
    rows = reported()
    st.markdown(describe_reported(rows, bench, {card.id: card for card in selection.cards}))
    with st.expander("Published numbers, with their sources"):
        st.dataframe(
            reported_table(rows, bench),
            hide_index=True,
            column_config={"source": st.column_config.LinkColumn("source")},
        )


def pick_pair(
    bench: Bench, answers: Answers, selection: Selection
) -> tuple[BenchNetwork, BenchNetwork] | None:
    """The TANet and its rival; None where there are no two networks."""
    networks = {n.name: n for n in bench.networks if n.id in answers.networks}
    own = next((n for n in networks.values() if n.id == selection.card.id), None)
    own = own or next((n for n in networks.values() if n.temporal == "tam"), None)
    rivals = {name: n for name, n in networks.items() if n is not own}
    if own is None or not rivals:
        return None
    begin = next((i for i, n in enumerate(rivals.values()) if n.temporal == "tsm"), 0)
    name = st.selectbox(
        f"{own.name} against", list(rivals), index=begin, key="rival", bind="query-params"
    )
    return own, rivals[name]


@st.cache_resource(show_spinner="Comparing the answers…", max_entries=2, hash_funcs=KEYS)
def agreement(answers: Answers, _bench: Bench) -> Panel:
    """The panel of who agrees with whom; the bench was measured on these answers."""
    from tam_viz.panels.bench import agreement as panels

    return panels.agreement(answers, _bench)


@st.cache_resource(show_spinner="Comparing the answers…", max_entries=32, hash_funcs=KEYS)
def gains(answers: Answers, _bench: Bench, pair: tuple[BenchNetwork, BenchNetwork]) -> Panel:
    """The panel of where the first gains and loses, class by class."""
    from tam_viz.panels.bench import agreement as panels

    return panels.gains(answers, _bench, *pair)


def clips(answers: Answers, pair: tuple[BenchNetwork, BenchNetwork]) -> Panel:
    """The panel of every test clip."""
    from tam_viz.panels.bench import agreement as panels

    return panels.clips(answers, *pair)


def choose(key: str) -> None:
    """Keeps the test clip that was clicked."""
    st.session_state[_CHOSEN] = clicked(key)


def show_clips(
    table: pd.DataFrame, pair: tuple[BenchNetwork, BenchNetwork], spec: InputSpec
) -> None:
    """The clip that was clicked, and those at both ends of the temporal gain, to be opened.

    Args:
        table: Every test clip, sorted by temporal gain.
        pair: The TANet and its rival.
        spec: How the clips are drawn.
    """
    chosen = st.session_state.get(_CHOSEN)
    if chosen is not None:
        st.markdown("**The clip that was clicked**")
        _show_clips(table.loc[[int(chosen)]], pair, spec, "clicked")
    name = pair[0].name
    ends = {f"{name} gains most": table.head(_ENDS), f"{name} loses most": table.tail(_ENDS)[::-1]}
    for column, (title, rows) in zip(st.columns(2), ends.items(), strict=True):
        with column:
            st.markdown(f"**{in_markdown(title)}**")
            _show_clips(rows, pair, spec, title)


def _show_clips(
    rows: pd.DataFrame, pair: tuple[BenchNetwork, BenchNetwork], spec: InputSpec, key: str
) -> None:
    """First, middle and last frame of each clip, what the two say, and what opens it."""
    for row in rows.reset_index().to_dict("records"):
        index = int(row["test clip"])
        source = DrawnClip(TEST_SEED, index)
        frames = cache.clip(source, spec, 0).frames
        with st.container(border=True):
            st.image(
                np.concatenate([frames[0], frames[len(frames) // 2], frames[-1]], axis=1),
                width=_STRIP_PX,
                alt=f"First, middle and last frame of {source.name}: {row['class']}",
            )
            st.caption(sentence("; ".join(_said(row, network.name) for network in pair) + "."))
            st.button(
                in_markdown(f"Open {source.name}: {row['class']}"),
                key=f"{key}-{index}",
                on_click=open_here,
                args=(index,),
                help="Opens this clip on every page and shows what each network predicts.",
            )


def _said(row: Mapping[Hashable, Any], name: str) -> str:
    odds = signed(row[f"log-odds {name}"], 1)
    return f"{name} predicts '{row[f'{name} predicts']}' (log-odds of the true class {odds})"


def open_here(index: int) -> None:
    """Chooses a clip of the test set and has this page show it; for a callback."""
    open_test_clip(index)
    st.session_state["scope"] = THIS
