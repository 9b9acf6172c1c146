"""Where the files that come with the program are, and where new ones go.

In a checkout, pages and checkpoints lie beside the package. A wheel carries them inside it, in
`tam_viz/_shipped` (see `hatch_build.py`).
"""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSIDE = _PACKAGE / "_shipped"
INSTALLED = _INSIDE.is_dir()
"""Whether the program runs from a wheel, not from a checkout."""
ROOT = _INSIDE if INSTALLED else _PACKAGE.parent
APP, PAGES, CHECKPOINTS = ROOT / "app.py", ROOT / "pages", ROOT / "checkpoints"


def new_checkpoints() -> Path:
    """The folder for checkpoints that are trained, imported or downloaded.

    In a checkout that of the project. An installed program keeps them in the user's data folder,
    since an upgrade replaces everything inside the package.
    """
    if not INSTALLED:
        return CHECKPOINTS
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "tam_viz" / "checkpoints"
