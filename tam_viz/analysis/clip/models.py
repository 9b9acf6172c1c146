"""Checkpoints and published weights as tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tam_viz.types import Card, Offer


def card_table(cards: Sequence[Card], data: Sequence[str], order: Sequence[str]) -> pd.DataFrame:
    """A row for each network that is here.

    Args:
        cards: The networks.
        data: What each of them was trained on.
        order: Whether each of them sees the order of frames.
    """
    top1 = [card.metric("top1") or card.metric("published_top1") for card in cards]
    rows = [
        {
            "id": card.id,
            "module": card.temporal,
            "trained on": trained,
            "frames": card.input.frames,
            "side (px)": card.input.size,
            "classes": len(card.classes),
            "top-1 (%)": None if share is None else round(100 * share, 1),
            "measured by": _measured_by(card),
            "order of frames": seen,
            "licence": card.licence,
            "origin": card.origin,
        }
        for card, share, trained, seen in zip(cards, top1, data, order, strict=True)
    ]
    return pd.DataFrame(rows)


def _measured_by(card: Card) -> str:
    if card.metric("top1") is not None:
        return "tam_viz"
    return "nobody" if card.metric("published_top1") is None else "its publisher"


def offer_table(offers: Sequence[Offer]) -> pd.DataFrame:
    """A row for published weights, as stated by their publishers."""
    rows = [
        {
            "id": offer.id,
            "network": offer.network,
            "frames": offer.frames,
            "top-1 (%)": offer.top1,
            "top-5 (%)": offer.top5,
            "protocol": offer.protocol,
            "GFLOPs": offer.gflops,
            "of": offer.gflops_of,
            "parameters (millions)": offer.parameters_m,
            "publisher": offer.publisher,
            "licence": offer.licence,
        }
        for offer in offers
    ]
    return pd.DataFrame(rows)


def describe_offer(offer: Offer) -> str:
    """A sentence on an offer, and on how to get it."""
    sentence = (
        f"**{offer.id}**: {offer.network} of the {offer.publisher}, {offer.frames} frames, top-1 "
        f"{offer.top1:.1f}% on {offer.data} ({offer.protocol}), {offer.licence}."
    ).replace("of the mmaction2", "of mmaction2")
    if offer.note:
        sentence += f" Note: {offer.note}."
    if not offer.address:
        sentence += (
            f" Only a browser can fetch it: get `{offer.file}` from [its page]({offer.page}) and "
            f"give it below, or run `tam-viz import FILE --name {offer.id}`."
        )
    elif not offer.sha256:
        sentence += " No hash of the file was published; only its own checksums are checked."
    return sentence
