"""Another checkpoint of the architecture that is shown, to compare with it."""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.clip.checkpoints import same_architecture
from tam_viz.analysis.tam.two_checkpoints import TwoCheckpoints
from tam_viz.literal import in_markdown
from tam_viz.models import cards
from tam_viz.types import Card, Clip
from tam_viz.ui.state import cache
from tam_viz.ui.state.choices import pick
from tam_viz.ui.state.selection import Selection

_NONE = "none"


def pick_checkpoint(selection: Selection) -> Card | None:
    """Another checkpoint of the same architecture, of any seed; None for none."""
    own = selection.card
    fitting = {card.id: card for card in selection.cards if _fits(own, card)}
    fitting |= {name: card for name, card in deeper().items() if _fits(own, card)}
    if not fitting:
        return None
    options = {_NONE: _NONE, **{name: name for name in fitting}}
    chosen = pick(
        st.selectbox,
        "Compare with checkpoint",
        options,
        "checkpoint",
        help=f"Networks with the architecture and classes of {in_markdown(own.id)}, such as other "
        "seeds or other training data. Both are given the same clip.",
    )
    return fitting.get(chosen)


def _fits(own: Card, card: Card) -> bool:
    return card.id != own.id and same_architecture(own, card) and _given(own) == _given(card)


def _given(card: Card) -> tuple[int, int]:
    """The properties that a prepared clip must have for a network."""
    return card.input.frames, card.input.size


@st.cache_data(show_spinner=False, ttl=10)
def deeper() -> dict[str, Card]:
    """The cards of other seeds and variants, which no list of networks has, by id."""
    return cards.read_deeper()


def both_checkpoints(selection: Selection, card: Card, clip: Clip) -> TwoCheckpoints:
    """Both checkpoints on the clip.

    Raises:
        UserError: A network cannot be run.
    """
    own = selection.card
    return TwoCheckpoints(
        (own.id, card.id), (cache.trace(own.id, clip), cache.trace(card.id, clip))
    )
