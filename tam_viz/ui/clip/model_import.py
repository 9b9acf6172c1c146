"""Published weights by way of a page: fetched or uploaded, imported, audited, reported."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from tam_viz.models.cards import NEW, find
from tam_viz.models.published.fetch import fetch
from tam_viz.motionpairs.pool import cache_folder
from tam_viz.types import Card, Offer
from tam_viz.ui.state import cache
from tam_viz.ui.state.once import Once

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

Imported = tuple[Card, Sequence[str]]

ORDERS: dict[str, Literal["file", "sorted"]] = {
    "in the order of the file (mmaction2; Something-Something V2)": "file",
    "alphabetical (Something-Something V1 of the authors of TSM and TAM)": "sorted",
}
"""Orders of class names by what a page calls them."""

SHIFTS: dict[str, Literal["none", "residual", "block"] | None] = {
    "as the names of the weights indicate": None,
    "no shift (TSN)": "none",
    "before the first convolution of a block (TSM as published)": "residual",
    "before the whole block (--shift_place=block)": "block",
}
"""Places of TSM's shift by what a page calls them."""

PARTS = {
    "the only network; averaged (EMA) weights if both are there": "",
    "averaged (EMA) weights": "ema",
    "raw weights": "raw",
}
"""Networks of a file that holds several by what a page calls them."""

LIMIT_MB = 2000
"""Of an upload of weights: published files may hold the state of their optimizer too."""


@dataclass(frozen=True)
class Own:
    """A visitor's statements about their own weights.

    Attributes:
        file: The weights.
        name: Id of the checkpoint.
        labels: File of class names.
        order: One of `ORDERS`.
        frames: T, where the weights do not say it.
        shift: One of `SHIFTS`.
        part: One of `PARTS`, or the names that lead to the network.
    """

    file: UploadedFile
    name: str
    labels: UploadedFile | None
    order: str
    frames: int | None
    shift: str
    part: str

    @property
    def key(self) -> Hashable:
        """Tells this import from every other one."""
        files = [f and hashlib.sha256(f.getvalue()).hexdigest() for f in (self.file, self.labels)]
        return (str(root()), self.name, *files, self.order, self.frames, self.shift, self.part)


@st.cache_resource(show_spinner=False)
def works() -> Once[Imported]:
    """Imports of all visitors."""
    return Once()


def root() -> Path:
    """Where a page puts checkpoints: the first folder in `TAM_VIZ_CHECKPOINTS`, or ours."""
    named = [n for n in os.environ.get("TAM_VIZ_CHECKPOINTS", "").split(os.pathsep) if n]
    return Path(named[0]) if named else NEW


def fetched(offer: Offer, labels: UploadedFile | None) -> Imported:
    """Fetches published weights, with a bar, and imports them.

    Raises:
        UserError: See `fetch` and `import_weights`.
    """
    from tam_viz.experiments.import_options import from_catalogue
    from tam_viz.experiments.importing import import_weights

    path = None
    with st.empty():
        for state in fetch(offer.address, cache_folder() / "downloads", offer.sha256):
            share = state.done / state.total if state.total else 0.0
            st.progress(min(share, 1.0), f"{state.done / 1e6:.0f} MB")
            path = state.path or path
        st.write("")
    if path is None:
        raise TypeError(f"{offer.address} was fetched but cannot be found")
    with tempfile.TemporaryDirectory() as folder:
        options, origin = from_catalogue(offer, _kept(labels, Path(folder)))
        imported = import_weights(path, offer.id, root(), options, origin)
    path.unlink()
    return imported


def imported(own: Own) -> Imported:
    """Imports a file that a visitor uploaded.

    Raises:
        UserError: See `import_weights`.
    """
    from tam_viz.experiments.import_options import ImportOptions
    from tam_viz.experiments.importing import import_weights

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights"
        path.write_bytes(own.file.getvalue())
        options = ImportOptions(
            _kept(own.labels, Path(folder)),
            ORDERS[own.order],
            own.frames,
            shift=SHIFTS[own.shift],
            part=PARTS.get(own.part, own.part),
        )
        return import_weights(path, own.name, root(), options, called=own.file.name)


def audited(name: str) -> None:
    """Audits a network, with a bar, and keeps the result with its card.

    Raises:
        UserError: Clips cannot be read, or nothing can be written.
    """
    from tam_viz.experiments.studies.audit import audit_folder

    bar = st.empty()
    for step in audit_folder(cache.network(name), find(name)):
        text = f"Auditing {name}: pass {step.done} of {step.total}"
        bar.progress(step.done / step.total, text)
    bar.empty()


def _kept(labels: UploadedFile | None, folder: Path) -> Path | None:
    """An upload as a file whose name is ours."""
    if labels is None:
        return None
    path = folder / "labels"
    path.write_bytes(labels.getvalue())
    return path
