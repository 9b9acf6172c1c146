"""The frame of a page is there before anything heavy is loaded."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tam_viz.ui.pages import PAGES

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "torchvision", "captum", "sklearn", "scipy.stats", "kaleido", "decord"}


SHOWN = f"sorted({HEAVY!r} & set(sys.modules))"


def imports(page: str) -> list[str]:
    """The import statements at the head of a page."""
    tree = ast.parse((ROOT / page).read_text(encoding="utf-8"))
    found = [ast.unparse(n) for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    return [line for line in found if "__future__" not in line]


def test_the_imports_of_the_pages_load_nothing_heavy() -> None:
    code = ["import sys"]
    for page in PAGES:
        lines = imports(page.file)
        assert any("tam_viz.ui.page" in line for line in lines), page
        code += [*lines, f"print({page.title!r}, {SHOWN})"]
    command = [sys.executable, "-c", "\n".join(code)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{page.title} []" for page in PAGES]
