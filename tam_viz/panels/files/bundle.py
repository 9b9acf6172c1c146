"""Many panels as files: what lies in a finding for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tam_viz.panels.files import export
from tam_viz.panels.files.report import html_report
from tam_viz.panels.panel import Panel
from tam_viz.types import Step, Steps, UserError


@dataclass(frozen=True, eq=False)
class Bundle:
    """Files, and what is missing among them.

    Attributes:
        files: By name, folders and all.
        notes: Sentences on what could not be made.
    """

    files: dict[str, bytes]
    notes: tuple[str, ...]


def bundle(
    title: str,
    notices: Sequence[str],
    panels: Sequence[Panel],
    *,
    drawn: bool = True,
    note: str = "",
) -> Steps[Bundle]:
    """Every picture as HTML, PNG and SVG, every table as CSV, and all of it as one report.

    One Chrome draws all pictures; where there is none, HTML has to do. A step is a panel.

    Args:
        title: Heading of the report.
        notices: Sentences above its panels.
        panels: What to write, in order.
        drawn: Whether to make PNG and SVG.
        note: Of its maker, for the report.
    """
    files = {"report.html": html_report(title, notices, panels, note).encode()}
    files["pictures/plotly.min.js"] = export.PLOTLY_JS.read_bytes()
    notes: list[str] = []
    with ExitStack() as stack:
        draw = None
        try:
            draw = stack.enter_context(export.drawing()) if drawn else None
        except UserError as error:
            notes.append(str(error))
        for number, panel in enumerate(panels, start=1):
            name = f"{number:02d}-{export.file_name(panel, '')}"
            files[f"tables/{name}csv"] = export.csv(panel)
            files[f"pictures/{name}html"] = export.html(panel, alone=False)
            if draw is not None:
                files[f"pictures/{name}png"] = draw(panel, "png")
                files[f"pictures/{name}svg"] = draw(panel, "svg")
            last = number == len(panels)
            yield Step(number, len(panels), Bundle(files, tuple(notes)) if last else None)
