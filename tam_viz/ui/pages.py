"""The table of the pages: the menu, *Start here*, the README, tests and benchmarks read it.

A new page is a file in `pages/` and a row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page of the app.

    Attributes:
        file: Its path from the folder of `app.py`; the number in front orders the files only.
        title: Its name in the menu.
        question: What it answers.
        figures: How many figures it shows as it opens.
        network: Whether it runs the chosen network.
        block: Whether its figures follow the chosen block.
        channel: Whether its figures follow the chosen channel.
    """

    file: str
    title: str
    question: str
    figures: int
    network: bool = True
    block: bool = True
    channel: bool = True

    @property
    def path(self) -> str:
        """Its path in an address; empty for the first page."""
        return "" if self.file == "app.py" else self.title.replace(" ", "_")


PAGES = (
    Page(
        "app.py",
        "Start here",
        "What is TAM, in one picture of this clip's own numbers?",
        figures=2,
    ),
    Page(
        "pages/1_Watch_a_clip.py",
        "Watch a clip",
        "What happens in the clip, which frames does each network see, and which is correct?",
        figures=3,
        block=False,
        channel=False,
    ),
    Page(
        "pages/2_Importance_maps.py",
        "Importance maps",
        "Which frames does each channel of a TAM block pass on?",
        figures=4,
    ),
    Page(
        "pages/3_Adaptive_kernels.py",
        "Adaptive kernels",
        "What weight does each channel give to the past, present and future, and does that adapt "
        "to the clip?",
        figures=4,
    ),
    Page(
        "pages/4_How_TAM_works.py",
        "How TAM works",
        "How does a TAM block compute its output? A lesson in steps with the numbers of the "
        "chosen clip.",
        figures=1,
    ),
    Page(
        "pages/5_Intervene.py",
        "Intervene",
        "How does the prediction change when V or Θ does, and which block decides it?",
        figures=6,
    ),
    Page(
        "pages/6_Attribution.py",
        "Attribution",
        "Which frames, and what in them, does a prediction depend on?",
        figures=3,
        block=False,
        channel=False,
    ),
    Page(
        "pages/7_Compare_models.py",
        "Compare models",
        "What do TANet and the baselines do with time, and which is more accurate?",
        figures=3,
        channel=False,
    ),
    Page(
        "pages/8_Export.py",
        "Export",
        "How do you save this view as one file, and open a saved one?",
        figures=0,
        block=False,
        channel=False,
    ),
    Page(
        "pages/9_Models.py",
        "Models",
        "Which networks are installed, and how are published weights added?",
        figures=0,
        network=False,
        block=False,
        channel=False,
    ),
    Page(
        "pages/10_Failures.py",
        "Failures",
        "Over a whole dataset, which clips fail, and what do they have in common?",
        figures=1,
        network=False,
        block=False,
        channel=False,
    ),
)
"""All pages in the order of the menu."""

_BY_TITLE: Mapping[str, Page] = {page.title: page for page in PAGES}


def titled(title: str) -> Page:
    """The page of a title, with spaces or underscores."""
    return _BY_TITLE[title.replace("_", " ")]


def markdown_table() -> str:
    """The pages as the README lists them."""
    rows = [f"| {page.title} | {page.question} |" for page in PAGES]
    return "\n".join(["| page | question |", "|---|---|", *rows])
