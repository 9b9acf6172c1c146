"""The frames that a network sees, on the video's time axis."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8
from PIL import Image

from tam_viz.plots.shared import theme
from tam_viz.types import Clip

_THUMBNAIL_PX, _STRIP_PX = 128, 64
_LOSSLESS_PX = 64
"""Three rows of eight larger ones take a megabyte."""


def data_uri(frame: UInt8[np.ndarray, "h w 3"]) -> str:
    """A frame as a picture inside the figure: lossless when small, else a JPEG of 128 pixels."""
    image, buffer = Image.fromarray(frame), io.BytesIO()
    if image.width <= _LOSSLESS_PX:
        image.save(buffer, "PNG")
        kind = "png"
    else:
        image.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX))
        image.save(buffer, "JPEG", quality=85)
        kind = "jpeg"
    return _uri(kind, buffer.getvalue())


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def strip_image(clip: Clip) -> dict[str, Any]:
    """All frames side by side as one layout image, its left end at `x` and its middle at `y`.

    However wide and low the image is drawn, each frame keeps its shape in the middle of its share.
    """
    width, count = min(_STRIP_PX, clip.frames.shape[2]), len(clip.frames)
    strip = Image.new("RGB", (count * width, width))
    for i, frame in enumerate(clip.frames):
        strip.paste(Image.fromarray(frame).resize((width, width)), (i * width, 0))
    buffer = io.BytesIO()
    strip.save(buffer, "JPEG", quality=88, subsampling=0)
    cells = "".join(
        f"<svg x='{100 * i / count}%' width='{100 / count}%' height='100%' "
        f"viewBox='{i * width - 1} 0 {width + 2} {width}'>"
        f"<svg x='{i * width}' width='{width}' height='{width}' "
        f"viewBox='{i * width} 0 {width} {width}'><use href='#strip'/></svg></svg>"
        for i in range(count)
    )
    drawing = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='100%' height='100%'><defs>"
        f"<image id='strip' width='{count * width}' height='{width}' "
        f"href='{_uri('jpeg', buffer.getvalue())}'/></defs>{cells}</svg>"
    )
    return {
        "source": _uri("svg+xml", drawing.encode()),
        "xanchor": "left",
        "yanchor": "middle",
        "sizing": "stretch",
    }


def frame_images(clip: Clip, axis: str) -> list[dict[str, Any]]:
    """Layout images: frame i at x = i, y from 0 to 1, of the axes `x{axis}` and `y{axis}`."""
    return [
        {
            "source": data_uri(frame),
            "xref": f"x{axis}",
            "yref": f"y{axis}",
            "x": i,
            "y": 0.5,
            "sizex": 0.97,
            "sizey": 1,
            "xanchor": "center",
            "yanchor": "middle",
            "sizing": "contain",
        }
        for i, frame in enumerate(clip.frames)
    ]


def frame_ticks(clip: Clip) -> list[str]:
    """Labels for the frames of a view: their numbers and, where there is room, their seconds."""
    numbers = [str(i + 1) for i in range(len(clip.frames))]
    if len(numbers) > 8:
        return numbers
    return [f"{n}<br>{time:.1f} s" for n, time in zip(numbers, clip.times_s, strict=True)]


def film_strip(clip: Clip) -> go.Figure:
    """The frames in the order in which the network sees them, and where they lie in the video.

    The lower axis is the whole video in seconds; a line leads from each frame to its moment. The
    true event, where it is known, is the orange band.
    """
    count = len(clip.frames)
    end = max(clip.duration_s, float(clip.times_s.max()))
    figure = go.Figure()
    figure.add_scatter(
        x=clip.times_s,
        y=np.zeros(count),
        xaxis="x2",
        yaxis="y2",
        mode="markers",
        marker={"size": 9, "color": theme.QUIET, "line": {"width": 1, "color": "white"}},
        customdata=np.stack([np.arange(1, count + 1), clip.frame_indices], axis=1),
        hovertemplate=(
            "frame %{customdata[0]} of the view<br>frame %{customdata[1]} of the video"
            "<br>%{x:.2f} s<extra></extra>"
        ),
    )
    leads = [
        _lead((i + 0.5) / count, float(time) / end if end else 0.0)
        for i, time in enumerate(clip.times_s)
    ]
    event = None if clip.truth is None else clip.truth.event_s
    figure.layout.images = frame_images(clip, "")
    figure.layout.shapes = leads if event is None else [*leads, _event(*event)]
    _lay_out(figure, clip, end)
    if event is not None:
        words = f"time in the video (s); orange: the event, {event[0]:.1f} to {event[1]:.1f} s"
        figure.update_layout(xaxis2={"title": words})
    theme.finish(figure, 290)
    return figure.update_layout(margin={"l": 10, "r": 10, "t": 44, "b": 44})


def _lead(frame: float, moment: float) -> dict[str, Any]:
    """A line from a frame down to its moment; both as shares of the width."""
    return {
        "type": "line",
        "xref": "paper",
        "yref": "paper",
        "x0": frame,
        "x1": moment,
        "y0": 0.30,
        "y1": 0.10,
        "line": {"width": 1, "color": theme.QUIET},
    }


def _event(start_s: float, stop_s: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x2",
        "yref": "paper",
        "x0": start_s,
        "x1": stop_s,
        "y0": 0,
        "y1": 0.13,
        "fillcolor": theme.EVENT_FILL,
        "line": {"width": 1, "color": theme.EVENT},
    }


def _lay_out(figure: go.Figure, clip: Clip, end_s: float) -> None:
    """Frames above, the video's time axis below."""
    count = len(clip.frames)
    hidden = {"visible": False, "fixedrange": True}
    figure.update_layout(
        xaxis={
            "range": [-0.5, count - 0.5],
            "tickvals": list(range(count)),
            "ticktext": frame_ticks(clip),
            "showgrid": False,
            "zeroline": False,
            "side": "top",
            "anchor": "y",
            "fixedrange": True,
        },
        yaxis={**hidden, "range": [0, 1], "domain": [0.32, 1]},
        xaxis2={
            "range": [0, end_s],
            "title": "time in the video (s)",
            "anchor": "y2",
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis2={**hidden, "range": [-1, 1], "domain": [0, 0.13]},
    )
