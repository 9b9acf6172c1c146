"""The panel on whether a kernel is usual."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tam_viz.analysis.tam import usual as analysis
from tam_viz.analysis.tam.kernels import TAPS, shares
from tam_viz.analysis.tam.usual import Usual
from tam_viz.panels.panel import Panel
from tam_viz.panels.tam.kernel_study import KernelStudy
from tam_viz.plots.tam import usual as plots


def kernel(study: KernelStudy, usual: Usual) -> Panel:
    """The chosen channel's kernel among those on many clips."""
    here = shares(study.trace[study.block].kernel)[study.channel]
    rows = np.concatenate([here[None], usual.shares])
    index = [study.name, *(f"clip {number}" for number in range(1, len(usual.shares) + 1))]
    return Panel(
        title=f"Is this kernel usual? Channel {study.channel} of {study.block}",
        see=f"Diamonds: this clip. Dots: one for each of {usual.over}. A diamond outside its dots "
        "is a kernel that this channel rarely makes.",
        how="The dots of a clip stand at the same height in all three rows. Open circles are "
        "clips of the same class, where classes are known.",
        figure=plots.among(usual.shares, usual.same, here, usual.over, study.name),
        says=analysis.describe_kernel(usual, here, study.channel),
        table=pd.DataFrame(rows, columns=list(TAPS), index=pd.Index(index, name="clip")),
    )
