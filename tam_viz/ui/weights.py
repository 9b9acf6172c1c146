"""Published weights by way of a page: fetched or uploaded, imported, told."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from tam_viz.literal import sentence
from tam_viz.models.cards import OWN
from tam_viz.models.published.fetch import fetch
from tam_viz.motionpairs.pool import cache_folder
from tam_viz.types import Card, Offer
from tam_viz.ui import cache

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

Imported = tuple[Card, Sequence[str]]

ORDERS: dict[str, Literal["file", "sorted"]] = {
    "as the file has them (mmaction2; Something-Something V2)": "file",
    "by the alphabet (Something-Something V1 of the authors of TSM and TAM)": "sorted",
}
"""Orders of class names by what a page calls them."""

LIMIT_MB = 2000
"""Of an upload of weights: published files may hold the state of their optimizer too."""


def root() -> Path:
    """Where a page puts checkpoints: the first folder in `TAM_VIZ_CHECKPOINTS`, or our own."""
    named = [n for n in os.environ.get("TAM_VIZ_CHECKPOINTS", "").split(os.pathsep) if n]
    return Path(named[0]) if named else OWN


def fetched(offer: Offer, labels: UploadedFile | None) -> Imported:
    """Fetches published weights, with a bar, and imports them.

    Raises:
        UserError: See `fetch` and `import_weights`.
    """
    from tam_viz.experiments.importing import from_catalogue, import_weights

    path = None
    with st.empty():
        for state in fetch(offer.address, cache_folder() / "downloads", offer.sha256):
            share = state.done / state.total if state.total else 0.0
            st.progress(min(share, 1.0), f"{state.done / 1e6:.0f} MB")
            path = state.path or path
        st.write("")
    if path is None:
        raise TypeError(f"{offer.address} was fetched and is nowhere")
    with tempfile.TemporaryDirectory() as folder:
        wishes, origin = from_catalogue(offer, _kept(labels, Path(folder)))
        made = import_weights(path, offer.id, root(), wishes, origin)
    path.unlink()
    return made


def imported(
    file: UploadedFile, name: str, labels: UploadedFile | None, order: str, frames: int | None
) -> Imported:
    """Imports a file that a visitor uploaded.

    Args:
        file: The weights.
        name: Id of the checkpoint.
        labels: File of class names.
        order: One of `ORDERS`.
        frames: T, where the weights do not say it.

    Raises:
        UserError: See `import_weights`.
    """
    from tam_viz.experiments.importing import Wishes, import_weights

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights"
        path.write_bytes(file.getvalue())
        wishes = Wishes(_kept(labels, Path(folder)), ORDERS[order], frames)
        return import_weights(path, name, root(), wishes)


def told(made: Imported) -> None:
    """Says what was made, and lets every page see it."""
    card, notices = made
    cache.cards.clear()
    st.success(
        sentence(f"{card.id} is here: choose it in the sidebar or on the page Watch a clip.")
    )
    for notice in notices:
        st.info(sentence(notice))


def _kept(labels: UploadedFile | None, folder: Path) -> Path | None:
    """An upload as a file whose name is ours."""
    if labels is None:
        return None
    path = folder / "labels"
    path.write_bytes(labels.getvalue())
    return path
