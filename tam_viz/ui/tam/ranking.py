"""Which channels to look at: ranked by what they do, picked from a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from jaxtyping import Float

from tam_viz.analysis.tam import ranking
from tam_viz.analysis.tam.importance import varies
from tam_viz.analysis.tam.kernels import TAPS
from tam_viz.literal import in_markdown
from tam_viz.types import BlockTrace, Clip, Step, Steps, TAMTrace
from tam_viz.ui.state import cache
from tam_viz.ui.state.choices import pick
from tam_viz.ui.state.selection import Selection
from tam_viz.video.tempo import middle

_LISTED = 20
_CALLED = {
    "variation": "V against the frozen clip",
    "v_second": "V against the second clip",
    "theta_second": "Θ against the second clip",
    "adaptivity": "adaptivity of Θ",
    "effect": "effect on the prediction",
}
"""Rankings of channels: keys and labels."""

Scores = Float[np.ndarray, " c"]


@dataclass(frozen=True, eq=False)
class Ranking:
    """The channels of the chosen block, ranked.

    Attributes:
        name: What they are ranked by.
        scores: A number for each channel; the largest comes first.
    """

    name: str
    scores: Scores

    @property
    def order(self) -> list[int]:
        """All channels, the first one first."""
        return ranking.order(self.scores)

    def shown(self, channel: int, most: int) -> list[int] | None:
        """The first `most` channels, the chosen one among them; None if there are not more."""
        return None if len(self.scores) <= most else ranking.top(self.scores, most, channel)


def pick_ranking(selection: Selection, clip: Clip, second: Clip | None) -> Ranking:
    """Asks what to rank the channels of the chosen block by, and ranks them.

    Raises:
        UserError: The network cannot be run.
    """
    ways = _ways(selection, clip, second)
    way = pick(
        st.selectbox,
        "Rank channels by",
        {way: _CALLED[way] for way in ways},
        "rank",
        help="The maps and the list show the top of the ranking. **V against the "
        "frozen clip**: how far V moves from its values for the clip frozen at its middle frame. "
        "**Against the second clip**: how far V, or the weight of Θ, moves from one clip to the "
        "other. **Adaptivity "
        f"of Θ**: how far Θ moves from its mean over {in_markdown(selection.basis.says)}. "
        "**Effect on the prediction**: by how much the log-odds of the predicted class would "
        "change, up or down, without the channel, estimated by gradient × activation.",
    )
    return Ranking(_CALLED[way], ways[way]())


def _ways(
    selection: Selection, clip: Clip, second: Clip | None
) -> Mapping[str, Callable[[], Scores]]:
    name, block = selection.card.id, selection.block
    here = cache.trace(name, clip)[block]
    ways: dict[str, Callable[[], Scores]] = {
        "variation": lambda: varies(here.importance, _still(name, clip)[block].importance)
    }
    if second is not None:
        second_trace = partial(cache.trace, name, second)
        ways["v_second"] = lambda: ranking.importance_apart(here, second_trace()[block])
        ways["theta_second"] = lambda: ranking.kernel_apart(here, second_trace()[block])
    ways["adaptivity"] = lambda: ranking.adaptivity(
        [trace[block].kernel for trace in cache.clip_traces(name, selection.basis).traces]
    )
    ways["effect"] = lambda: np.abs(_effects(selection, clip)[block])
    return ways


def _effects(selection: Selection, clip: Clip) -> dict[str, np.ndarray]:
    """The effect of each channel on the prediction, by block."""
    name = selection.card.id
    label = cache.run(name, clip).prediction.top(1)[0][0]

    def steps() -> Steps[dict[str, np.ndarray]]:
        from tam_viz.capture.channels import channel_effects

        yield Step(0, 1)
        yield Step(1, 1, channel_effects(cache.network(name), clip, label))

    return cache.with_bar(("channel effects", name, clip.id), steps, "Gradients of the prediction")


def _still(name: str, clip: Clip) -> TAMTrace:
    return cache.frozen_trace(name, clip, middle(len(clip.frames)))


def show_list(block: BlockTrace, ranked: Ranking, channel: int) -> None:
    """The first channels of a ranking with their numbers; a click on a row chooses its channel."""
    table = ranking.ranking_table(block, ranked.scores, ranked.name, _LISTED, channel)
    table.insert(0, "", ["▶" if number == channel else "" for number in table["channel"]])
    two = st.column_config.NumberColumn(format="%.2f")
    st.markdown(f"**Channels of {block.name}, by {ranked.name}**")
    st.dataframe(
        table,
        hide_index=True,
        height=215,
        column_config={
            ranked.name: st.column_config.NumberColumn(format="%.3f"),
            **dict.fromkeys(TAPS, two),
        },
        on_select=partial(_take, tuple(table["channel"])),
        selection_mode="single-cell",
        key="ranked",
    )
    st.caption(
        f"The first {len(table)} of {len(ranked.scores)}. Click a row to choose the channel, a "
        "heading to sort; any other number can be typed in the sidebar."
    )


def _take(channels: Sequence[int]) -> None:
    """Takes the channel whose row was clicked."""
    cells = st.session_state["ranked"]["selection"]["cells"]
    if cells:
        st.session_state["channel"] = int(channels[cells[0][0]])
