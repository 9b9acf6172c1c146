"""A network of a scan: what it is given, and which label is which of its classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tam_viz.scan.classes import match
from tam_viz.scan.dataset import Dataset
from tam_viz.types import Card, InputSpec, Sampling, UserError

Protocol = Literal["single", "published"]


@dataclass(frozen=True)
class Network:
    """A network of a scan, under one protocol.

    Attributes:
        key: Its name in the scan: the id of the checkpoint, and the protocol where it is not that
            of a single view.
        id: Of the checkpoint.
        sha256: Of its weights.
        spec: What it is given.
        classes: Class names in the order of the logits.
        numbers: For each label of the dataset the number of its class; -1 where it has none.
        tam: Whether it has TAM blocks.
        traces: Whether V and Θ of every clip are kept.
        folder: Of the checkpoint, where its id does not lead to it; else empty.
        notice: What a person should know of how labels and classes were matched, or of its
            protocol; empty if nothing.
    """

    key: str
    id: str
    sha256: str
    spec: InputSpec
    classes: tuple[str, ...]
    numbers: dict[str, int]
    tam: bool
    traces: bool
    folder: str = ""
    notice: str = ""


def network_of(
    card: Card,
    dataset: Dataset,
    protocol: Protocol = "single",
    *,
    views: int | None = None,
    sampling: Sampling | None = None,
    traces: bool = False,
    given: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Network:
    """A network under a protocol, its classes matched with the labels of a dataset.

    Args:
        card: Of the network.
        dataset: The dataset.
        protocol: One view, or the views of its published test where it has one.
        views: Another number of positions in time.
        sampling: Another way of choosing frames.
        traces: Whether to keep V and Θ of every clip.
        given: For some labels the name of the class.
        folder: Of the checkpoint, where its id does not lead to it.

    Raises:
        UserError: `given` names what is not there, or the clips are drawn and have one view only.
    """
    spec = (card.published or card.input) if protocol == "published" else card.input
    named = "" if spec == card.input else f"@{protocol}"
    if sampling is not None and sampling != spec.sampling:
        spec, named = replace(spec, sampling=sampling), f"{named}@{sampling}"
    if views is not None and views != spec.views:
        spec, named = replace(spec, views=views), f"{named}@{views}-views"
    if dataset.root.drawn and (spec.all_views, spec.sampling) != (1, card.input.sampling):
        raise UserError(
            f"The clips of '{dataset.name}' are drawn for one view and have no other; write them "
            f"as files (`tam-viz clips --out FOLDER`) to compare protocols."
        )
    unpublished = (
        "It has no published test protocol, so it is given one view."
        if protocol == "published" and card.published is None and views is None
        else ""
    )
    matching = match(dataset, card.classes, given)
    numbers = dict(matching.numbers)
    tam = card.temporal.startswith("tam")
    return Network(
        key=card.id + named,
        id=card.id,
        sha256=card.sha256,
        spec=spec,
        classes=card.classes,
        numbers=numbers,
        tam=tam,
        traces=traces and tam,
        folder="" if folder is None else str(folder.absolute()),
        notice=" ".join(filter(None, [unpublished, matching.notice])),
    )
