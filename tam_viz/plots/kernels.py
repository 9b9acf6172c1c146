"""Adaptive kernels: Θ by channel, on the simplex, by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int
from plotly.subplots import make_subplots

from tam_viz.plots import theme

Shares = Float[np.ndarray, "_ 3"]
_TAPS = ("past", "present", "future")


def kernel_maps(
    trained: Float[np.ndarray, "c k"],
    untrained: Float[np.ndarray, "c k"],
    order: Int[np.ndarray, " c"],
) -> go.Figure:
    """Θ of one block above that of an untrained one, taps down, channels across; in (0, 1).

    Args:
        trained: Rows sum to 1.
        untrained: The same of the untrained block, drawn in the same order.
        order: Channels from left to right.
    """
    taps = trained.shape[1]
    figure = make_subplots(
        rows=2, cols=1, row_titles=["this network", "untrained"], vertical_spacing=0.08
    )
    for row, values in ((1, trained), (2, untrained)):
        figure.add_heatmap(
            z=values[order].T,
            x=list(range(len(order))),
            y=[_tap(k - taps // 2) for k in range(taps)],
            customdata=np.broadcast_to(order, values.T.shape),
            zmin=0,
            zmax=1,
            colorscale=theme.KERNEL,
            showscale=row == 1,
            colorbar={"title": "weight Θ", "title_side": "right", "thickness": 12, "x": 1.04},
            hovertemplate="channel %{customdata}<br>%{y}: %{z:.3f}<extra></extra>",
            row=row,
            col=1,
        )
    figure.update_xaxes(fixedrange=True, showticklabels=False)
    figure.update_xaxes(
        title=f"{len(order)} channels, from the past (left) to the future", row=2, col=1
    )
    figure.update_yaxes(autorange="reversed", fixedrange=True, showgrid=False)
    return theme.finish(figure, 380)


def _tap(shift: int) -> str:
    if shift == 0:
        return "present t"
    return f"past t−{-shift}" if shift < 0 else f"future t+{shift}"


def simplex(
    blocks: Mapping[str, Shares],
    untrained: Shares,
    landmarks: Mapping[str, tuple[float, float, float]],
    colours: Sequence[str],
) -> go.Figure:
    """Every channel's kernel as a dot between past, present and future.

    Args:
        blocks: Shares of past, present and future by block; rows sum to 1.
        untrained: The same of the untrained blocks, drawn in grey below.
        landmarks: Kernels of the rivals.
        colours: One for each block.
    """
    figure = go.Figure()
    _dots(figure, "untrained", untrained, theme.UNTRAINED, size=4)
    for (name, values), colour in zip(blocks.items(), colours, strict=True):
        _dots(figure, name, values, colour, size=6)
    past, present, future = zip(*landmarks.values(), strict=True)
    figure.add_scatterternary(
        a=present,
        b=past,
        c=future,
        mode="markers",
        text=list(landmarks),
        marker={"symbol": "diamond-open", "size": 13, "color": theme.FUTURE, "line_width": 2},
        cliponaxis=False,
        name="fixed kernels",
        hovertemplate="%{text}<extra></extra>",
    )
    corner = {"ticks": "", "showticklabels": False, "min": 0, "showgrid": True}
    figure.update_ternaries(
        sum=1,
        aaxis={**corner, "title": f"<b style='color:{theme.PRESENT}'>present</b> (TSN)"},
        baxis={**corner, "title": f"<b style='color:{theme.PAST}'>past</b><br>TSM, one eighth"},
        caxis={**corner, "title": f"<b style='color:{theme.FUTURE}'>future</b><br>TSM, one eighth"},
        bgcolor="rgba(0,0,0,0)",
    )
    theme.finish(figure, 560, legend=True)
    figure.update_layout(
        margin={"l": 90, "r": 90, "t": 60, "b": 70},
        legend={"orientation": "v", "x": 0.02, "y": 1, "yanchor": "top"},
    )
    return figure


def _dots(figure: go.Figure, name: str, values: Shares, colour: str, size: int) -> None:
    figure.add_scatterternary(
        a=values[:, 1],
        b=values[:, 0],
        c=values[:, 2],
        mode="markers",
        name=name,
        marker={"size": size, "color": colour, "line": {"width": 0.5, "color": theme.QUIET}},
        customdata=np.arange(len(values)),
        hovertemplate=(
            f"{name}, channel %{{customdata}}<br>past %{{b:.2f}}, present %{{a:.2f}}, "
            "future %{c:.2f}<extra></extra>"
        ),
    )


def leans(
    names: Sequence[str],
    forwards: Sequence[Float[np.ndarray, _]],
    backwards: Sequence[Float[np.ndarray, _]],
    untrained: Sequence[Float[np.ndarray, _]],
) -> go.Figure:
    """Future − past of every channel by block, in [-1, 1]: clip, clip backwards, untrained."""
    figure = go.Figure()
    for label, rows, colour in (
        ("untrained", untrained, theme.UNTRAINED),
        ("the clip", forwards, theme.FUTURE),
        ("the clip backwards", backwards, theme.SECOND),
    ):
        figure.add_box(
            x=[name for name, row in zip(names, rows, strict=True) for _ in row],
            y=np.concatenate(list(rows)),
            name=label,
            boxpoints="all",
            jitter=0.6,
            pointpos=0,
            marker={"size": 3, "color": colour, "opacity": 0.6},
            line={"color": colour, "width": 1.5},
            fillcolor="rgba(0,0,0,0)",
            hovertemplate="%{x}: %{y:+.2f}<extra></extra>",
        )
    figure.add_hline(y=0, line={"width": 1, "color": theme.QUIET})
    figure.update_yaxes(range=[-1.05, 1.05], title="future − past", fixedrange=True)
    figure.update_xaxes(title="block, in forward order", fixedrange=True)
    figure.update_layout(boxmode="group", boxgap=0.15)
    return theme.finish(figure, 420, legend=True)


def tap_boxes(blocks: Mapping[str, Shares], untrained: Mapping[str, Shares]) -> go.Figure:
    """Distribution over channels of each tap by block, untrained in grey; in (0, 1)."""
    figure = make_subplots(
        rows=3, cols=1, shared_xaxes=True, row_titles=_TAPS, vertical_spacing=0.04
    )
    for row, tap in enumerate(_TAPS):
        for label, source, colour in (
            ("untrained", untrained, theme.UNTRAINED),
            (tap, blocks, theme.TIME_DIRECTION[tap]),
        ):
            figure.add_box(
                x=[name for name, values in source.items() for _ in values],
                y=np.concatenate([values[:, row] for values in source.values()]),
                name=label,
                offsetgroup="untrained" if source is untrained else "trained",
                marker={"color": colour, "size": 3},
                line={"width": 1.5},
                hovertemplate="%{x}: %{y:.2f}<extra></extra>",
                showlegend=row == 0 or label != "untrained",
                row=row + 1,
                col=1,
            )
    figure.add_hline(y=1 / 3, line={"width": 1, "color": theme.QUIET, "dash": "dot"})
    figure.update_yaxes(range=[0, 1], title="Θ", fixedrange=True)
    figure.update_xaxes(fixedrange=True)
    figure.update_xaxes(title="block, in forward order", row=3, col=1)
    figure.update_layout(boxmode="group", boxgap=0.25)
    return theme.finish(figure, 600, legend=True)
