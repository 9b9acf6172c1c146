"""The specimen with which a visit begins: the clip, block and channel that show TAM best."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from tam_viz.analysis.clip.specimen import read_specimen
from tam_viz.models.cards import find
from tam_viz.types import Card, Source, UserError


def first_shown(card: Card, clips: Mapping[str, Source]) -> dict[str, str | int]:
    """Values of the pickers; none where the network was not measured as it is.

    Args:
        card: Of the network that is selected first.
        clips: All that can be picked, by key.
    """
    try:
        specimen = read_specimen(find(card.id))
    except UserError as error:
        st.warning(str(error))
        return {}
    if specimen is None or specimen.sha256 != card.sha256 or specimen.clip not in clips:
        return {}
    if specimen.channel >= card.blocks.get(specimen.block, 0):
        return {}
    return {"clip": specimen.clip, "block": specimen.block, "channel": specimen.channel}
