"""The pictures of Intervene and Attribution that a visitor looked at, for a finding to hold."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from tam_viz.findings.evidence import Evidence, flat
from tam_viz.panels.panel import Panel
from tam_viz.types import Attribution, Deletion

_LOOKED, _PAGE, _MOST = "looked at", "page", 24
_CLIP = ("clip", "model", "protocol", "view")
_DEPENDS: Mapping[str, tuple[str, ...]] = {
    "Intervene": (*_CLIP, "second"),
    "Attribution on frames": _CLIP,
}
"""The pages that show evidence, and what of the shared selection it is about."""
_PART_OF_A_CHANGE = ("answers", "downstream", "channel-edited")
"""Pictures that go into a finding with the change that they show."""


@dataclass(frozen=True, eq=False)
class ViewedPicture:
    """A picture that was looked at.

    Attributes:
        panel: The picture.
        page: Title of the page that showed it.
        about: The part of the shared selection that it is about.
        maps: The attributions drawn in it.
        losses: What taking frames out did.
    """

    panel: Panel
    page: str
    about: tuple[object, ...]
    maps: tuple[Attribution, ...] = ()
    losses: tuple[Deletion, ...] = ()

    def kept(self) -> Evidence:
        """Its part of a finding."""
        panel = self.panel
        read = f"{panel.see}\n\n{panel.how}".strip()
        words = (self.page, panel.title, read, panel.says)
        table = flat(panel.table)
        return Evidence(*words, table, self.maps, self.losses, panel.kind, panel.classes)


def remember(key: str, panel: Panel) -> None:
    """Remembers a picture that is shown, if it is evidence."""
    page = str(st.session_state.get(_PAGE, ""))
    if page not in _DEPENDS or key in _PART_OF_A_CHANGE:
        return
    kept = _kept()
    kept[f"{page}: {key}"] = ViewedPicture(panel, page, _about(page))
    kept.move_to_end(f"{page}: {key}")
    while len(kept) > _MOST:
        kept.popitem(last=False)


def attach(key: str, maps: Sequence[Attribution] = (), losses: Sequence[Deletion] = ()) -> None:
    """Remembers the maps and losses of a picture that was shown just now."""
    name = f"{st.session_state.get(_PAGE, '')}: {key}"
    kept = _kept()
    if name in kept:
        kept[name] = dataclasses.replace(kept[name], maps=tuple(maps), losses=tuple(losses))


def forget(prefix: str) -> None:
    """Forgets the pictures of this page whose keys begin so; they are about to be drawn anew."""
    kept = _kept()
    for name in [n for n in kept if n.startswith(f"{st.session_state.get(_PAGE, '')}: {prefix}")]:
        del kept[name]


def here() -> dict[str, ViewedPicture]:
    """The pictures of the present selection that were looked at, by name."""
    return {
        name: picture for name, picture in _kept().items() if picture.about == _about(picture.page)
    }


def _about(page: str) -> tuple[object, ...]:
    chosen = st.session_state.get("kept selection", {}) | {
        name: st.session_state[name] for name in _DEPENDS[page] if name in st.session_state
    }
    return tuple(chosen.get(name) for name in _DEPENDS[page])


def _kept() -> OrderedDict[str, ViewedPicture]:
    kept: OrderedDict[str, ViewedPicture] = st.session_state.setdefault(_LOOKED, OrderedDict())
    return kept
