"""An opened finding: what it says, what was looked at, and whether the same numbers come out."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from tam_viz.findings.evidence import Evidence
from tam_viz.findings.finding import Finding, describe
from tam_viz.findings.verify import describe as describe_checked
from tam_viz.findings.verify import missing, verify
from tam_viz.findings.verify import table as checked_table
from tam_viz.findings.verify_evidence import (
    describe_evidence,
    evidence_table,
    verify_evidence,
)
from tam_viz.literal import in_markdown, sentence
from tam_viz.panels.clip.attribution import stored
from tam_viz.panels.edits.redrawn import About, redrawn
from tam_viz.plots.shared.dark import on_dark
from tam_viz.types import Card
from tam_viz.ui.state import cache
from tam_viz.ui.state.opened_findings import card_of, select
from tam_viz.ui.state.restore import left_out
from tam_viz.ui.tam.other_checkpoint import deeper


def show_opened(digest: str, finding: Finding) -> None:
    """The content of an opened finding, and whether its numbers can be reproduced here."""
    cards = cache.cards()[0] | deeper()
    absent = tuple(missing(network, cards) for network in finding.networks)
    with st.container(border=True):
        st.markdown(sentence(describe(finding)))
        left = left_out(finding, card_of(finding))
        for note in (*finding.notes, *filter(None, absent), *left):
            st.caption(sentence(note))
        if finding.note:
            st.caption("Note")
            st.text(finding.note)
        st.button("Restore this view", key=f"select-{digest}", on_click=select, args=(digest,))
        checked = cache.with_bar(
            ("checked", digest, absent),
            lambda: verify(finding, cards, cache.network),
            "Recomputing its runs",
        )
        st.markdown(f"**{sentence(describe_checked(checked))}**")
        _show_table(checked_table(checked))
        _show_evidence(digest, finding, cards, absent)
        st.caption(sentence(f"SHA-256 of the file: {digest}. Made with {_versions(finding)}."))


def _show_evidence(
    digest: str, finding: Finding, cards: Mapping[str, Card], absent: tuple[str, ...]
) -> None:
    """Further evidence, and whether its maps can be reproduced here."""
    for number, item in enumerate(finding.evidence):
        with st.expander(
            in_markdown(f"{item.page}: {item.title}"), key=f"evidence-{digest}-{number}"
        ):
            st.caption(sentence(item.see))
            for part, figure in enumerate(_pictures(finding, item)):
                st.plotly_chart(
                    on_dark(figure) if st.context.theme.type == "dark" else figure,
                    key=f"evidence-{digest}-{number}-{part}",
                    config={"displayModeBar": False},
                    alt=f"{item.title}. {item.says}",
                )
            st.markdown(sentence(item.says))
            st.dataframe(item.table, hide_index=True)
    if any(item.maps or item.losses for item in finding.evidence):
        again = cache.with_bar(
            ("checked evidence", digest, absent),
            lambda: verify_evidence(finding, cards, cache.network),
            "Recomputing its maps and losses",
        )
        st.markdown(f"**{sentence(describe_evidence(again))}**")
        _show_table(evidence_table(again))


def _pictures(finding: Finding, item: Evidence) -> list[go.Figure]:
    """The maps of a picture that was looked at, or the picture drawn again from its numbers."""
    given = {lost.checkpoint_id: finding.clip(lost.clip_id) for lost in item.losses}
    networks = finding.networks
    about = About(
        item.classes,
        finding.of("first")[0].clip,
        given,
        {network.id: network.temporal for network in networks},
        len(networks[0].classes),
    )
    again = redrawn(item.kind, item.table, about)
    maps = [stored(attribution, finding.clip(attribution.clip_id)) for attribution in item.maps]
    return maps if again is None else [again, *maps]


def _show_table(rows: pd.DataFrame) -> None:
    """A table whose words wrap, so that all of its columns are seen on a laptop."""
    shown = rows.map(lambda value: f"{value:.2g}" if isinstance(value, float) else value)
    st.table(shown.replace("nan", "–").set_index("network"))


def _versions(finding: Finding) -> str:
    return ", ".join(f"{name} {version}" for name, version in finding.versions.items())
