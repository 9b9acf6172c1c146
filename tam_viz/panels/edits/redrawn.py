"""Pictures of a finding, drawn again from the tables that it holds.

The tables come from strangers: what does not fit the picture is not drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from tam_viz.analysis.edits.edits import RESCALES
from tam_viz.analysis.edits.swaps import SWAPPED
from tam_viz.analysis.edits.sweep import AS_IT_IS, NO_EDIT, NOISE, PREDICTED, scale_end
from tam_viz.analysis.tam.importance import inside_event
from tam_viz.panels.edits.sweep import axis_end, end_of
from tam_viz.plots.clip.attribution import FrameRow, frame_bars
from tam_viz.plots.edits import clip_timing as timing_plots
from tam_viz.plots.edits import swaps as swap_plots
from tam_viz.plots.edits import sweep as plots
from tam_viz.plots.shared import theme
from tam_viz.types import OPERATIONS, Clip
from tam_viz.video.tempo import TEMPI, retimed

_ALL = "all blocks"


@dataclass(frozen=True, eq=False)
class About:
    """The subject of a picture, beside its table.

    Attributes:
        classes: The class that it speaks of and, if there is one, the class against it.
        clip: The clip of the finding.
        given: What each network was given where frames were taken out, by its id.
        temporals: The temporal module of each network.
        known: How many classes the networks know.
    """

    classes: Sequence[str]
    clip: Clip
    given: Mapping[str, Clip]
    temporals: Mapping[str, str]
    known: int

    @property
    def measure(self) -> str:
        """Which kind of number the score is."""
        return "log-ratio" if len(self.classes) > 1 else "log-odds"

    def colour(self, network: str) -> str:
        """Of a network, edited or not; grey for one that the finding does not hold."""
        if network.endswith(", edited"):
            return theme.EDITED
        temporal = self.temporals.get(network)
        return theme.QUIET if temporal is None else theme.model_colour(temporal)


class _UnfitError(Exception):
    """A table that does not fit the picture."""


def redrawn(kind: str, table: pd.DataFrame, about: About) -> go.Figure | None:
    """The picture of a table; None for another kind, or where the table does not fit it."""
    draw = _KINDS.get(kind)
    if draw is None or not about.classes or table.empty:
        return None
    try:
        return draw(table, about)
    except _UnfitError:
        return None


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    if name not in table:
        raise _UnfitError(name)
    values = pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64)
    if not np.isfinite(values).all():
        raise _UnfitError(name)
    return values


def _texts(table: pd.DataFrame, name: str) -> list[str]:
    if name not in table or not table[name].map(lambda value: isinstance(value, str)).all():
        raise _UnfitError(name)
    return table[name].tolist()


def _sweep(table: pd.DataFrame, about: About) -> go.Figure:
    rows = _texts(table, "block")
    names = list(map(str, table.columns))
    edits = [name for name in names if f"{name}{PREDICTED}" in names and name != NO_EDIT]
    if not edits:
        raise _UnfitError("edits")
    change = np.stack([_numbers(table, name) for name in edits], axis=1)
    answers = list(zip(*(_texts(table, f"{name}{PREDICTED}") for name in edits), strict=True))
    before, noise = _texts(table, f"{NO_EDIT}{PREDICTED}"), _numbers(table, NOISE)
    turned = np.array(
        [[answer != was for answer in row] for row, was in zip(answers, before, strict=True)]
    )
    rescales = {OPERATIONS["importance"][op] for _, op in RESCALES}
    unfair = rescales | set(OPERATIONS["input"].values())
    single = np.array([row != _ALL for row in rows])
    fair = np.array([name not in unfair for name in edits])
    return plots.block_by_edit(
        rows,
        [f"{name} (rescales)" if name in rescales else name for name in edits],
        change,
        noise,
        turned,
        answers,
        scale_end(change[np.ix_(single, fair)], noise),
        about.measure,
    )


def _swaps(table: pd.DataFrame, about: About) -> go.Figure:
    levels = [float(_numbers(table, f"{clip}, {AS_IT_IS}")[0]) for clip in _TWO]
    ways = [
        swap_plots.Direction(
            title,
            own,
            other,
            {what: _numbers(table, f"{clip}, {what} of this block") for what in SWAPPED},
            {what: _numbers(table, f"{clip}, {what} up to this block") for what in SWAPPED},
        )
        for (clip, title), own, other in zip(_TWO.items(), levels, levels[::-1], strict=True)
    ]
    first, *rest = about.classes
    below = rest[0] if rest else "all other classes"
    return swap_plots.swaps(
        _texts(table, "block"), ways, (first, below), end_of(ways), about.measure
    )


_TWO = {
    "first clip": "first clip, given the second's",
    "second clip": "second clip, given the first's",
}


def _tempi(table: pd.DataFrame, about: About) -> go.Figure:
    networks = list(dict.fromkeys(_texts(table, "network")))
    parts = [table[table["network"] == name] for name in networks]
    rows = _texts(parts[0], "the clip")
    if len(rows) != 1 + len(TEMPI) or any(_texts(part, "the clip") != rows for part in parts):
        raise _UnfitError("the clip")
    scores = [
        name for name in map(str, table.columns) if name.startswith(("log-odds of", "log-ratio"))
    ]
    if len(scores) != len(about.classes):
        raise _UnfitError("scores")
    series = [
        timing_plots.Series(
            name,
            about.colour(name),
            [_numbers(part, score) for score in scores],
            _texts(part, "says"),
        )
        for name, part in zip(networks, parts, strict=True)
    ]
    chances = (-float(np.log(max(2, about.known) - 1)), 0.0)
    first, *rest = about.classes
    titles = [f"log-odds of '{first}'", *(f"log-ratio '{first}' : '{rival}'" for rival in rest)]
    axes = [
        timing_plots.Axis(title, axis_end([network.columns[i] for network in series]), chances[i])
        for i, title in enumerate(titles)
    ]
    return timing_plots.tempi(rows, _strips(about.clip, rows), series, axes)


def _strips(clip: Clip, rows: Sequence[str]) -> list[np.ndarray]:
    """The frames of each way to play a clip; the frozen frame stands in the name of its row."""
    named = next((match for row in rows if (match := re.match(r"frame (\d{1,4}), ", row))), None)
    frame = min(len(clip.frames), max(1, int(named[1]))) - 1 if named else len(clip.frames) // 2
    return [clip.frames, *(retimed(clip, name, frame).frames for name in TEMPI)]


def _deletion(table: pd.DataFrame, about: About) -> go.Figure:
    sums = next((str(name) for name in table if str(name).startswith("sum of ")), "")
    lost = "lost by the untrained"
    rows = []
    for name in dict.fromkeys(_texts(table, "network")):
        part, clip = table[table["network"] == name], about.given.get(name)
        if clip is None or len(part) != len(clip.frames):
            raise _UnfitError(name)
        target, rival = (_texts(part, column)[0] for column in ("class", "against"))
        against = f" against '{rival}'" if len(about.classes) > 1 else ""
        row = FrameRow(
            name=f"{name} · '{target}'{against}",
            colour=about.colour(name),
            clip=clip,
            inside=inside_event(clip),
            drops=_numbers(part, "lost without it"),
            sums=_numbers(part, sums),
            untrained=_numbers(part, lost) if lost in part else None,
        )
        rows.append(row)
    return frame_bars(rows, sums.removeprefix("sum of "), -1, about.measure)


_KINDS: Mapping[str, Callable[[pd.DataFrame, About], go.Figure]] = {
    "sweep": _sweep,
    "swaps": _swaps,
    "tempi": _tempi,
    "deletion": _deletion,
}
