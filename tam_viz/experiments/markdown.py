"""Tables as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of texts as Markdown; columns may have the same name.

    Args:
        columns: The heading of each.
        rows: A text for each column.
    """
    return pd.DataFrame(rows, columns=list(columns)).to_markdown(index=False, disable_numparse=True)
