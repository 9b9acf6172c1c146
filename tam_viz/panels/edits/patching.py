"""The panel on whether the features before TAM already lack what the answer needs."""

from __future__ import annotations

from tam_viz.analysis.edits.contrasts import Subject
from tam_viz.analysis.edits.patching import PATCHED, Patched, describe_patches, patch_table
from tam_viz.panels.panel import Panel
from tam_viz.plots.edits import patching as plots


def patching(
    patched: Patched, null: Patched | None, subject: Subject, names: tuple[str, str | None]
) -> Panel:
    """The effect of giving one block of the clip the donor's V and Θ, or its features.

    Args:
        patched: Patched from the donor.
        null: Patched from a clip of a class that is neither the true one nor the answer; None
            where there is none.
        subject: The class that is spoken of.
        names: The donor and the null donor.
    """
    beside = ""
    if null is not None:
        beside = (
            f" Grey is the null donor, '{names[1]}', of another class: a repair that any donor "
            "makes is no repair."
        )
    return Panel(
        title="Is the evidence already missing before TAM?",
        see=f"One block at a time is given V and Θ, the input x, or all three of '{names[0]}'. "
        f"Above 0 the prediction moves towards '{subject.name}'; dashed: how far the donor is from "
        "the clip.",
        how="x is the input of TAM in the block. Where only x is patched, V and Θ stay those of "
        f"the clip, and so does the shortcut around the block.{beside}",
        figure=plots.patching(
            patched.blocks,
            {what: patched.change(what, subject) for what in PATCHED},
            {} if null is None else {what: null.change(what, subject) for what in PATCHED},
            float(subject.score(patched.donor) - subject.score(patched.own)),
            subject.kind,
        ),
        says=describe_patches(patched, null, subject),
        table=patch_table(patched, null, subject),
    )
