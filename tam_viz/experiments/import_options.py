"""Options of an import, given by a person or by the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tam_viz.models.published import nets
from tam_viz.models.published.labels import Order
from tam_viz.types import Metric, Offer, Sampling


@dataclass(frozen=True)
class ImportOptions:
    """What a person must say of a file because the file does not.

    Attributes:
        labels: File of class names.
        order: How the names in it are numbered.
        frames: T, for networks whose weights do not say it.
        form: Of non-local attention.
        sampling: How frames are chosen; by default dense for a TANet of Kinetics-400 and at
            an interval for 3D networks, as they were published, and uniform for all others.
        data: What it was trained on, as in the catalogue; networks of Something-Something V1 and
            V2 were tested in different ways.
        shift: Where TSM's shift stands, which weights under plain names do not say.
        part: Which network of a file that holds several; see `choose.recognise`.
    """

    labels: Path | None = None
    order: Order = "file"
    frames: int | None = None
    form: nets.Form | None = None
    sampling: Sampling | None = None
    data: str = ""
    shift: nets.Shift | None = None
    part: str = ""


@dataclass(frozen=True)
class Origin:
    """The origin of a file that is in the catalogue.

    Attributes:
        publisher: Whose weights they are.
        licence: Of the weights.
        metrics: What their publisher states, with the protocol.
    """

    publisher: str
    licence: str
    metrics: tuple[Metric, ...]


def from_catalogue(offer: Offer, labels: Path | None = None) -> tuple[ImportOptions, Origin]:
    """The options and the origin of published weights in the catalogue."""
    order: Order = "sorted" if labels is not None and offer.labels == "sorted" else "file"
    form = nets.Form[offer.attention.replace("-", "_").upper()] if offer.attention else None
    stated = [("published_top1", offer.top1), ("published_top5", offer.top5)]
    protocol = f"{offer.data}, as stated by {offer.publisher}: {offer.protocol}"
    return ImportOptions(labels, order, offer.frames, form, offer.sampling, offer.data), Origin(
        offer.publisher,
        offer.licence,
        tuple(Metric(n, round(v / 100, 4), protocol) for n, v in stated if v is not None),
    )
